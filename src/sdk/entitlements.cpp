#include "sdk/entitlements.hpp"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"
#include "c1/connector/v2/annotation_exclusion_group.pb.h"
#include "sdk/annotations.hpp"

namespace baton::sdk {

namespace v2 = c1::connector::v2;

void append_entitlement_id(std::string& target, ResourceRef resource, std::string_view slug) {
  target.reserve(target.size() + resource.type.size() + resource.id.size() + slug.size() + 2);
  target.append(resource.type).append(1, ':').append(resource.id).append(1, ':').append(slug);
}

std::string entitlement_id(ResourceRef resource, std::string_view slug) {
  std::string id;
  append_entitlement_id(id, resource, slug);
  return id;
}

absl::StatusOr<Purpose> parse_purpose(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (lower == "assignment") return v2::Entitlement::PURPOSE_VALUE_ASSIGNMENT;
  if (lower == "permission") return v2::Entitlement::PURPOSE_VALUE_PERMISSION;
  if (lower == "ownership") return v2::Entitlement::PURPOSE_VALUE_OWNERSHIP;
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", scrub(text, 64), "\" is not a purpose; known are assignment, permission, ownership"));
}

void fill_entitlement(v2::Entitlement& row, ResourceRef resource, std::string_view name, Purpose purpose) {
  row.mutable_id()->clear();
  append_entitlement_id(*row.mutable_id(), resource, name);
  row.mutable_display_name()->assign(name);
  row.mutable_slug()->assign(name);
  row.set_purpose(purpose);
  fill_resource_id(*row.mutable_resource()->mutable_id(), resource);
}

void fill_entitlement(v2::Entitlement& row, const v2::Resource& resource, std::string_view name,
                      Purpose purpose) {
  fill_entitlement(row, ResourceRef(resource.id()), name, purpose);
  *row.mutable_resource() = resource;
}

void set_display_name(v2::Entitlement& row, std::string_view display_name) {
  row.mutable_display_name()->assign(display_name);
}

void set_description(v2::Entitlement& row, std::string_view description) {
  row.mutable_description()->assign(description);
}

void set_slug(v2::Entitlement& row, std::string_view slug) {
  row.mutable_slug()->assign(slug);
}

void set_exclusion_group(v2::Entitlement& row, const ExclusionGroup& group) {
  v2::EntitlementExclusionGroup annotation;
  annotation.mutable_exclusion_group_id()->assign(group.id);
  annotation.set_order(group.order);
  annotation.set_is_default(group.is_default);
  annotation.set_scope_to_resource(group.scope_to_resource);
  update_annotation(*row.mutable_annotations(), annotation);
}

}  // namespace baton::sdk
