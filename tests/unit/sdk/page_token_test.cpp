#include "sdk/page_token.hpp"

#include <gtest/gtest.h>

namespace baton::sdk {
namespace {

TEST(PageToken, plain_numbers) {
  EXPECT_EQ(*parse_number_token(""), 0U);
  EXPECT_EQ(*parse_number_token("", 1), 1U);
  EXPECT_EQ(*parse_number_token("200"), 200U);
  EXPECT_EQ(parse_number_token("-1").status().message(), "page token corrupt: \"-1\" is not a number");
  EXPECT_FALSE(parse_number_token("5x").ok());
  EXPECT_FALSE(parse_number_token("99999999999999999999999").ok());
  EXPECT_EQ(PageRequest().size_or(100), 100U);
  EXPECT_EQ(PageRequest("", 20).size_or(100), 20U);
}

}  // namespace
}  // namespace baton::sdk
