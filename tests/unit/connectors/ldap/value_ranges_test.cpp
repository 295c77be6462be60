#include "connectors/ldap/value_ranges.hpp"

#include <gtest/gtest.h>

namespace baton::connectors::ldap {
namespace {

TEST(ValueRange, IsReadFromTheName) {
  const auto range = ValueRange::parse("member;Range=0-1499");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->attribute, "member");
  EXPECT_EQ(range->first, 0u);
  EXPECT_EQ(range->last, 1499u);
  EXPECT_EQ(range->following(), "member;range=1500-*");
  EXPECT_FALSE(ValueRange::parse("member;range=1500-*")->last);
}

TEST(ValueRange, IsNotReadFromOtherNames) {
  for (const char* name : {"", "member", "member;binary", "member;range=", "member;range=1", "member;range=-",
                           "member;range=*-1", "member;range=2-1", "member;range=1-x",
                           "member;range=99999999999999999999-*", ";range=0-1"}) {
    EXPECT_FALSE(ValueRange::parse(name)) << name;
  }
}

}  // namespace
}  // namespace baton::connectors::ldap
