#include "sync/admission.hpp"

#include <set>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "c1/connector/v2/annotation_baton_id.pb.h"
#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "sync/annotation.hpp"
#include "sync/text.hpp"

namespace baton::sync {
namespace {

namespace v2 = c1::connector::v2;

/// A usable id: present, within the protocol's limit, text that protobuf can carry.
bool good_id(const std::string& id) {
  return !id.empty() && id.size() <= limits::kIdBytes && is_valid_utf8(id);
}

bool complete(const v2::ResourceId& id) {
  return good_id(id.resource_type()) && good_id(id.resource());
}

std::string name_of(const v2::ResourceId& id) {
  return absl::StrCat(id.resource_type(), "/", id.resource());
}

absl::Status too_deep(const Cursor& cursor, std::string_view what, const std::string& id) {
  return absl::InternalError(
      absl::StrCat(describe(cursor), ": ", std::string(what), " ", id, " is nested too deeply to be stored"));
}

absl::Status reserved_annotation(const Cursor& cursor, const v2::ResourceId& id) {
  return absl::InternalError(
      absl::StrCat(describe(cursor), ": resource ", name_of(id), " carries the reserved annotation BatonID"));
}

bool is_about(const Cursor& cursor, const v2::ResourceId& id) {
  return id.resource_type() == cursor.resource_type_id() && id.resource() == cursor.resource_id();
}

bool is_synced(const AdmissionRules& rules, const std::string& type_id) {
  return rules.catalog->find(type_id) != nullptr || rules.options.external_types.contains(type_id);
}

/// Whether a reference into this type stands. An empty id is left to the structural rules; a sync that does
/// not read everything judges no references.
bool known_type(const AdmissionRules& rules, const std::string& type_id) {
  return type_id.empty() || !rules.options.is_full() || is_synced(rules, type_id);
}

bool has_external_match(const Annotations& annotations) {
  return has_annotation<v2::ExternalResourceMatch>(annotations) ||
         has_annotation<v2::ExternalResourceMatchAll>(annotations) ||
         has_annotation<v2::ExternalResourceMatchID>(annotations);
}

/// Takes types that the run does not have out of a grant's expandable description. An emptied list would mean
/// "everyone", so the description goes then.
void filter_expandable(const AdmissionRules& rules, Annotations& annotations, Admitted<v2::Grant>& admitted) {
  for (google::protobuf::Any& any : annotations) {
    if (!is_annotation(any, v2::GrantExpandable::descriptor()->full_name())) continue;
    v2::GrantExpandable expandable;
    if (!expandable.ParseFromString(any.value()) || expandable.resource_type_ids().empty()) return;
    v2::GrantExpandable kept = expandable;
    kept.clear_resource_type_ids();
    for (const std::string& id : expandable.resource_type_ids()) {
      if (known_type(rules, id)) kept.add_resource_type_ids(id);
    }
    if (kept.resource_type_ids_size() == expandable.resource_type_ids_size()) return;
    admitted.expansion_types_dropped +=
        static_cast<std::uint64_t>(expandable.resource_type_ids_size() - kept.resource_type_ids_size());
    if (kept.resource_type_ids().empty()) {
      remove_annotations(annotations, v2::GrantExpandable::descriptor()->full_name());
      ++admitted.expansions_dropped;
      return;
    }
    any.set_value(kept.SerializeAsString());
    return;
  }
}

absl::Status check_traits(const Cursor& cursor, const TypeEntry& type, const v2::Resource& row) {
  for (const std::string& trait : type.required_traits) {
    if (find_annotation(row.annotations(), trait) != nullptr) continue;
    return absl::InternalError(absl::StrCat(describe(cursor), ": resource ", name_of(row.id()),
                                            " was missing expected trait ",
                                            trait.substr(trait.rfind('.') + 1), " of its type"));
  }
  return absl::OkStatus();
}

/// `own_lists`: its entitlements and grants are read, too, not only what lies below it.
void plan_resource(const AdmissionRules& rules, const TypeEntry& type, const v2::Resource& row,
                   bool own_lists, std::vector<Cursor>& planned) {
  bool skip_entitlements = type.skip_entitlements;
  bool skip_grants = type.skip_grants;
  for (const google::protobuf::Any& any : row.annotations()) {
    if (is_annotation(any, v2::ChildResourceType::descriptor()->full_name())) {
      v2::ChildResourceType child;
      if (child.ParseFromString(any.value()) && !child.resource_type_id().empty() &&
          rules.options.wants_type(child.resource_type_id())) {
        planned.push_back(child_cursor(child.resource_type_id(), row.id()));
      }
    } else if (is_annotation(any, v2::SkipEntitlementsAndGrants::descriptor()->full_name())) {
      skip_entitlements = skip_grants = true;
    } else if (is_annotation(any, v2::SkipEntitlements::descriptor()->full_name())) {
      skip_entitlements = true;
    } else if (is_annotation(any, v2::SkipGrants::descriptor()->full_name())) {
      skip_grants = true;
    }
  }
  if (rules.options.skip_entitlements_and_grants || !own_lists) return;
  if (!skip_entitlements && !type.type_scoped_entitlements) {
    planned.push_back(resource_cursor(Operation::kListEntitlements, row.id(), type.independent));
  }
  if (!skip_grants && !rules.options.skip_grants && !type.type_scoped_grants) {
    planned.push_back(resource_cursor(Operation::kListGrants, row.id(), type.independent));
  }
}

}  // namespace

absl::StatusOr<Admitted<v2::ResourceType>> admit_resource_types(
    const AdmissionRules& rules, const Cursor& /*cursor*/,
    google::protobuf::RepeatedPtrField<v2::ResourceType>& page) {
  Admitted<v2::ResourceType> admitted;
  for (v2::ResourceType& row : page) {
    if (!good_id(row.id())) {
      ++admitted.skipped_invalid;
      continue;
    }
    if (!rules.options.wants_type(row.id())) {
      ++admitted.dropped_by_filter;
      continue;
    }
    repair_texts(row);
    if (!rules.options.targeted) {
      admitted.planned.push_back(type_cursor(Operation::kListResources, row.id()));
    }
    admitted.rows.push_back(&row);
  }
  return admitted;
}

namespace {

absl::StatusOr<Admitted<v2::Resource>> admit_resource_rows(
    const AdmissionRules& rules, const Cursor& cursor, bool own_lists,
    google::protobuf::RepeatedPtrField<v2::Resource>& page) {
  Admitted<v2::Resource> admitted;
  admitted.rows.reserve(static_cast<std::size_t>(page.size()));
  for (v2::Resource& row : page) {
    if (!complete(row.id())) {
      ++admitted.skipped_invalid;
      continue;
    }
    const TypeEntry* type = rules.catalog->find(row.id().resource_type());
    if (type == nullptr) {
      return absl::InternalError(absl::StrCat(describe(cursor), ": resource ", name_of(row.id()),
                                              " has a resource type that this sync does not have"));
    }
    if (has_annotation<v2::BatonID>(row.annotations())) return reserved_annotation(cursor, row.id());
    if (absl::Status traits = check_traits(cursor, *type, row); !traits.ok()) return traits;
    if (!repair_texts(row)) return too_deep(cursor, "resource", name_of(row.id()));
    plan_resource(rules, *type, row, own_lists, admitted.planned);
    admitted.rows.push_back(&row);
  }
  return admitted;
}

}  // namespace

absl::StatusOr<Admitted<v2::Resource>> admit_resources(
    const AdmissionRules& rules, const Cursor& cursor,
    google::protobuf::RepeatedPtrField<v2::Resource>& page) {
  // What lies below a target comes as rows only, as upstream has it.
  return admit_resource_rows(rules, cursor, !rules.options.targeted, page);
}

absl::StatusOr<Admitted<v2::Resource>> admit_target(const AdmissionRules& rules, const Cursor& cursor,
                                                    google::protobuf::RepeatedPtrField<v2::Resource>& page) {
  const bool own_lists = operation_of(cursor) == Operation::kTargetedResource;
  if (!own_lists) {
    // A related resource is a row and nothing more; of a type that the run has not it is not even that.
    for (const v2::Resource& row : page) {
      if (rules.catalog->find(row.id().resource_type()) != nullptr) continue;
      Admitted<v2::Resource> nothing;
      nothing.grant_resources_dropped = 1;
      return nothing;
    }
  }
  auto admitted = admit_resource_rows(rules, cursor, own_lists, page);
  if (admitted.ok() && !own_lists) admitted->planned.clear();
  return admitted;
}

absl::StatusOr<Admitted<v2::Entitlement>> admit_entitlements(
    const AdmissionRules& rules, const Cursor& cursor,
    google::protobuf::RepeatedPtrField<v2::Entitlement>& page) {
  Admitted<v2::Entitlement> admitted;
  admitted.rows.reserve(static_cast<std::size_t>(page.size()));
  for (v2::Entitlement& row : page) {
    if (!known_type(rules, row.resource().id().resource_type())) {
      ++admitted.dropped_by_filter;
      continue;
    }
    if (!good_id(row.id()) || !complete(row.resource().id())) {
      ++admitted.skipped_invalid;
      continue;
    }
    if (has_annotation<v2::BatonID>(row.resource().annotations())) {
      return reserved_annotation(cursor, row.resource().id());
    }
    if (!repair_texts(row)) return too_deep(cursor, "entitlement", row.id());
    admitted.rows.push_back(&row);
  }
  return admitted;
}

absl::StatusOr<Admitted<v2::Grant>> admit_grants(const AdmissionRules& rules, const Cursor& cursor,
                                                 bool insert_resources,
                                                 google::protobuf::RepeatedPtrField<v2::Grant>& page) {
  Admitted<v2::Grant> admitted;
  admitted.rows.reserve(static_cast<std::size_t>(page.size()));
  std::set<std::string> related;
  for (v2::Grant& row : page) {
    const v2::Resource& resource = row.entitlement().resource();
    bool insert_resource = insert_resources;
    if (insert_resources) {
      if (!complete(resource.id())) {
        ++admitted.skipped_invalid;
        continue;
      }
      if (has_annotation<v2::BatonID>(resource.annotations()))
        return reserved_annotation(cursor, resource.id());
      row.add_annotations()->PackFrom(v2::InsertResourceGrants());
      if (!is_synced(rules, resource.id().resource_type())) {
        // The resource stays away; whether the grant does is the filter's business.
        insert_resource = false;
        ++admitted.grant_resources_dropped;
      }
    }
    const bool external = !row.annotations().empty() && has_external_match(row.annotations());
    if (!known_type(rules, resource.id().resource_type()) ||
        (!external && !known_type(rules, row.principal().id().resource_type()))) {
      ++admitted.dropped_by_filter;
      continue;
    }
    if (external) {
      ++admitted.external_matches;
    } else if (!row.annotations().empty() && rules.options.is_full()) {
      filter_expandable(rules, *row.mutable_annotations(), admitted);
    }
    if (!good_id(row.entitlement().id()) || !complete(resource.id()) || !complete(row.principal().id())) {
      return absl::FailedPreconditionError(absl::StrCat(
          describe(cursor), ": grant \"", sanitize_utf8(truncate_utf8(row.id(), limits::kErrorExcerptBytes)),
          "\" has no complete identity; entitlement, its resource and the principal need ids of 1 to ",
          limits::kIdBytes, " bytes"));
    }
    if (!repair_texts(row)) return too_deep(cursor, "grant of", row.entitlement().id());
    if (insert_resource) admitted.inserted_resources.push_back(&resource);
    if (rules.options.targeted && !insert_resource && !is_about(cursor, resource.id()) &&
        related.insert(name_of(resource.id())).second) {
      admitted.planned.push_back(related_cursor(resource));
    }
    admitted.rows.push_back(&row);
  }
  return admitted;
}

absl::StatusOr<std::vector<v2::Entitlement>> admit_templates(
    const Cursor& cursor, google::protobuf::RepeatedPtrField<v2::Entitlement>& page) {
  std::vector<v2::Entitlement> templates;
  templates.reserve(static_cast<std::size_t>(page.size()));
  for (v2::Entitlement& row : page) {
    if (!repair_texts(row)) return too_deep(cursor, "static entitlement", row.slug());
    templates.push_back(row);
  }
  return templates;
}

std::vector<Cursor> plan_static_entitlements(
    const google::protobuf::RepeatedPtrField<v2::ResourceType>& types) {
  std::vector<Cursor> planned;
  for (const v2::ResourceType& type : types) {
    if (good_id(type.id())) planned.push_back(type_cursor(Operation::kListStaticEntitlements, type.id()));
  }
  return planned;
}

std::vector<Cursor> plan_type_scoped(const SyncOptions& options, const TypeCatalog& catalog) {
  std::vector<Cursor> planned;
  if (options.skip_entitlements_and_grants || options.targeted) return planned;
  const auto add = [&planned](Operation operation, const std::string& type) {
    planned.push_back(type_cursor(operation, type));
    planned.back().set_type_scoped(true);
  };
  for (const auto& [id, entry] : catalog.entries()) {
    if (entry.type_scoped_entitlements) add(Operation::kListEntitlements, id);
    if (entry.type_scoped_grants && !options.skip_grants) add(Operation::kListGrants, id);
  }
  return planned;
}

absl::Status check_type_filter(const SyncOptions& options, const TypeCatalog& catalog) {
  for (const std::string& id : options.resource_types) {
    if (catalog.find(id) == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("invalid resource type '", id, "' in filter: the connector does not list it"));
    }
  }
  return absl::OkStatus();
}

}  // namespace baton::sync
