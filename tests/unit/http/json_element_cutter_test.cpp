#include "http/json_element_cutter.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/status/statusor.h"

namespace baton::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// The elements, the same however the text is cut; or an error.
absl::StatusOr<std::vector<std::string>> cut(std::string member, std::string_view text,
                                             std::size_t limit = 1000) {
  absl::StatusOr<std::vector<std::string>> result;
  for (std::size_t size = 1; size <= text.size() + 1; ++size) {
    JsonElementCutter cutter(member, limit);
    absl::Status status;
    for (std::size_t at = 0; at < text.size() && status.ok(); at += size)
      status = cutter.feed(text.substr(at, size));
    if (status.ok()) status = cutter.finish();
    absl::StatusOr<std::vector<std::string>> pieces;
    if (status.ok()) {
      pieces = std::vector<std::string>(cutter.ready().begin(), cutter.ready().end());
    } else {
      pieces = status;
    }
    if (size > 1) {
      EXPECT_EQ(pieces.ok(), result.ok());
      if (pieces.ok() && result.ok()) {
        EXPECT_EQ(*pieces, *result);
      }
    }
    result = std::move(pieces);
  }
  return result;
}

TEST(JsonElementCutter, ElementsOfEveryKindComeOutAsTheyAre) {
  EXPECT_THAT(*cut("", R"( [ {"a":[1,2]} , "x,]\"[" ,3, null,[ ],true ] )"),
              ElementsAre(R"({"a":[1,2]} )", R"("x,]\"[" )", "3", "null", "[ ]", "true "));
  EXPECT_THAT(*cut("", "[]"), IsEmpty());
  EXPECT_THAT(*cut("", "\xef\xbb\xbf[1]"), ElementsAre("1"));
  EXPECT_THAT(
      *cut("items", R"({"total":2,"x":{"items":[9]},"n":["items",[1]],"items":[{"id":1},2],"end":"]"})"),
      ElementsAre(R"({"id":1})", "2"));
  EXPECT_THAT(*cut("items", R"({"items":null,"a":1})"), IsEmpty());
  EXPECT_THAT(*cut("items", R"({"a":"items","items":[1],"b":[2]})"), ElementsAre("1"));
}

TEST(JsonElementCutter, WhatIsNoSuchTextIsAnErrorWithItsPlace) {
  for (const char* text :
       {"", "[1", "[1,2", R"({"items":[1]})", "[1]]", "[1] x", "[1,]", "[,1]", "[}", "[{]", "\"a\""}) {
    EXPECT_FALSE(cut("", text).ok()) << text;
  }
  for (const char* text :
       {"[1]", "{}", R"({"item":[1]})", R"({"items":{}})", R"({"items":[1])", R"({"items":[1)"}) {
    EXPECT_FALSE(cut("items", text).ok()) << text;
  }
  const absl::Status status = cut("", "[1,2}").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("at byte 4"));
  EXPECT_EQ(cut("", "[\"" + std::string(2000, 'x') + "\"]").status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_FALSE(cut("", std::string(600, '[')).ok());
}

}  // namespace
}  // namespace baton::http
