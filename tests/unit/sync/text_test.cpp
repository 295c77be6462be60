#include "sync/text.hpp"

#include <gtest/gtest.h>

#include "base/utf8.hpp"
#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_trait.pb.h"
#include "rows.hpp"

namespace baton::sync {
namespace {

namespace v2 = c1::connector::v2;

const std::string kBad = "caf\xe9";
const std::string kGood = "caf\xef\xbf\xbd";

/// Whether any parser of protobuf would take the row.
template <class Row>
bool readable(const Row& row) {
  Row parsed;
  return parsed.ParseFromString(row.SerializeAsString());
}

v2::Resource spoiled_resource() {
  v2::Resource row = rows::resource("group", "g1");
  row.set_display_name(kBad);
  row.set_description(kBad);
  row.mutable_parent_resource_id()->set_resource_type(kBad);
  row.mutable_parent_resource_id()->set_resource(kBad);
  row.add_annotations()->set_type_url(kBad);
  row.mutable_icon()->set_id(kBad);
  row.mutable_status()->set_details(kBad);
  auto& profile = *row.mutable_profile()->mutable_fields();
  profile[kBad].set_string_value(kBad);
  profile["list"].mutable_list_value()->add_values()->set_string_value(kBad);
  (*profile["object"].mutable_struct_value()->mutable_fields())[kBad].set_number_value(1);
  return row;
}

TEST(RepairTexts, leaves_good_rows_as_they_are) {
  v2::Grant row = rows::grant("group", "g1", "user", "u1");
  row.mutable_principal()->set_display_name("\xc3\x9cmit");
  row.add_annotations()->PackFrom(v2::GrantImmutable());
  (*row.mutable_sources()->mutable_sources())["group:g1:member"].set_is_direct(true);
  const std::string before = row.SerializeAsString();
  EXPECT_TRUE(repair_texts(row));
  EXPECT_EQ(row.SerializeAsString(), before);
}

TEST(RepairTexts, repairs_a_resource_in_every_place) {
  v2::Resource row = spoiled_resource();
  EXPECT_TRUE(repair_texts(row));
  EXPECT_TRUE(readable(row));
  EXPECT_EQ(row.display_name(), kGood);
  EXPECT_EQ(row.parent_resource_id().resource(), kGood);
  EXPECT_EQ(row.profile().fields().at(kGood).string_value(), kGood);
  EXPECT_EQ(row.profile().fields().at("list").list_value().values(0).string_value(), kGood);
  EXPECT_TRUE(row.profile().fields().at("object").struct_value().fields().contains(kGood));
  EXPECT_EQ(row.profile().fields().size(), 3U);
}

TEST(RepairTexts, reaches_what_old_connectors_still_send) {
  v2::Resource row = rows::resource("group", "g1");
  // Field 7, the deprecated external id, with a link.
  ASSERT_TRUE(row.MergeFromString(std::string("\x3a\x03\x12\x01x", 5)));
  const auto* field = v2::Resource::descriptor()->FindFieldByNumber(7);
  google::protobuf::Message& external = *row.GetReflection()->MutableMessage(&row, field);
  external.GetReflection()->SetString(&external, external.GetDescriptor()->FindFieldByName("link"), kBad);
  EXPECT_TRUE(repair_texts(row));
  EXPECT_TRUE(readable(row));
}

TEST(RepairTexts, repairs_what_types_entitlements_and_grants_embed) {
  v2::ResourceType type = rows::type("group");
  type.set_display_name(kBad);
  type.set_description(kBad);
  type.add_annotations()->set_type_url(kBad);
  v2::Entitlement entitlement = rows::entitlement("group", "g1", "member");
  entitlement.set_display_name(kBad);
  entitlement.set_description(kBad);
  entitlement.set_slug(kBad);
  entitlement.add_annotations()->set_type_url(kBad);
  *entitlement.mutable_resource() = spoiled_resource();
  *entitlement.add_grantable_to() = type;
  entitlement.mutable_grantable_to(0)->set_id(kBad);
  v2::Grant grant = rows::grant("group", "g1", "user", "u1");
  grant.set_id(kBad);
  grant.add_annotations()->set_type_url(kBad);
  *grant.mutable_entitlement() = entitlement;
  *grant.mutable_principal() = spoiled_resource();
  (*grant.mutable_sources()->mutable_sources())[kBad].set_is_direct(true);

  EXPECT_TRUE(repair_texts(type));
  EXPECT_TRUE(readable(type));
  EXPECT_TRUE(repair_texts(entitlement));
  EXPECT_TRUE(readable(entitlement));
  EXPECT_EQ(entitlement.slug(), kGood);
  EXPECT_TRUE(repair_texts(grant));
  EXPECT_TRUE(readable(grant));
  EXPECT_TRUE(grant.sources().sources().at(kGood).is_direct());
}

TEST(RepairTexts, lets_keys_that_become_equal_have_one_value_whatever_their_order) {
  for (const bool swapped : {false, true}) {
    v2::Resource row = rows::resource("group", "g1");
    auto& fields = *row.mutable_profile()->mutable_fields();
    fields[swapped ? "\xff" : "\xfe"].set_number_value(swapped ? 2 : 1);
    fields[swapped ? "\xfe" : "\xff"].set_number_value(swapped ? 1 : 2);
    EXPECT_TRUE(repair_texts(row));
    ASSERT_EQ(row.profile().fields().size(), 1U);
    EXPECT_EQ(row.profile().fields().begin()->second.number_value(), 2);
  }
}

TEST(RepairTexts, refuses_what_no_parser_would_take) {
  const auto nested = [](int levels) {
    v2::Resource row = rows::resource("group", "g1");
    google::protobuf::Struct* level = row.mutable_profile();
    for (int i = 0; i < levels; ++i) level = (*level->mutable_fields())["deeper"].mutable_struct_value();
    level->mutable_fields();
    return row;
  };
  v2::Resource deep = nested(20);
  EXPECT_TRUE(repair_texts(deep));
  EXPECT_TRUE(readable(deep));
  v2::Resource too_deep = nested(60);
  EXPECT_FALSE(readable(too_deep));
  EXPECT_FALSE(repair_texts(too_deep));
  v2::Resource abyss = nested(5'000);
  EXPECT_FALSE(repair_texts(abyss));
  // Whatever is accepted can be read even where a grant embeds it.
  for (int levels = 20; levels < 40; ++levels) {
    v2::Grant grant = rows::grant("group", "g1", "user", "u1");
    *grant.mutable_entitlement()->mutable_resource() = nested(levels);
    const bool accepted = repair_texts(grant);
    EXPECT_TRUE(!accepted || readable(grant)) << levels;
  }
  v2::Resource list = rows::resource("group", "g1");
  google::protobuf::Value* value = &(*list.mutable_profile()->mutable_fields())["list"];
  for (int i = 0; i < 60; ++i) value = value->mutable_list_value()->add_values();
  EXPECT_FALSE(repair_texts(list));
}

}  // namespace
}  // namespace baton::sync
