#include "base/tuple_key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace baton {
namespace {

using ::testing::ElementsAre;
using namespace std::string_literals;

template <class... Elements>
std::string tuple_of(const Elements&... elements) {
  std::string key;
  append_tuple(key, elements...);
  return key;
}

TEST(TupleKey, matches_the_known_keys) {
  EXPECT_EQ(tuple_of("group"), "group");
  EXPECT_EQ(tuple_of("group", "g2"), "group\0g2"s);
  std::string grant;
  append_entitlement_identity(grant, "group", "g2", "group:g2:member");
  EXPECT_EQ(grant, "group\0g2\0001\0member"s);
  append_next_element(grant, "user");
  append_next_element(grant, "u1");
  EXPECT_EQ(grant, "group\0g2\0001\0member\0user\0u1"s);
}

TEST(TupleKey, escapes_the_two_low_bytes) {
  EXPECT_EQ(tuple_of("a\0b\1c"s), "a\1\1b\1\2c"s);
  EXPECT_EQ(tuple_of("\0"s, "\1"s), "\1\1\0\1\2"s);
  EXPECT_EQ(tuple_of("a\2\xff\x80"s), "a\2\xff\x80"s);
}

TEST(TupleKey, finds_special_bytes_at_every_offset) {
  for (std::size_t size = 1; size <= 33; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const char special : {'\0', '\1'}) {
        std::string text(size, '\2');
        text[at] = special;
        std::string expected =
            text.substr(0, at) + '\1' + static_cast<char>(special + 1) + text.substr(at + 1);
        EXPECT_EQ(tuple_of(text), expected) << size << " " << at;
      }
    }
  }
}

TEST(TupleKey, splits_what_it_joined) {
  const auto parts = split_tuple(tuple_of("", "a\0b\1c"s, "", "z"));
  ASSERT_TRUE(parts.ok());
  EXPECT_THAT(*parts, ElementsAre("", "a\0b\1c"s, "", "z"));
  EXPECT_THAT(*split_tuple(""), ElementsAre(""));
}

TEST(TupleKey, refuses_a_broken_escape) {
  EXPECT_EQ(split_tuple("a\1"s).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(split_tuple("a\1\3"s).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(split_tuple("a\1\0b"s).status().code(), absl::StatusCode::kDataLoss);
}

TEST(TupleKey, reader_ends_with_out_of_range) {
  TupleReader reader("a");
  std::string element;
  EXPECT_TRUE(reader.next(element).ok());
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(reader.next(element).code(), absl::StatusCode::kOutOfRange);
}

TEST(TupleKey, keeps_the_order_of_tuples) {
  std::mt19937 random(42);
  std::vector<std::vector<std::string>> tuples;
  for (int i = 0; i < 500; ++i) {
    std::vector<std::string> tuple(2);
    for (std::string& element : tuple) {
      element.resize(random() % 4);
      for (char& c : element) c = static_cast<char>(random() % 4);
    }
    tuples.push_back(tuple);
  }
  for (const auto& a : tuples) {
    for (const auto& b : tuples) {
      ASSERT_EQ(a < b, tuple_of(a[0], a[1]) < tuple_of(b[0], b[1]));
    }
  }
}

TEST(EntitlementIdentity, splits_off_the_composed_prefix_only) {
  const auto key = [](std::string_view type, std::string_view id, std::string_view entitlement) {
    std::string out;
    append_entitlement_identity(out, type, id, entitlement);
    return out;
  };
  EXPECT_EQ(key("group", "g2", "custom-id"), "group\0g2\0000\0custom-id"s);
  EXPECT_EQ(key("group", "g2", "group:g2:"), "group\0g2\0001\0"s);
  EXPECT_EQ(key("group", "g2", "group:g2"), "group\0g2\0000\0group:g2"s);
  EXPECT_EQ(key("group", "g2", "group:g20:member"), "group\0g2\0000\0group:g20:member"s);
  EXPECT_EQ(key("group", "g2", "groupx:g2:member"), "group\0g2\0000\0groupx:g2:member"s);
  EXPECT_EQ(key("", "", "::x"), "\0\0001\0x"s);
  EXPECT_EQ(key("a:b", "c", "a:b:c:d"), "a:b\0c\0001\0d"s);
}

TEST(EntitlementIdentity, comes_back_and_leaves_the_reader_behind_it) {
  for (const std::string id : {"group:g2:member", "group:g2:", "custom", "", "gr\0up"}) {
    std::string key;
    append_entitlement_identity(key, "group", "g2", id);
    append_next_element(key, "user");
    TupleReader reader(key);
    const auto identity = read_entitlement_identity(reader);
    ASSERT_TRUE(identity.ok()) << identity.status();
    EXPECT_EQ(*identity, EntitlementIdentity("group", "g2", id));
    EXPECT_EQ(reader.next_raw(), "user");
    EXPECT_TRUE(reader.at_end());
  }
}

TEST(EntitlementIdentity, refuses_what_it_never_writes) {
  for (const std::string& key : {"group\0g2\0001"s, "group"s, "group\0g2\0002\0member"s}) {
    TupleReader reader(key);
    EXPECT_EQ(read_entitlement_identity(reader).status().code(), absl::StatusCode::kDataLoss);
  }
}

TEST(BigEndian, writes_and_reads) {
  std::string bytes;
  append_be16(bytes, 0x0102);
  append_be32(bytes, 0x03040506);
  append_be64(bytes, 0x0708090a0b0c0d0eU);
  EXPECT_EQ(bytes, "\1\2\3\4\5\6\7\x08\x09\x0a\x0b\x0c\x0d\x0e"s);
  EXPECT_EQ(load_be16(bytes.data()), 0x0102);
  EXPECT_EQ(load_be32(bytes.data() + 2), 0x03040506U);
  EXPECT_EQ(load_be64(bytes.data() + 6), 0x0708090a0b0c0d0eU);
}

}  // namespace
}  // namespace baton
