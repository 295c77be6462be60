#include "storage/record_messages.hpp"

#include <utility>

#include "absl/strings/str_cat.h"

namespace baton::storage {
namespace {

namespace v2 = c1::connector::v2;
namespace v3 = c1::storage::v3;

/// Moves rather than copies.
template <class Any>
void move_annotations(Any& from, Any& to) {
  to.Swap(&from);
}

}  // namespace

int parse_trait(std::string_view name) {
  v2::ResourceType_Trait trait = v2::ResourceType_Trait_TRAIT_UNSPECIFIED;
  v2::ResourceType_Trait_Parse(absl::StrCat("TRAIT_", absl::string_view(name.data(), name.size())), &trait);
  return trait;
}

int parse_purpose(std::string_view name) {
  v2::Entitlement_PurposeValue purpose = v2::Entitlement_PurposeValue_PURPOSE_VALUE_UNSPECIFIED;
  v2::Entitlement_PurposeValue_Parse(
      absl::StrCat("PURPOSE_VALUE_", absl::string_view(name.data(), name.size())), &purpose);
  return purpose;
}

void move_record(v3::ResourceTypeRecord& record, v2::ResourceType& row) {
  row.Clear();
  row.set_id(std::move(*record.mutable_external_id()));
  row.set_display_name(std::move(*record.mutable_display_name()));
  for (const std::string& trait : record.traits()) {
    row.add_traits(static_cast<v2::ResourceType_Trait>(parse_trait(trait)));
  }
  move_annotations(*record.mutable_annotations(), *row.mutable_annotations());
  row.set_description(std::move(*record.mutable_description()));
  row.set_sourced_externally(record.sourced_externally());
}

void move_record(v3::ResourceRecord& record, v2::Resource& row) {
  row.Clear();
  row.mutable_id()->set_resource_type(std::move(*record.mutable_resource_type_id()));
  row.mutable_id()->set_resource(std::move(*record.mutable_resource_id()));
  if (record.has_parent()) {
    v2::ResourceId& parent = *row.mutable_parent_resource_id();
    parent.set_resource_type(std::move(*record.mutable_parent()->mutable_resource_type_id()));
    parent.set_resource(std::move(*record.mutable_parent()->mutable_resource_id()));
  }
  row.set_display_name(std::move(*record.mutable_display_name()));
  move_annotations(*record.mutable_annotations(), *row.mutable_annotations());
  row.set_description(std::move(*record.mutable_description()));
  if (record.has_profile()) row.mutable_profile()->Swap(record.mutable_profile());
  if (!record.icon_asset_external_id().empty()) {
    row.mutable_icon()->set_id(std::move(*record.mutable_icon_asset_external_id()));
  }
  if (record.has_status()) {
    row.mutable_status()->set_status(
        static_cast<v2::Status_ResourceStatus>(static_cast<int>(record.status().status())));
    row.mutable_status()->set_details(std::move(*record.mutable_status()->mutable_details()));
  }
  if (record.has_created_at()) row.mutable_created_at()->Swap(record.mutable_created_at());
}

void move_record(v3::EntitlementRecord& record, v2::Entitlement& row) {
  row.Clear();
  v2::ResourceId& resource = *row.mutable_resource()->mutable_id();
  resource.set_resource_type(std::move(*record.mutable_resource()->mutable_resource_type_id()));
  resource.set_resource(std::move(*record.mutable_resource()->mutable_resource_id()));
  row.set_id(std::move(*record.mutable_external_id()));
  row.set_display_name(std::move(*record.mutable_display_name()));
  row.set_description(std::move(*record.mutable_description()));
  for (std::string& id : *record.mutable_grantable_to_resource_type_ids()) {
    row.add_grantable_to()->set_id(std::move(id));
  }
  move_annotations(*record.mutable_annotations(), *row.mutable_annotations());
  row.set_purpose(static_cast<v2::Entitlement_PurposeValue>(parse_purpose(record.purpose())));
  row.set_slug(std::move(*record.mutable_slug()));
}

void move_record(v3::GrantRecord& record, v2::Grant& row) {
  row.Clear();
  v2::Entitlement& entitlement = *row.mutable_entitlement();
  v2::ResourceId& resource = *entitlement.mutable_resource()->mutable_id();
  resource.set_resource_type(std::move(*record.mutable_entitlement()->mutable_resource_type_id()));
  resource.set_resource(std::move(*record.mutable_entitlement()->mutable_resource_id()));
  entitlement.set_id(std::move(*record.mutable_entitlement()->mutable_entitlement_id()));
  v3::PrincipalRef& stored = *record.mutable_principal();
  v2::Resource& principal = *row.mutable_principal();
  principal.mutable_id()->set_resource_type(std::move(*stored.mutable_resource_type_id()));
  principal.mutable_id()->set_resource(std::move(*stored.mutable_resource_id()));
  if (!stored.parent_resource_type_id().empty() || !stored.parent_resource_id().empty()) {
    v2::ResourceId& parent = *principal.mutable_parent_resource_id();
    parent.set_resource_type(std::move(*stored.mutable_parent_resource_type_id()));
    parent.set_resource(std::move(*stored.mutable_parent_resource_id()));
  }
  row.set_id(std::move(*record.mutable_external_id()));
  move_annotations(*record.mutable_annotations(), *row.mutable_annotations());
  for (const auto& [id, source] : record.sources()) {
    (*row.mutable_sources()->mutable_sources())[id].set_is_direct(source.is_direct());
  }
}

}  // namespace baton::storage
