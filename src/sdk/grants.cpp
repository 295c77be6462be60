#include "sdk/grants.hpp"

#include "c1/connector/v2/annotation_grant.pb.h"
#include "sdk/annotations.hpp"

namespace baton::sdk {
namespace {

namespace v2 = c1::connector::v2;

/// Writes both ids; what is embedded is the caller's business.
void fill_ids(v2::Grant& row, ResourceRef resource, std::string_view entitlement_name,
              ResourceRef principal) {
  std::string& entitlement = *row.mutable_entitlement()->mutable_id();
  entitlement.clear();
  append_entitlement_id(entitlement, resource, entitlement_name);
  std::string& id = *row.mutable_id();
  id.clear();
  id.reserve(entitlement.size() + principal.type.size() + principal.id.size() + 2);
  id.append(entitlement).append(1, ':').append(principal.type).append(1, ':').append(principal.id);
}

v2::ResourceId& entitled_id(v2::Grant& row) {
  return *row.mutable_entitlement()->mutable_resource()->mutable_id();
}

}  // namespace

std::string grant_id(std::string_view entitlement, ResourceRef principal) {
  std::string id;
  id.reserve(entitlement.size() + principal.type.size() + principal.id.size() + 2);
  return id.append(entitlement).append(1, ':').append(principal.type).append(1, ':').append(principal.id);
}

void fill_grant(v2::Grant& row, ResourceRef resource, std::string_view entitlement_name,
                ResourceRef principal) {
  fill_ids(row, resource, entitlement_name, principal);
  fill_resource_id(entitled_id(row), resource);
  fill_resource_id(*row.mutable_principal()->mutable_id(), principal);
}

void fill_grant(v2::Grant& row, const v2::Resource& resource, std::string_view entitlement_name,
                const v2::Resource& principal) {
  fill_ids(row, resource.id(), entitlement_name, principal.id());
  *row.mutable_entitlement()->mutable_resource() = resource;
  *row.mutable_principal() = principal;
}

void fill_grant(v2::Grant& row, const v2::Resource& resource, std::string_view entitlement_name,
                ResourceRef principal) {
  fill_ids(row, resource.id(), entitlement_name, principal);
  *row.mutable_entitlement()->mutable_resource() = resource;
  fill_resource_id(*row.mutable_principal()->mutable_id(), principal);
}

void fill_grant(v2::Grant& row, ResourceRef resource, std::string_view entitlement_name,
                const v2::Resource& principal) {
  fill_ids(row, resource, entitlement_name, principal.id());
  fill_resource_id(entitled_id(row), resource);
  *row.mutable_principal() = principal;
}

void set_expandable(v2::Grant& row, std::span<const std::string_view> entitlement_ids,
                    const Expansion& expansion) {
  v2::GrantExpandable annotation;
  for (const std::string_view id : entitlement_ids) annotation.add_entitlement_ids()->assign(id);
  annotation.set_shallow(expansion.shallow);
  for (const std::string_view id : expansion.resource_type_ids) {
    annotation.add_resource_type_ids()->assign(id);
  }
  update_annotation(*row.mutable_annotations(), annotation);
}

void set_grant_metadata(v2::Grant& row, const google::protobuf::Struct& metadata) {
  v2::GrantMetadata annotation;
  *annotation.mutable_metadata() = metadata;
  update_annotation(*row.mutable_annotations(), annotation);
}

void set_immutable(v2::Grant& row, std::string_view source_id) {
  v2::GrantImmutable annotation;
  annotation.mutable_source_id()->assign(source_id);
  update_annotation(*row.mutable_annotations(), annotation);
}

}  // namespace baton::sdk
