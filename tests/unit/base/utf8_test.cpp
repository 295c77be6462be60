#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(Utf8, accepts_every_length) {
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_TRUE(is_valid_utf8("plain ASCII that is longer than eight bytes"));
  EXPECT_TRUE(is_valid_utf8("ab\xc3\xa9 \xe2\x82\xac \xf0\x9f\xa7\xb8 and some more text"));
  EXPECT_TRUE(is_valid_utf8("\xf4\x8f\xbf\xbf"));
  EXPECT_TRUE(is_valid_utf8("\xed\x9f\xbf\xee\x80\x80"));
}

TEST(Utf8, refuses_what_is_malformed) {
  for (const std::string_view bad : {"\x80", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
                                     "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
                                     "\xe2\x82", "\xe2(\xac", "12345678\xff", "1234567\xc3"}) {
    EXPECT_FALSE(is_valid_utf8(bad));
    EXPECT_TRUE(is_valid_utf8(sanitize_utf8(bad)));
  }
}

TEST(Utf8, replaces_only_the_broken_bytes) {
  EXPECT_EQ(sanitize_utf8("caf\xc3\xa9"), "caf\xc3\xa9");
  EXPECT_EQ(sanitize_utf8("a\xff"
                          "b"),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(sanitize_utf8("\xc3"), "\xef\xbf\xbd");
}

TEST(Utf8, truncates_between_characters) {
  EXPECT_EQ(truncate_utf8("abc", 3), "abc");
  EXPECT_EQ(truncate_utf8("abc", 2), "ab");
  EXPECT_EQ(truncate_utf8("a\xe2\x82\xac", 3), "a");
  EXPECT_EQ(truncate_utf8("a\xe2\x82\xac", 4), "a\xe2\x82\xac");
  EXPECT_EQ(truncate_utf8("\xe2\x82\xac", 0), "");
}

}  // namespace
}  // namespace baton
