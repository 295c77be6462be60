#include "http/json.hpp"

#include <cstring>
#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace baton::http {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kOrigin[] = "GET https://host/v1/users";

absl::StatusOr<JsonDocument> parse(std::string_view text) {
  Body body;
  EXPECT_TRUE(body.append(text));
  return JsonPool::create()->parse(std::move(body), kOrigin);
}

JsonDocument must_parse(std::string_view text) {
  absl::StatusOr<JsonDocument> document = parse(text);
  EXPECT_TRUE(document.ok()) << document.status();
  return *std::move(document);
}

TEST(Json, ReadsEveryKindOfMemberInAnyOrder) {
  JsonDocument document = must_parse(
      R"({"last": 1.5, "ok": true, "id": "u1", "big": 9007199254740993, "none": null, "in": {"deep": -3}})");
  JsonObject root = json_root(document);
  EXPECT_EQ(root.string("id"), "u1");
  EXPECT_EQ(root.integer("big"), 9007199254740993);
  EXPECT_TRUE(root.boolean("ok"));
  EXPECT_EQ(root.object("in").integer("deep"), -3);
  EXPECT_EQ(root.number("last"), 1.5);
  EXPECT_EQ(root.string_or("none", "fallback"), "fallback");
  EXPECT_EQ(root.string_or("absent", "fallback"), "fallback");
  EXPECT_EQ(root.integer_or("absent", 7), 7);
  EXPECT_FALSE(root.boolean_or("absent", false));
  EXPECT_TRUE(root.status().ok()) << root.status();
}

TEST(Json, WalksArraysOfObjectsAndOfValues) {
  JsonDocument document =
      must_parse(R"({"users":[{"id":"a","roles":["x","y"]},{"roles":[],"id":"b"}],"next":"n"})");
  JsonObject root = json_root(document);
  std::vector<std::string> seen;
  const absl::Status read = root.for_each("users", [&](JsonObject user) {
    const std::string id(user.string("id"));
    return user.for_each("roles", [&](JsonValue role) { seen.push_back(id + std::string(role.string())); });
  });
  EXPECT_TRUE(read.ok()) << read;
  EXPECT_THAT(seen, ElementsAre("ax", "ay"));
  EXPECT_EQ(root.string("next"), "n");
}

TEST(Json, ARootArrayAndItsMembersByName) {
  JsonDocument document = must_parse(R"([{"a":1,"b":2},{"c":3}])");
  std::vector<std::string> seen;
  const absl::Status read = json_root_value(document).for_each([&](JsonObject object) {
    return object.for_each_member([&](std::string_view key, JsonValue value) {
      seen.push_back(std::string(key) + std::to_string(value.integer()));
    });
  });
  EXPECT_TRUE(read.ok()) << read;
  EXPECT_THAT(seen, ElementsAre("a1", "b2", "c3"));
}

TEST(Json, IdsMayBeNumbers) {
  JsonDocument document = must_parse(R"([{"id":"a"},{"id": 42 },{"id":-7}])");
  std::vector<std::string> ids;
  const absl::Status read =
      json_root_value(document).for_each([&](JsonObject object) { ids.emplace_back(object.id("id")); });
  EXPECT_TRUE(read.ok()) << read;
  EXPECT_THAT(ids, ElementsAre("a", "42", "-7"));
}

TEST(Json, EscapesAreUndoneAndPlainTextIsNotCopied) {
  JsonDocument document =
      must_parse(R"({"plain":"Zoë","escaped":"a\"b\\c\/\n\té\ud83d\ude00","half":"\ud83d!","key\u0031":1})");
  JsonObject root = json_root(document);
  const std::string_view plain = root.string("plain");
  EXPECT_EQ(plain, "Zo\xc3\xab");
  EXPECT_GE(plain.data(), document.text().data());
  EXPECT_LT(plain.data(), document.text().data() + document.text().size());
  EXPECT_EQ(root.string("escaped"), "a\"b\\c/\n\t\xc3\xa9\xf0\x9f\x98\x80");
  EXPECT_EQ(root.string("half"), "\xef\xbf\xbd!");

  JsonDocument again = must_parse(R"({"key\u0031":1})");
  std::string name;
  const absl::Status read =
      json_root(again).for_each_member([&](std::string_view key, JsonValue) { name = std::string(key); });
  EXPECT_TRUE(read.ok());
  EXPECT_EQ(name, "key1");
}

TEST(Json, RawTextKeepsWhatCame) {
  JsonDocument document = must_parse(R"({"a": {"b": [1, 2]} , "c": [ true ] , "d": "x\n" , "e": 1.50 })");
  JsonObject root = json_root(document);
  EXPECT_EQ(root.at("a").raw(), R"({"b": [1, 2]})");
  EXPECT_EQ(root.at("c").raw(), "[ true ]");
  EXPECT_EQ(root.at("d").raw(), R"("x\n")");
  EXPECT_EQ(root.at("e").raw(), "1.50");
}

