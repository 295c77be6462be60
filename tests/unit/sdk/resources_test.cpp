#include "sdk/resources.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_id_alias.pb.h"
#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "sdk/annotations.hpp"

namespace baton::sdk {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::ElementsAre;

TEST(Resources, ids_may_be_numbers) {
  EXPECT_EQ(make_resource_id("user", -42).resource(), "-42");
  EXPECT_EQ(make_resource_id("user", std::uint64_t{18446744073709551615U}).resource(),
            "18446744073709551615");
  v2::Resource row;
  fill_resource(row, "user", 7, "Seven");
  EXPECT_EQ(row.id().resource_type(), "user");
  EXPECT_EQ(row.id().resource(), "7");
  EXPECT_EQ(row.display_name(), "Seven");
}

TEST(Resources, options_set_what_they_name) {
  v2::Resource row;
  fill_resource(row, "group", "g1", "Group 1");
  set_parent(row, ResourceRef("org", "o1"));
  set_description(row, "text");
  set_icon(row, "icon");
  set_status(row, v2::Status::RESOURCE_STATUS_DISABLED, "locked");
  set_created_at(row, std::chrono::system_clock::time_point(std::chrono::seconds(5)));
  add_child_resource_type(row, "member");
  set_nhi_type(row, v2::NonHumanIdentityTrait::NHI_TYPE_ASSUMABLE_ROLE, "lambda");
  resource_profile(row).text("k", "v");
  EXPECT_EQ(row.parent_resource_id().resource(), "o1");
  EXPECT_EQ(row.description(), "text");
  EXPECT_EQ(row.icon().id(), "icon");
  EXPECT_EQ(row.status().status(), v2::Status::RESOURCE_STATUS_DISABLED);
  EXPECT_EQ(row.status().details(), "locked");
  EXPECT_EQ(row.created_at().seconds(), 5);
  EXPECT_EQ((*pick_annotation<v2::ChildResourceType>(row.annotations()))->resource_type_id(), "member");
  EXPECT_EQ((*pick_annotation<v2::NonHumanIdentityTrait>(row.annotations()))->nhi_detail(), "lambda");
  EXPECT_EQ(profile_text(row.profile(), "k"), "v");
}

TEST(Resources, aliases_join_in_order_without_duplicates) {
  v2::Resource row;
  ASSERT_TRUE(add_aliases(row, {"b", "a", "b"}).ok());
  ASSERT_TRUE(add_aliases(row, {"c", "a"}).ok());
  ASSERT_EQ(row.annotations_size(), 1);
  EXPECT_THAT((*pick_annotation<v2::Aliases>(row.annotations()))->ids(), ElementsAre("b", "a", "c"));
}

TEST(Resources, aliases_have_limits) {
  v2::Resource row;
  EXPECT_EQ(add_aliases(row, {}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(add_aliases(row, {"a", ""}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(add_aliases(row, {std::string(257, 'x')}).code(), absl::StatusCode::kInvalidArgument);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(add_aliases(row, {"alias" + std::to_string(i)}).ok());
  EXPECT_EQ(add_aliases(row, {"one more"}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ((*pick_annotation<v2::Aliases>(row.annotations()))->ids_size(), 100)
      << "a refusal changes nothing";
}

}  // namespace
}  // namespace baton::sdk
