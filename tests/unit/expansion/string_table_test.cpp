#include "expansion/string_table.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace baton::expansion {
namespace {

TEST(StringTable, NumbersDistinctStringsInOrderOfFirstUse) {
  StringTable table;
  EXPECT_EQ(table.intern("b"), 0U);
  EXPECT_EQ(table.intern("a"), 1U);
  EXPECT_EQ(table.intern("b"), 0U);
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(table.at(1), "a");
}

TEST(StringTable, TellsStringsWithNulBytesApart) {
  using std::string_view_literals::operator""sv;
  StringTable table;
  EXPECT_EQ(table.intern("a\0b"sv), 0U);
  EXPECT_EQ(table.intern("a\0c"sv), 1U);
  EXPECT_EQ(table.intern("a"sv), 2U);
  EXPECT_EQ(table.intern("a\0"sv), 3U);
  EXPECT_EQ(table.at(0), "a\0b"sv);
}

TEST(StringTable, KeepsTheEmptyStringLikeAnyOther) {
  StringTable table;
  EXPECT_EQ(table.find(""), StringTable::kNone);
  EXPECT_EQ(table.intern(""), 0U);
  EXPECT_EQ(table.find(""), 0U);
}

TEST(StringTable, ViewsSurviveGrowthAndMoving) {
  StringTable table;
  const std::string_view first = table.at(table.intern("first"));
  const std::string large(1000 * 1000, 'x');
  table.intern(large);
  for (int i = 0; i < 50'000; ++i) table.intern(std::to_string(i));
  const StringTable moved = std::move(table);
  EXPECT_EQ(first, "first");
  EXPECT_EQ(first.data(), moved.at(0).data());
  EXPECT_EQ(moved.at(1), large);
  EXPECT_EQ(moved.at(moved.find("49999")), "49999");
}

TEST(StringTable, FindsNothingWithoutItsIndex) {
  StringTable table;
  table.intern("a");
  table.drop_index();
  EXPECT_EQ(table.find("a"), StringTable::kNone);
  EXPECT_EQ(table.at(0), "a");
}

}  // namespace
}  // namespace baton::expansion
