#include "connectors/scim/groups.hpp"

#include <set>

#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_trait.pb.h"
#include "connectors/scim/groups_token.hpp"
#include "unit/connectors/json_text.hpp"

namespace baton::connectors::scim {
namespace {

namespace v2 = c1::connector::v2;

TEST(ReadGroup, fills_name_profile_and_times) {
  auto json = answer(R"({"id":"e9e30dba","displayName":"Führer von Touren","externalId":"x-1",
    "members":[{"value":"2819c223"}],
    "meta":{"created":"2010-01-23T04:56:22Z","lastModified":"2011-05-13T04:42:34Z"}})");
  ASSERT_TRUE(json.ok());
  v2::Resource row;
  ASSERT_TRUE(read_group(http::json_root(*json), row).ok());
  EXPECT_EQ(row.id().resource_type(), "group");
  EXPECT_EQ(row.id().resource(), "e9e30dba");
  EXPECT_EQ(row.display_name(), "Führer von Touren");
  EXPECT_EQ(row.created_at().seconds(), 1264222582);
  EXPECT_EQ(row.profile().fields().at("group_id").string_value(), "e9e30dba");
  EXPECT_EQ(row.profile().fields().at("group_name").string_value(), "Führer von Touren");
  EXPECT_EQ(row.profile().fields().at("external_id").string_value(), "x-1");
}

TEST(ReadGroup, a_group_without_a_name_is_called_by_its_id) {
  auto json = answer(R"({"id":17})");
  ASSERT_TRUE(json.ok());
  v2::Resource row;
  ASSERT_TRUE(read_group(http::json_root(*json), row).ok());
  EXPECT_EQ(row.display_name(), "17");
}

TEST(GroupsToken, comes_back_as_it_was_written) {
  const GroupsToken token({"a:b", "ünï", "12:34:"}, 201);
  const auto again = GroupsToken::parse(token.text());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->ids, token.ids);
  EXPECT_EQ(again->start, 201U);
}

TEST(GroupsToken, refuses_what_it_never_wrote) {
  for (const char* text : {"", "m", "m:", "m:1:", "m:0:1:a", "m:1:2:a", "m:1:0:", "m:x:1:a", "m:1:1:a2:b",
                           "m:1:99999999999999999999:a"}) {
    EXPECT_EQ(GroupsToken::parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(GroupsToken, many_groups_share_the_tokens_that_a_page_may_name) {
  for (const std::size_t count : {0U, 1U, 24U, 25U, 5'000U, 100'000U}) {
    std::vector<std::string> ids;
    for (std::size_t number = 0; number < count; ++number) ids.push_back(std::to_string(number));
    const std::vector<std::string> tokens = group_tokens(ids, 24);
    EXPECT_LE(tokens.size(), 24U);
    std::set<std::string> found;
    for (const std::string& text : tokens) {
      const auto token = GroupsToken::parse(text);
      ASSERT_TRUE(token.ok());
      found.insert(token->ids.begin(), token->ids.end());
    }
    EXPECT_EQ(found.size(), count);
  }
}

}  // namespace
}  // namespace baton::connectors::scim
