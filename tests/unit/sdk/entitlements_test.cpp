#include "sdk/entitlements.hpp"

#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_exclusion_group.pb.h"
#include "sdk/annotations.hpp"
#include "sdk/resource_types.hpp"

namespace baton::sdk {
namespace {

namespace v2 = c1::connector::v2;

TEST(Entitlements, ids_are_joined_without_escaping) {
  EXPECT_EQ(entitlement_id(ResourceRef("group", "g:1"), "member"), "group:g:1:member");
  EXPECT_EQ(entitlement_id(make_resource_id("group", "g1"), ""), "group:g1:");
}

TEST(Entitlements, constructors_set_name_slug_and_purpose) {
  const v2::Resource group = make_resource(ResourceRef("group", "g1"), "Group 1");
  const v2::Entitlement member = make_assignment(group, "member");
  EXPECT_EQ(member.id(), "group:g1:member");
  EXPECT_EQ(member.display_name(), "member");
  EXPECT_EQ(member.slug(), "member");
  EXPECT_EQ(member.purpose(), v2::Entitlement::PURPOSE_VALUE_ASSIGNMENT);
  EXPECT_EQ(member.resource().display_name(), "Group 1") << "the whole resource is embedded";
  EXPECT_EQ(make_permission(group, "read").purpose(), v2::Entitlement::PURPOSE_VALUE_PERMISSION);
  EXPECT_EQ(make_ownership(group, "owner").purpose(), v2::Entitlement::PURPOSE_VALUE_OWNERSHIP);

  const v2::Entitlement slim = make_assignment(group.id(), "member");
  EXPECT_EQ(slim.id(), member.id());
  EXPECT_EQ(slim.resource().id().resource(), "g1");
  EXPECT_EQ(slim.resource().display_name(), "");
}

TEST(Entitlements, options) {
  v2::Entitlement row = make_assignment(ResourceRef("group", "g1"), "member");
  set_slug(row, "other");
  set_display_name(row, "Member of");
  set_description(row, "text");
  add_grantable_to(row, make_resource_type("User", {}), make_resource_type("Group", {}));
  EXPECT_EQ(row.id(), "group:g1:member") << "the slug does not change the id";
  EXPECT_EQ(row.slug(), "other");
  EXPECT_EQ(row.display_name(), "Member of");
  ASSERT_EQ(row.grantable_to_size(), 2);
  EXPECT_EQ(row.grantable_to(1).id(), "group");

  set_exclusion_group(row, ExclusionGroup("a"));
  ExclusionGroup group("b", 3);
  group.is_default = true;
  set_exclusion_group(row, group);
  ASSERT_EQ(count_annotations<v2::EntitlementExclusionGroup>(row.annotations()), 1);
  const auto found = **pick_annotation<v2::EntitlementExclusionGroup>(row.annotations());
  EXPECT_EQ(found.exclusion_group_id(), "b");
  EXPECT_EQ(found.order(), 3U);
  EXPECT_TRUE(found.is_default());
}

TEST(Entitlements, purposes_as_text) {
  EXPECT_EQ(*parse_purpose("Assignment"), v2::Entitlement::PURPOSE_VALUE_ASSIGNMENT);
  EXPECT_EQ(*parse_purpose("permission"), v2::Entitlement::PURPOSE_VALUE_PERMISSION);
  EXPECT_EQ(*parse_purpose("OWNERSHIP"), v2::Entitlement::PURPOSE_VALUE_OWNERSHIP);
  EXPECT_EQ(parse_purpose("x").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace baton::sdk
