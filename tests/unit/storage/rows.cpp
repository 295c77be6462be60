#include "rows.hpp"

#include <google/protobuf/unknown_field_set.h>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_trait.pb.h"
#include "storage/record_decoder.hpp"

// Rows are kept whole, fields that the contract calls deprecated included.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace baton::storage {

namespace v2 = c1::connector::v2;

v2::ResourceType make_type(const std::string& id) {
  v2::ResourceType type;
  type.set_id(id);
  type.set_display_name("Type " + id);
  type.add_traits(v2::ResourceType_Trait_TRAIT_GROUP);
  return type;
}

v2::Resource make_resource(const std::string& type, const std::string& id) {
  v2::Resource resource;
  resource.mutable_id()->set_resource_type(type);
  resource.mutable_id()->set_resource(id);
  resource.set_display_name("Resource " + id);
  return resource;
}

v2::Entitlement make_entitlement(const std::string& type, const std::string& resource,
                                 const std::string& slug) {
  v2::Entitlement entitlement;
  entitlement.mutable_resource()->mutable_id()->set_resource_type(type);
  entitlement.mutable_resource()->mutable_id()->set_resource(resource);
  entitlement.set_id(type + ":" + resource + ":" + slug);
  entitlement.set_slug(slug);
  entitlement.set_purpose(v2::Entitlement_PurposeValue_PURPOSE_VALUE_ASSIGNMENT);
  entitlement.add_grantable_to()->set_id("user");
  return entitlement;
}

v2::Grant make_grant(const std::string& type, const std::string& resource, const std::string& user) {
  v2::Grant grant;
  v2::Entitlement& entitlement = *grant.mutable_entitlement();
  entitlement.mutable_resource()->mutable_id()->set_resource_type(type);
  entitlement.mutable_resource()->mutable_id()->set_resource(resource);
  entitlement.set_id(type + ":" + resource + ":member");
  grant.mutable_principal()->mutable_id()->set_resource_type("user");
  grant.mutable_principal()->mutable_id()->set_resource(user);
  grant.set_id(entitlement.id() + ":user:" + user);
  return grant;
}

void make_expandable(v2::Grant& grant, const std::vector<std::string>& entitlement_ids) {
  v2::GrantExpandable expandable;
  for (const std::string& id : entitlement_ids) expandable.add_entitlement_ids(id);
  expandable.set_shallow(true);
  expandable.add_resource_type_ids("user");
  grant.add_annotations()->PackFrom(expandable);
}

baton::store::v1::CursorRow make_cursor(std::uint32_t operation, const std::string& type,
                                        const std::string& resource) {
  baton::store::v1::CursorRow cursor;
  cursor.set_phase(operation);
  cursor.set_operation(operation);
  cursor.set_resource_type_id(type);
  cursor.set_resource_id(resource);
  return cursor;
}

std::string bytes_of(const google::protobuf::Message& message) {
  std::string bytes;
  serialize_deterministic(message, bytes);
  return bytes;
}

std::string RandomRows::text(std::size_t longest) {
  constexpr std::string_view kLetters[] = {
      "a", "b", "Z", "0", ":", " ", "ä", "€", "𝄞", "\x01", std::string_view("\0", 1)};
  std::string text;
  for (std::size_t i = random_() % (longest + 1); i > 0; --i) text.append(kLetters[random_() % 11]);
  return text;
}

void RandomRows::unknown(google::protobuf::Message& message, int percent) {
  if (!chance(percent)) return;
  auto& fields = *message.GetReflection()->MutableUnknownFields(&message);
  fields.AddVarint(900, random_());
  if (chance(50)) fields.AddLengthDelimited(901, text(200));
  if (chance(50)) fields.AddFixed32(902, random_());
  if (chance(50)) fields.AddFixed64(903, random_());
  if (chance(20)) fields.AddGroup(904)->AddVarint(1, random_());
}

void RandomRows::annotate(google::protobuf::RepeatedPtrField<google::protobuf::Any>& annotations) {
  while (chance(40)) {
    google::protobuf::Any& annotation = *annotations.Add();
    if (chance(50)) {
      v2::GroupTrait trait;
      fill(*trait.mutable_profile(), 1);
      annotation.PackFrom(trait);
    } else {
      annotation.set_type_url("example.com/of.nobody.Knows" + text(3));
      annotation.set_value(text(300));
    }
    unknown(annotation, 10);
  }
}

void RandomRows::fill(google::protobuf::Struct& structure, int depth) {
  for (std::size_t i = random_() % 5; i > 0; --i) {
    google::protobuf::Value& value = (*structure.mutable_fields())[text(8)];
    if (depth > 0 && chance(30)) {
      fill(*value.mutable_struct_value(), depth - 1);
    } else if (chance(50)) {
      value.set_string_value(text(40));
    } else {
      value.set_number_value(random_());
    }
  }
}

