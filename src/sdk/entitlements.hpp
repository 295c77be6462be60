#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "sdk/resources.hpp"

/// Entitlements, filled in place on a page's row. Each comes in two forms: with the whole resource embedded,
/// as upstream does, or with its id only, which is what a connector with many rows uses.
namespace baton::sdk {

/// The public id: `<type>:<resource id>:<slug>`, nothing escaped. Ambiguous when a part holds a colon; never
/// parse it.
std::string entitlement_id(ResourceRef resource, std::string_view slug);
/// The same, appended.
void append_entitlement_id(std::string& target, ResourceRef resource, std::string_view slug);

using Purpose = c1::connector::v2::Entitlement::PurposeValue;

/// "assignment", "permission" or "ownership", in any case; InvalidArgument otherwise.
absl::StatusOr<Purpose> parse_purpose(std::string_view text);

/// Sets id, display name, slug (both the name), purpose and resource.
void fill_entitlement(c1::connector::v2::Entitlement& row, const c1::connector::v2::Resource& resource,
                      std::string_view name, Purpose purpose);
void fill_entitlement(c1::connector::v2::Entitlement& row, ResourceRef resource, std::string_view name,
                      Purpose purpose);

/// Membership and the like: a principal is put into the resource.
template <class ResourceOrRef>
void fill_assignment(c1::connector::v2::Entitlement& row, const ResourceOrRef& resource,
                     std::string_view name) {
  fill_entitlement(row, resource, name, c1::connector::v2::Entitlement::PURPOSE_VALUE_ASSIGNMENT);
}
/// A right on the resource.
template <class ResourceOrRef>
void fill_permission(c1::connector::v2::Entitlement& row, const ResourceOrRef& resource,
                     std::string_view name) {
  fill_entitlement(row, resource, name, c1::connector::v2::Entitlement::PURPOSE_VALUE_PERMISSION);
}
/// The resource belongs to the principal.
template <class ResourceOrRef>
void fill_ownership(c1::connector::v2::Entitlement& row, const ResourceOrRef& resource,
                    std::string_view name) {
  fill_entitlement(row, resource, name, c1::connector::v2::Entitlement::PURPOSE_VALUE_OWNERSHIP);
}

/// The same as a value.
template <class ResourceOrRef>
c1::connector::v2::Entitlement make_entitlement(const ResourceOrRef& resource, std::string_view name,
                                                Purpose purpose) {
  c1::connector::v2::Entitlement entitlement;
  fill_entitlement(entitlement, resource, name, purpose);
  return entitlement;
}
template <class ResourceOrRef>
c1::connector::v2::Entitlement make_assignment(const ResourceOrRef& resource, std::string_view name) {
  return make_entitlement(resource, name, c1::connector::v2::Entitlement::PURPOSE_VALUE_ASSIGNMENT);
}
template <class ResourceOrRef>
c1::connector::v2::Entitlement make_permission(const ResourceOrRef& resource, std::string_view name) {
  return make_entitlement(resource, name, c1::connector::v2::Entitlement::PURPOSE_VALUE_PERMISSION);
}
template <class ResourceOrRef>
c1::connector::v2::Entitlement make_ownership(const ResourceOrRef& resource, std::string_view name) {
  return make_entitlement(resource, name, c1::connector::v2::Entitlement::PURPOSE_VALUE_OWNERSHIP);
}

/// What else can be said about an entitlement. The slug does not change the id.
void set_display_name(c1::connector::v2::Entitlement& row, std::string_view display_name);
void set_description(c1::connector::v2::Entitlement& row, std::string_view description);
void set_slug(c1::connector::v2::Entitlement& row, std::string_view slug);

/// The types of principals that can hold it; adds to those named before.
template <class... Types>
void add_grantable_to(c1::connector::v2::Entitlement& row, const Types&... types) {
  ((*row.add_grantable_to() = types), ...);
}

/// Where an entitlement stands among mutually exclusive ones.
class ExclusionGroup {
 public:
  explicit ExclusionGroup(std::string_view group_id, std::uint32_t rank = 0) : id(group_id), order(rank) {}

  std::string_view id;
  /// Rank inside the group.
  std::uint32_t order = 0;
  /// Held when no other of the group is.
  bool is_default = false;
  /// For static entitlements: one group for each resource instead of one for the type.
  bool scope_to_resource = false;
};
/// An entitlement is in one group: a second call replaces the first.
void set_exclusion_group(c1::connector::v2::Entitlement& row, const ExclusionGroup& group);

}  // namespace baton::sdk
