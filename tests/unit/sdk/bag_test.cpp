#include "sdk/bag.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton::sdk {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Bag, the_empty_bag_is_the_empty_token) {
  const auto bag = Bag::parse("");
  ASSERT_TRUE(bag.ok());
  EXPECT_EQ(bag->current(), nullptr);
  EXPECT_EQ(bag->marshal(), "");
  EXPECT_EQ(bag->token(), "");
}

TEST(Bag, writes_upstreams_form) {
  Bag bag;
  bag.push(PageState("2", "user"));
  EXPECT_EQ(bag.marshal(), R"({"states":null,"current_state":{"token":"2","type":"user"}})");
  bag.push(PageState("", "group", "g1"));
  EXPECT_EQ(bag.marshal(),
            R"({"states":[{"token":"2","type":"user"}],"current_state":{"type":"group","id":"g1"}})");
  bag.pop();
  EXPECT_EQ(bag.marshal(), R"({"states":[],"current_state":{"token":"2","type":"user"}})");
}

TEST(Bag, escapes_like_go) {
  Bag bag;
  bag.push(PageState("<a>&\"\\\n\x01/\xc3\xa9\xe2\x80\xa8"));
  EXPECT_EQ(bag.marshal(),
            "{\"states\":null,\"current_state\":{\"token\":"
            "\"\\u003ca\\u003e\\u0026\\\"\\\\\\n\\u0001/\xc3\xa9\\u2028\"}}");
  const auto back = Bag::parse(bag.marshal());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->token(), "<a>&\"\\\n\x01/\xc3\xa9\xe2\x80\xa8");
}

TEST(Bag, reads_both_forms_and_keeps_them) {
  for (const std::string text :
       {R"({"states":null,"current_state":{"token":"2","type":"user"}})",
        R"({"states":[],"current_state":{"token":"2"}})",
        R"({"states":[{"token":"1"},{"type":"x","id":"y"}],"current_state":{"id":"z"}})"}) {
    const auto bag = Bag::parse(text);
    ASSERT_TRUE(bag.ok()) << bag.status();
    EXPECT_EQ(bag->marshal(), text);
  }
}

TEST(Bag, tolerates_space_order_and_unknown_members) {
  const auto bag = Bag::parse(
      " { \"extra\" : [1, {\"a\": null}, -2.5e3, true], \"current_state\" : {\"id\":null, \"more\":{}, "
      "\"type\":\"u\\u0073er\"},\n \"states\" : null } ");
  ASSERT_TRUE(bag.ok()) << bag.status();
  EXPECT_EQ(bag->resource_type_id(), "user");
  EXPECT_EQ(bag->resource_id(), "");
}

TEST(Bag, a_state_of_no_parts_is_a_state) {
  const auto bag = Bag::parse(R"({"states":null,"current_state":{}})");
  ASSERT_TRUE(bag.ok());
  ASSERT_NE(bag->current(), nullptr);
  EXPECT_EQ(*bag->current(), PageState());
}

TEST(Bag, refuses_what_is_no_token) {
  for (const std::string text :
       {"x", "[]", "{", "{}x", "null", R"({"states":5})", R"({"current_state":{"token":5}})",
        R"({"current_state":{"token":"a})", R"({"current_state":{"token":"a",}})", R"({"a" 1})",
        R"({"a":01})", R"({"a":"\x"})", R"({"a":"\u12"})", "{\"a\":\"\n\"}", "{\"a\":\"\xff\"}", R"({,})",
        R"([1,])"}) {
    const absl::Status status = Bag::parse(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), StartsWith("page token corrupt: ")) << text;
  }
}

TEST(Bag, has_limits) {
  EXPECT_FALSE(Bag::parse(std::string((1 << 20) + 1, ' ')).ok());
  std::string deep = "{\"x\":";
  for (int i = 0; i < 100'000; ++i) deep.push_back('[');
  EXPECT_THAT(std::string(Bag::parse(deep).status().message()), HasSubstr("nesting"));
}

TEST(Bag, next_replaces_or_finishes) {
  Bag bag;
  EXPECT_EQ(bag.next("").message(), "no active page state");
  EXPECT_EQ(bag.next("1").code(), absl::StatusCode::kFailedPrecondition);
  bag.push(PageState("", "user"));
  bag.push(PageState("", "group"));
  EXPECT_TRUE(bag.next("7").ok());
  EXPECT_EQ(*bag.current(), PageState("7", "group"));
  EXPECT_TRUE(bag.next("").ok());
  EXPECT_EQ(*bag.current(), PageState("", "user"));
  EXPECT_TRUE(bag.next("").ok());
  EXPECT_EQ(bag.current(), nullptr);
}

TEST(Bag, next_token_walks_a_listing_to_its_end) {
  Bag bag;
  EXPECT_EQ(*bag.next_token("2"), R"({"states":null,"current_state":{"token":"2"}})");
  EXPECT_EQ(*bag.next_token("3"), R"({"states":null,"current_state":{"token":"3"}})");
  EXPECT_EQ(*bag.next_token(""), "");
}

TEST(Bag, an_empty_bag_without_a_token_does_not_start_over) {
  Bag bag;
  EXPECT_EQ(*bag.next_token(""), "");
  EXPECT_EQ(*bag.next_token(), "");
}

TEST(Bag, pop_answers_in_the_reverse_order) {
  Bag bag;
  EXPECT_EQ(bag.pop(), std::nullopt);
  bag.push(PageState("1"));
  bag.push(PageState("2"));
  EXPECT_EQ(bag.pop(), PageState("2"));
  EXPECT_EQ(bag.pop(), PageState("1"));
  EXPECT_EQ(bag.pop(), std::nullopt);
}

TEST(Bag, reads_surrogate_pairs) {
  EXPECT_EQ(Bag::parse(R"({"current_state":{"token":"\ud83e\uddf8"}})")->token(), "\xf0\x9f\xa7\xb8");
  EXPECT_EQ(Bag::parse(R"({"current_state":{"token":"\ud83ex"}})")->token(), "\xef\xbf\xbdx");
  EXPECT_EQ(Bag::parse(R"({"current_state":{"token":"\ud83e\u0041"}})")->token(),
            "\xef\xbf\xbd"
            "A");
}

}  // namespace
}  // namespace baton::sdk
