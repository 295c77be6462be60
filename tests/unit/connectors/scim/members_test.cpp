#include "connectors/scim/members.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "unit/connectors/json_text.hpp"

namespace baton::connectors::scim {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ReadMembers : public ::testing::Test {
 protected:
  absl::Status read(std::string_view text, const GroupIds::Ids* groups = nullptr) {
    auto json = answer(text);
    EXPECT_TRUE(json.ok()) << json.status();
    document_ = *std::move(json);
    return read_members(http::json_root(document_), sdk::ResourceRef("group", "g"), groups, page_);
  }
  std::vector<std::string> principals() const {
    std::vector<std::string> result;
    for (std::size_t row = 0; row < page_.size(); ++row) {
      const v2::ResourceId& id = page_.row(row).principal().id();
      result.push_back(id.resource_type() + "/" + id.resource());
    }
    return result;
  }

  http::JsonDocument document_;
  sdk::Page<v2::Grant> page_;
};

TEST_F(ReadMembers, a_reference_or_a_type_says_what_a_member_is) {
  ASSERT_TRUE(read(R"({"id":"g","members":[
    {"value":"1","$ref":"https://host/scim/v2/Users/1"},
    {"value":"2","$ref":"../Groups/2"},
    {"value":"3","type":"User"},
    {"value":"4","type":"group"},
    {"value":"5","type":"direct","$ref":"https://host/v2/groups/5/"},
    {"value":"6","$ref":"Users/6?x=/Groups/"},
    {"value":"7","type":"Group","$ref":"urn:uuid:7"}]})")
                  .ok());
  EXPECT_THAT(principals(),
              ElementsAre("user/1", "group/2", "user/3", "group/4", "group/5", "user/6", "group/7"));
}

TEST_F(ReadMembers, members_that_do_not_say_are_groups_if_they_are_known_as_such) {
  const GroupIds::Ids groups = {"2"};
  constexpr std::string_view text =
      R"({"id":"g","members":[{"value":"1"},{"value":"2"},{"value":"2","type":"direct"},"2","9"]})";
  ASSERT_TRUE(read(text, &groups).ok());
  EXPECT_THAT(principals(), ElementsAre("user/1", "group/2", "group/2", "group/2", "user/9"));
  const auto untyped = has_untyped_members(http::json_root(document_));
  ASSERT_TRUE(untyped.ok());
  EXPECT_TRUE(*untyped);
}

TEST_F(ReadMembers, only_a_nested_group_is_expandable_and_only_people_inherit) {
  ASSERT_TRUE(
      read(R"({"id":"g","members":[{"value":"u","type":"User"},{"value":"h","type":"Group"}]})").ok());
  ASSERT_EQ(page_.size(), 2U);
  EXPECT_EQ(page_.row(0).id(), "group:g:member:user:u");
  EXPECT_TRUE(page_.row(0).annotations().empty());
  v2::GrantExpandable expandable;
  ASSERT_EQ(page_.row(1).annotations_size(), 1);
  ASSERT_TRUE(page_.row(1).annotations(0).UnpackTo(&expandable));
  EXPECT_THAT(expandable.entitlement_ids(), ElementsAre("group:h:member"));
  EXPECT_THAT(expandable.resource_type_ids(), ElementsAre("user"));
  const auto untyped = has_untyped_members(http::json_root(document_));
  ASSERT_TRUE(untyped.ok());
  EXPECT_FALSE(*untyped);
}

TEST_F(ReadMembers, a_device_is_neither_a_user_nor_a_group) {
  ASSERT_TRUE(
      read(R"({"id":"g","members":[{"value":"d","$ref":"https://host/Devices/d","type":"Device"}]})").ok());
  EXPECT_THAT(principals(), ElementsAre("other/d"));
}

TEST_F(ReadMembers, a_group_without_members_has_none) {
  EXPECT_TRUE(read(R"({"id":"g"})").ok());
  EXPECT_TRUE(read(R"({"id":"g","members":null})").ok());
  EXPECT_TRUE(read(R"({"id":"g","members":[]})").ok());
  EXPECT_TRUE(principals().empty());
}

TEST_F(ReadMembers, a_member_without_a_value_is_an_error_that_names_the_place) {
  EXPECT_THAT(
      std::string(read(R"({"id":"g","members":[{"value":"u","type":"User"},{"display":"x"}]})").message()),
      HasSubstr("$.members[1].value"));
}

}  // namespace
}  // namespace baton::connectors::scim