void RandomRows::fill(v2::ResourceId& id) {
  if (chance(80)) id.set_resource_type(this->id());
  if (chance(80)) id.set_resource(this->id());
  if (chance(10)) id.set_baton_resource(true);
  unknown(id, 10);
}

void RandomRows::fill(v2::Resource& resource, int percent) {
  if (chance(percent)) fill(*resource.mutable_parent_resource_id());
  if (chance(percent)) resource.set_display_name(text(60));
  if (chance(percent)) annotate(*resource.mutable_annotations());
  if (chance(percent)) resource.set_description(text(200));
  if (chance(percent / 2)) resource.set_baton_resource(true);
  if (chance(percent / 2)) resource.mutable_external_id()->set_id(text(9));
  if (chance(percent / 2))
    resource.set_creation_source(static_cast<v2::Resource_CreationSource>(random_() % 5));
  if (chance(percent)) fill(*resource.mutable_profile(), 2);
  if (chance(percent)) {
    if (chance(80)) resource.mutable_icon()->set_id(text(9));
    unknown(*resource.mutable_icon(), 20);
  }
  if (chance(percent)) {
    v2::Status& status = *resource.mutable_status();
    status.set_status(static_cast<v2::Status_ResourceStatus>(random_() % 6));
    status.set_details(text(20));
    unknown(status, 20);
  }
  if (chance(percent)) resource.mutable_created_at()->set_seconds(static_cast<int>(random_()));
  unknown(resource, percent / 4);
}

v2::ResourceType RandomRows::type() {
  v2::ResourceType type;
  type.set_id(id());
  if (chance(70)) type.set_display_name(text(60));
  while (chance(50))
    type.add_traits(static_cast<v2::ResourceType_Trait>(random_() % (chance(10) ? 20000 : 13)));
  annotate(*type.mutable_annotations());
  if (chance(50)) type.set_description(text(200));
  if (chance(20)) type.set_sourced_externally(true);
  unknown(type, 10);
  return type;
}

v2::Resource RandomRows::resource() {
  v2::Resource resource;
  resource.mutable_id()->set_resource_type(id());
  resource.mutable_id()->set_resource(id());
  if (chance(10)) resource.mutable_id()->set_baton_resource(true);
  unknown(*resource.mutable_id(), 5);
  fill(resource, 40);
  return resource;
}

v2::Entitlement RandomRows::entitlement() {
  v2::Entitlement entitlement;
  v2::Resource& resource = *entitlement.mutable_resource();
  resource.mutable_id()->set_resource_type(id());
  resource.mutable_id()->set_resource(id());
  if (chance(40)) fill(resource, 30);
  if (chance(50)) {
    entitlement.set_id(resource.id().resource_type() + ":" + resource.id().resource() + ":" + text(9));
  } else {
    entitlement.set_id(id());
  }
  if (chance(70)) entitlement.set_display_name(text(60));
  if (chance(70)) entitlement.set_description(text(200));
  while (chance(50)) {
    if (chance(30)) {
      *entitlement.add_grantable_to() = type();
    } else {
      entitlement.add_grantable_to()->set_id(chance(90) ? id() : "");
    }
  }
  annotate(*entitlement.mutable_annotations());
  entitlement.set_purpose(static_cast<v2::Entitlement_PurposeValue>(random_() % (chance(10) ? 300 : 4)));
  if (chance(60)) entitlement.set_slug(text(12));
  unknown(entitlement, 10);
  return entitlement;
}

v2::Grant RandomRows::grant() {
  v2::Grant grant;
  if (chance(60)) {
    *grant.mutable_entitlement() = entitlement();
  } else {
    grant = make_grant(id(), id(), id());
  }
  v2::Resource& principal = *grant.mutable_principal();
  principal.mutable_id()->set_resource_type(id());
  principal.mutable_id()->set_resource(id());
  if (chance(40)) fill(principal, 30);
  if (chance(80)) grant.set_id(text(60));
  annotate(*grant.mutable_annotations());
  if (chance(30)) {
    make_expandable(grant, {" ", id(), text(300)});
    if (chance(20)) {
      google::protobuf::Any& packed = *grant.mutable_annotations(grant.annotations_size() - 1);
      v2::GrantExpandable expandable;
      packed.UnpackTo(&expandable);
      unknown(expandable, 100);
      packed.PackFrom(expandable);
    }
    annotate(*grant.mutable_annotations());
  }
  if (chance(40)) {
    v2::GrantSources& sources = *grant.mutable_sources();
    while (chance(60)) {
      v2::GrantSources_GrantSource& source = (*sources.mutable_sources())[id()];
      source.set_is_direct(chance(50));
      unknown(source, 10);
    }
    unknown(sources, 10);
  }
  unknown(grant, 10);
  return grant;
}

}  // namespace baton::storage
