#include "tenant/paging.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace tenant {
namespace {

constexpr Collection kList{Kind::kMembers, 3, 1'050};

TEST(Paging, FirstPageNeedsNoParameter) {
  for (const auto style : {PagingStyle::kCursor, PagingStyle::kOffset, PagingStyle::kLink}) {
    const auto range = Pager(style, 200, 1).parse("", kList);
    ASSERT_TRUE(range.ok());
    EXPECT_EQ(range->begin, 0u);
    EXPECT_EQ(range->end, 200u);
  }
}

TEST(Paging, TokensLeadToTheirPage) {
  const Pager pager(PagingStyle::kCursor, 200, 1);
  for (const std::uint64_t begin : {0u, 200u, 1'049u, 1'050u}) {
    const auto range = pager.parse("cursor=" + pager.token(begin, kList) + "&limit=10", kList);
    ASSERT_TRUE(range.ok()) << begin;
    EXPECT_EQ(range->begin, begin);
    EXPECT_EQ(range->end, std::min<std::uint64_t>(begin + 10, 1'050));
  }
}

TEST(Paging, EveryAlteredTokenIsRefused) {
  const Pager pager(PagingStyle::kCursor, 200, 1);
  const std::string token = pager.token(400, kList);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string altered = token;
    altered[i] = altered[i] == '0' ? '1' : '0';
    const auto range = pager.parse("cursor=" + altered, kList);
    EXPECT_EQ(range.status().code(), absl::StatusCode::kInvalidArgument) << altered;
  }
  for (const std::string text : {"", "x", "0", "-1", "g00000000000000000000000", "000000000000000000000000"})
    EXPECT_FALSE(pager.parse("cursor=" + text, kList).ok()) << text;
  EXPECT_FALSE(pager.parse("cursor=" + token + "0", kList).ok());
}

TEST(Paging, TokensOfOtherListsAndSeedsAreRefused) {
  const Pager pager(PagingStyle::kCursor, 200, 1);
  const std::string query = "cursor=" + pager.token(200, kList);
  EXPECT_TRUE(pager.parse(query, kList).ok());
  EXPECT_FALSE(pager.parse(query, Collection{Kind::kMembers, 4, 1'050}).ok());
  EXPECT_FALSE(pager.parse(query, Collection{Kind::kAssignments, 3, 1'050}).ok());
  EXPECT_FALSE(Pager(PagingStyle::kCursor, 200, 2).parse(query, kList).ok());
}

TEST(Paging, OffsetsAndLimits) {
  const Pager pager(PagingStyle::kOffset, 200, 1);
  const auto range = pager.parse("offset=1000&limit=100", kList);
  ASSERT_TRUE(range.ok());
  EXPECT_EQ(range->begin, 1'000u);
  EXPECT_EQ(range->end, 1'050u);
  const auto past = pager.parse("offset=18446744073709551615", kList);
  ASSERT_TRUE(past.ok());
  EXPECT_EQ(past->begin, past->end);
  const auto capped = pager.parse("limit=5000", kList);
  ASSERT_TRUE(capped.ok());
  EXPECT_EQ(capped->end, kLargestPage);
  for (const char* query : {"offset=", "offset=-1", "offset=1x", "limit=0", "limit=", "limit=ten"})
    EXPECT_FALSE(pager.parse(query, kList).ok()) << query;
}

TEST(Paging, ParametersOfAnotherStyleAreRefused) {
  EXPECT_FALSE(Pager(PagingStyle::kOffset, 200, 1).parse("cursor=abc", kList).ok());
  EXPECT_FALSE(Pager(PagingStyle::kCursor, 200, 1).parse("offset=200", kList).ok());
  EXPECT_FALSE(Pager(PagingStyle::kLink, 200, 1).parse("offset=200", kList).ok());
}

}  // namespace
}  // namespace tenant
