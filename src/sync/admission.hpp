#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "baton/store/v1/plan.pb.h"
#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "sync/options.hpp"
#include "sync/plan.hpp"
#include "sync/type_catalog.hpp"

namespace baton::sync {

/// What does not change while pages come in. Immutable, shared by all pages.
class AdmissionRules {
 public:
  AdmissionRules() = default;
  AdmissionRules(SyncOptions options, std::shared_ptr<const TypeCatalog> catalog)
      : options(std::move(options)), catalog(std::move(catalog)) {}

  SyncOptions options;
  /// Null until the phase of the resource types is over.
  std::shared_ptr<const TypeCatalog> catalog;
};

/// The rows of one page that the run takes, the work they mean, and what was left out. Rows point into the
/// page.
template <class Row>
class Admitted {
 public:
  Admitted() = default;

  std::vector<const Row*> rows;
  /// Resources that grants of the page carry with them (InsertResourceGrants).
  std::vector<const c1::connector::v2::Resource*> inserted_resources;
  std::vector<Cursor> planned;
  std::uint64_t skipped_invalid = 0;
  std::uint64_t dropped_by_filter = 0;
  std::uint64_t expansions_dropped = 0;
  /// Resource types taken out of expandable descriptions.
  std::uint64_t expansion_types_dropped = 0;
  /// Resources that grants brought with them, left out for their type.
  std::uint64_t grant_resources_dropped = 0;
  /// Grants whose principal stands for external resources.
  std::uint64_t external_matches = 0;
};

/// Validation and filtering of connector output, and planning of the work that it discovers: rules of the
/// sync specification, "Validation and filtering of connector output" and "Phase reference".
///
/// Incomplete rows are skipped and counted; references into types that the run does not have are dropped and
/// counted; what proves a broken connector is Internal (or FailedPrecondition for a grant without identity)
/// and names the row. Pure; a page may be changed in place (annotations that the rules remove).
absl::StatusOr<Admitted<c1::connector::v2::ResourceType>> admit_resource_types(
    const AdmissionRules& rules, const Cursor& cursor,
    google::protobuf::RepeatedPtrField<c1::connector::v2::ResourceType>& page);

absl::StatusOr<Admitted<c1::connector::v2::Resource>> admit_resources(
    const AdmissionRules& rules, const Cursor& cursor,
    google::protobuf::RepeatedPtrField<c1::connector::v2::Resource>& page);

absl::StatusOr<Admitted<c1::connector::v2::Entitlement>> admit_entitlements(
    const AdmissionRules& rules, const Cursor& cursor,
    google::protobuf::RepeatedPtrField<c1::connector::v2::Entitlement>& page);

/// `insert_resources`: the response carried InsertResourceGrants.
absl::StatusOr<Admitted<c1::connector::v2::Grant>> admit_grants(
    const AdmissionRules& rules, const Cursor& cursor, bool insert_resources,
    google::protobuf::RepeatedPtrField<c1::connector::v2::Grant>& page);

/// The one resource that a targeted cursor fetched; `page` holds it alone.
absl::StatusOr<Admitted<c1::connector::v2::Resource>> admit_target(
    const AdmissionRules& rules, const Cursor& cursor,
    google::protobuf::RepeatedPtrField<c1::connector::v2::Resource>& page);

/// The templates of a page of static entitlements.
absl::StatusOr<std::vector<c1::connector::v2::Entitlement>> admit_templates(
    const Cursor& cursor, google::protobuf::RepeatedPtrField<c1::connector::v2::Entitlement>& page);

/// The work that the root of the static entitlements plans for the types a connector lists.
std::vector<Cursor> plan_static_entitlements(
    const google::protobuf::RepeatedPtrField<c1::connector::v2::ResourceType>& types);

/// The type-scoped cursors that a complete catalog calls for.
std::vector<Cursor> plan_type_scoped(const SyncOptions& options, const TypeCatalog& catalog);

/// InvalidArgument naming the entry when the type filter names a type that the connector does not have.
absl::Status check_type_filter(const SyncOptions& options, const TypeCatalog& catalog);

}  // namespace baton::sync