TEST(Json, AMissingMemberIsNamedWithItsPlace) {
  JsonDocument document =
      must_parse(R"({"items":[{"id":"0"},{"id":"1"},{"id":"2"},{"name":"no id"},{"id":"4"}]})");
  int seen = 0;
  const absl::Status read = json_root(document).for_each("items", [&](JsonObject item) {
    (void)item.string("id");
    ++seen;
  });
  EXPECT_EQ(read.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(read.message(), std::string(kOrigin) + ": $.items[3].id: missing");
  EXPECT_EQ(seen, 4);
}

TEST(Json, AWrongKindIsNamedWithItsPlace) {
  class Row {
   public:
    const char* value;
    const char* found;
  };
  for (const Row row : {Row{"17", "a number"}, Row{"null", "null"}, Row{"true", "a boolean"},
                        Row{"{}", "an object"}, Row{"[]", "an array"}}) {
    JsonDocument document = must_parse(std::string(R"({"a":{"b":)") + row.value + "}}");
    JsonObject root = json_root(document);
    EXPECT_EQ(root.object("a").string("b"), "");
    EXPECT_EQ(root.status().message(),
              std::string(kOrigin) + ": $.a.b: " + row.found + " where a string was expected");
  }
  JsonDocument document = must_parse(R"({"n":"12","f":1.5,"o":[]})");
  JsonObject root = json_root(document);
  EXPECT_EQ(root.integer("n"), 0);
  EXPECT_THAT(std::string(root.status().message()), HasSubstr("$.n: a string where an integer was expected"));
  // The first error stays; later reads answer nothing.
  EXPECT_EQ(root.number("f"), 0);
  EXPECT_THAT(std::string(root.status().message()), HasSubstr("$.n:"));
}

TEST(Json, NumbersThatDoNotFitAreErrors) {
  for (const char* text : {R"({"n":1.5})", R"({"n":99999999999999999999})", R"({"n":1e3})"}) {
    JsonDocument document = must_parse(text);
    JsonObject root = json_root(document);
    EXPECT_EQ(root.integer("n"), 0);
    EXPECT_THAT(std::string(root.status().message()), HasSubstr("$.n: not an integer of 64 bits")) << text;
  }
  JsonDocument document = must_parse(R"({"n":1.5})");
  JsonObject root = json_root(document);
  EXPECT_EQ(root.id("n"), "");
  EXPECT_FALSE(root.status().ok());
}

TEST(Json, AnErrorOfTheCallerSticksLikeAnyOther) {
  JsonDocument document = must_parse(R"({"items":[{"id":""}]})");
  const absl::Status read = json_root(document).for_each("items", [](JsonObject item) {
    if (item.string("id").empty()) item.fail("empty id");
  });
  EXPECT_EQ(read.message(), std::string(kOrigin) + ": $.items[0]: empty id");
}

TEST(Json, AStatusOfTheCallerEndsTheLoop) {
  JsonDocument document = must_parse("[1,2,3]");
  int seen = 0;
  const absl::Status read = json_root_value(document).for_each([&](JsonValue value) -> absl::Status {
    ++seen;
    return value.integer() == 2 ? absl::AbortedError("enough") : absl::OkStatus();
  });
  EXPECT_EQ(read.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(seen, 2);
}

TEST(Json, WhateverIsMalformedShowsBeforeReading) {
  for (const char* text : {"{\"a\":1",      "[1,2",       "{\"a\":}",   "{\"a\" 1}",
                           "{\"a\":1,}",    "[1,]",       "[1 2]",      "{1:2}",
                           "[tru]",         "[nul]",      "[nullx]",    "[truex]",
                           "[true false]",  "[12x]",      "[01]",       "[\"a\\q\"]",
                           "[\"\\u12G4\"]", "[\"a\nb\"]", "[\"\xff\"]", "{} {}",
                           "[1]]",          "{\"a\":1}x", "[\"abc]",    "{\"a\":{\"b\":[1,{\"c\":tru}]}}",
                           "\"just text\"", "17"}) {
    const absl::Status status = parse(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(kOrigin)) << text;
  }
  EXPECT_THAT(std::string(parse("").status().message()), HasSubstr("empty answer where JSON was expected"));
  EXPECT_THAT(std::string(parse(R"({"items":[{"id":1},{"id":}]})").status().message()),
              AllOf(HasSubstr("malformed JSON at byte 25"), HasSubstr("$.items[1].id")));
}

TEST(Json, EveryTruncationOfAPageIsNoticed) {
  const std::string page = R"({"items":[{"id":"u1","on":true,"tags":["a\n",null]},{"id":2.5e3}],"next":"x"})";
  EXPECT_TRUE(parse(page).ok());
  for (std::size_t length = 0; length < page.size(); ++length) {
    EXPECT_FALSE(parse(page.substr(0, length)).ok()) << length;
  }
}

TEST(Json, DeepNestingIsRefused) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_EQ(parse(deep).status().code(), absl::StatusCode::kInternal);
  const std::string fine = std::string(400, '[') + std::string(400, ']');
  EXPECT_TRUE(parse(fine).ok());
}

TEST(Json, AByteOrderMarkIsSkipped) {
  JsonDocument document = must_parse("\xef\xbb\xbf{\"a\":1}");
  EXPECT_EQ(json_root(document).integer("a"), 1);
}

TEST(Json, ParsersAreUsedAgainAndKeepNothing) {
  const std::shared_ptr<JsonPool> pool = JsonPool::create();
  for (int i = 0; i < 3; ++i) {
    Body body;
    ASSERT_TRUE(body.append(R"({"a":"x\ny"})"));
    absl::StatusOr<JsonDocument> document = pool->parse(std::move(body), kOrigin);
    ASSERT_TRUE(document.ok());
    JsonObject root = json_root(*document);
    EXPECT_EQ(root.string("a"), "x\ny");
    EXPECT_TRUE(root.status().ok());
    (void)root.at("b");
    EXPECT_FALSE(root.status().ok());
  }
}

}  // namespace
}  // namespace baton::http
