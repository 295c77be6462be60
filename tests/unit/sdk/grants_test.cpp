#include "sdk/grants.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "sdk/annotations.hpp"
#include "sdk/page.hpp"

namespace baton::sdk {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::ElementsAre;

TEST(Grants, ids_and_what_is_embedded) {
  const v2::Resource group = make_resource(ResourceRef("group", "g1"), "Group 1");
  const v2::Resource user = make_resource(ResourceRef("user", "u1"), "User 1");
  const v2::Grant full = make_grant(group, "member", user);
  EXPECT_EQ(full.id(), "group:g1:member:user:u1");
  EXPECT_EQ(full.entitlement().id(), "group:g1:member");
  EXPECT_EQ(full.entitlement().slug(), "") << "an embedded entitlement has its id and resource only";
  EXPECT_EQ(full.entitlement().resource().display_name(), "Group 1");
  EXPECT_EQ(full.principal().display_name(), "User 1");

  const v2::Grant slim = make_grant(group.id(), "member", user.id());
  EXPECT_EQ(slim.id(), full.id());
  EXPECT_EQ(slim.entitlement().resource().id().resource(), "g1");
  EXPECT_EQ(slim.entitlement().resource().display_name(), "");
  EXPECT_EQ(slim.principal().id().resource_type(), "user");
  EXPECT_EQ(slim.principal().display_name(), "");

  EXPECT_EQ(make_grant(group, "member", user.id()).principal().display_name(), "");
  EXPECT_EQ(make_grant(group.id(), "member", user).principal().display_name(), "User 1");
  EXPECT_EQ(grant_id("group:g1:member", user.id()), full.id());
  EXPECT_EQ(kUnknownGrantId.substr(4), "_UNKNOWN_GRANT_ID");
}

TEST(Grants, annotations) {
  v2::Grant row = make_grant(ResourceRef("role", "r1"), "assigned", ResourceRef("group", "g1"));
  set_expandable(row, {"x"});
  const std::string_view types[] = {"user"};
  Expansion expansion;
  expansion.shallow = true;
  expansion.resource_type_ids = types;
  set_expandable(row, {"group:g1:member", "group:g1:owner"}, expansion);
  ASSERT_EQ(count_annotations<v2::GrantExpandable>(row.annotations()), 1);
  const auto found = **pick_annotation<v2::GrantExpandable>(row.annotations());
  EXPECT_THAT(found.entitlement_ids(), ElementsAre("group:g1:member", "group:g1:owner"));
  EXPECT_THAT(found.resource_type_ids(), ElementsAre("user"));
  EXPECT_TRUE(found.shallow());

  google::protobuf::Struct metadata;
  Profile(metadata).text("via", "rule");
  set_grant_metadata(row, metadata);
  EXPECT_EQ(profile_text((*pick_annotation<v2::GrantMetadata>(row.annotations()))->metadata(), "via"),
            "rule");
  set_immutable(row, "source");
  EXPECT_EQ((*pick_annotation<v2::GrantImmutable>(row.annotations()))->source_id(), "source");
}

TEST(Grants, filling_twice_leaves_the_second) {
  Page<v2::Grant> page;
  v2::Grant& row = page.add();
  fill_grant(row, ResourceRef("group", "g1"), "member", ResourceRef("user", "u1"));
  fill_grant(row, ResourceRef("role", "r2"), "assigned", ResourceRef("user", "u2"));
  EXPECT_EQ(row.id(), "role:r2:assigned:user:u2");
  EXPECT_EQ(row.entitlement().id(), "role:r2:assigned");
}

}  // namespace
}  // namespace baton::sdk
