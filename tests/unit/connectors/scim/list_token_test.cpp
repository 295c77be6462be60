#include "connectors/scim/list_token.hpp"

#include <gtest/gtest.h>

namespace baton::connectors::scim {
namespace {

TEST(ListToken, the_first_page_has_the_empty_token) {
  const auto token = ListToken::parse("");
  ASSERT_TRUE(token.ok());
  EXPECT_EQ(token->kind, ListToken::Kind::kFirst);
  EXPECT_EQ(token->start, 1U);
  EXPECT_EQ(token->text(), "");
}

TEST(ListToken, comes_back_as_it_was_written) {
  ListToken token;
  for (const auto kind : {ListToken::Kind::kStretch, ListToken::Kind::kFork, ListToken::Kind::kTail}) {
    token.kind = kind;
    token.start = 101;
    token.end = 201;
    token.size = 100;
    token.total = 18446744073709551615U;
    token.first_id = 7;
    token.previous_id = 8;
    const auto again = ListToken::parse(token.text());
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(*again, token);
  }
}

TEST(ListToken, refuses_what_it_never_wrote) {
  for (const char* text :
       {"s", "t:", "t:1:2:3:4:5", "t:1:0:3:4:5:6:7", "t:1:0:3:4:5:6x", "t:-1:0:3:4:5:6", "x:1:0:3:4:5:6",
        "1:1:0:3:4:5:6", "t:0:0:3:4:5:6", "t:1:0:0:4:5:6", "t:1:0:3:4:5:99999999999999999999", "100"}) {
    const auto token = ListToken::parse(text);
    EXPECT_EQ(token.status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace baton::connectors::scim
