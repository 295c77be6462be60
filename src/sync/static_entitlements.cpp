#include "sync/static_entitlements.hpp"

#include "absl/strings/str_cat.h"
#include "c1/connector/v2/annotation_exclusion_group.pb.h"
#include "sync/annotation.hpp"

namespace baton::sync {

namespace v2 = c1::connector::v2;

v2::Entitlement materialise(const v2::Entitlement& entitlement_template, const v2::Resource& resource) {
  v2::Entitlement row = entitlement_template;
  const v2::ResourceId& id = resource.id();
  *row.mutable_resource() = resource;
  row.set_id(absl::StrCat(id.resource_type(), ":", id.resource(), ":", row.slug()));
  if (row.display_name().empty()) row.set_display_name(resource.display_name());
  if (row.description().empty()) row.set_description(resource.description());
  for (google::protobuf::Any& any : *row.mutable_annotations()) {
    v2::EntitlementExclusionGroup group;
    if (!is_annotation(any, v2::EntitlementExclusionGroup::descriptor()->full_name()) ||
        !group.ParseFromString(any.value()) || !group.scope_to_resource()) {
      continue;
    }
    group.set_exclusion_group_id(absl::StrCat(group.exclusion_group_id(), "-", id.resource()));
    any.set_value(group.SerializeAsString());
  }
  return row;
}

}  // namespace baton::sync
