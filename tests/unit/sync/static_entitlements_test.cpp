#include "sync/static_entitlements.hpp"

#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_entitlement.pb.h"
#include "c1/connector/v2/annotation_exclusion_group.pb.h"
#include "rows.hpp"

namespace baton::sync {
namespace {

namespace v2 = c1::connector::v2;

v2::Resource group() {
  v2::Resource resource = rows::resource("group", "g1");
  resource.set_display_name("Engineers");
  resource.set_description("All engineers");
  return resource;
}

TEST(Materialise, takes_everything_from_the_template_but_identity_and_resource) {
  v2::Entitlement row;
  row.set_slug("member");
  row.set_display_name("Member");
  row.set_description("Is a member");
  row.set_purpose(v2::Entitlement::PURPOSE_VALUE_ASSIGNMENT);
  row.add_grantable_to()->set_id("user");
  row.add_annotations()->PackFrom(v2::EntitlementImmutable());
  row.set_id("an id that the template should not have");
  *row.mutable_resource() = rows::resource("other", "x");

  const v2::Entitlement made = materialise(row, group());
  EXPECT_EQ(made.id(), "group:g1:member");
  EXPECT_EQ(made.resource().SerializeAsString(), group().SerializeAsString());
  EXPECT_EQ(made.slug(), "member");
  EXPECT_EQ(made.display_name(), "Member");
  EXPECT_EQ(made.description(), "Is a member");
  EXPECT_EQ(made.purpose(), v2::Entitlement::PURPOSE_VALUE_ASSIGNMENT);
  ASSERT_EQ(made.grantable_to_size(), 1);
  EXPECT_EQ(made.grantable_to(0).id(), "user");
  ASSERT_EQ(made.annotations_size(), 1);
  EXPECT_TRUE(made.annotations(0).Is<v2::EntitlementImmutable>());
}

TEST(Materialise, falls_back_to_the_names_of_the_resource_one_by_one) {
  v2::Entitlement row;
  row.set_slug("owner");
  row.set_description("Owns it");
  const v2::Entitlement named = materialise(row, group());
  EXPECT_EQ(named.display_name(), "Engineers");
  EXPECT_EQ(named.description(), "Owns it");
  row.clear_description();
  EXPECT_EQ(materialise(row, group()).description(), "All engineers");
}

TEST(Materialise, scopes_exclusion_groups_to_the_resource_when_they_ask_for_it) {
  v2::EntitlementExclusionGroup scoped;
  scoped.set_exclusion_group_id("level");
  scoped.set_order(3);
  scoped.set_is_default(true);
  scoped.set_scope_to_resource(true);
  v2::EntitlementExclusionGroup common = scoped;
  common.set_scope_to_resource(false);
  v2::Entitlement row;
  row.set_slug("admin");
  row.add_annotations()->PackFrom(scoped);
  row.add_annotations()->PackFrom(common);

  const v2::Entitlement made = materialise(row, group());
  ASSERT_EQ(made.annotations_size(), 2);
  v2::EntitlementExclusionGroup first;
  ASSERT_TRUE(made.annotations(0).UnpackTo(&first));
  EXPECT_EQ(first.exclusion_group_id(), "level-g1");
  EXPECT_EQ(first.order(), 3U);
  EXPECT_TRUE(first.is_default());
  EXPECT_TRUE(first.scope_to_resource());
  v2::EntitlementExclusionGroup second;
  ASSERT_TRUE(made.annotations(1).UnpackTo(&second));
  EXPECT_EQ(second.exclusion_group_id(), "level");
}

TEST(Materialise, leaves_an_unreadable_annotation_as_it_is) {
  v2::Entitlement row;
  row.set_slug("admin");
  google::protobuf::Any& any = *row.add_annotations();
  any.set_type_url("type.googleapis.com/c1.connector.v2.EntitlementExclusionGroup");
  any.set_value("\xff\xff\xff");
  const v2::Entitlement made = materialise(row, group());
  EXPECT_EQ(made.annotations(0).value(), "\xff\xff\xff");
}

}  // namespace
}  // namespace baton::sync
