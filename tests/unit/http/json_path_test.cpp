#include "http/json_path.hpp"

#include <string>

#include <gtest/gtest.h>

namespace baton::http {
namespace {

TEST(JsonPath, NamesThePlaceOfEveryValue) {
  const std::string json =
      R"({"items": [ {"id": 1, "tags": ["a,b", "]"]}, {"id": 2} ], "a \"b\"": 3, "n": 4})";
  const auto path_of = [&json](const std::string& value) { return json_path_at(json, json.find(value)); };
  EXPECT_EQ(json_path_at(json, 0), "$");
  EXPECT_EQ(path_of("[ {"), "$.items");
  EXPECT_EQ(path_of("1,"), "$.items[0].id");
  EXPECT_EQ(path_of("\"a,b\""), "$.items[0].tags[0]");
  EXPECT_EQ(path_of("\"]\""), "$.items[0].tags[1]");
  EXPECT_EQ(path_of("{\"id\": 2"), "$.items[1]");
  EXPECT_EQ(path_of("2}"), "$.items[1].id");
  EXPECT_EQ(path_of("3,"), R"($["a \"b\""])");
  EXPECT_EQ(path_of("4}"), "$.n");
}

TEST(JsonPath, LongAndHostileKeysAreCutAndScrubbed) {
  const std::string json = "{\"" + std::string(500, 'k') + "\": {\"a\nb\": 1}}";
  const std::string path = json_path_at(json, json.find('1'));
  EXPECT_LT(path.size(), 150u);
  EXPECT_EQ(path.find('\n'), std::string::npos);
}

TEST(JsonPath, BrokenTextEndsWithSomeAnswer) {
  for (const char* json : {"", "]]]", "{\"a", "\"\\", "{{{[[[", ",,,"}) {
    EXPECT_EQ(json_path_at(json, 100).front(), '$') << json;
  }
}

}  // namespace
}  // namespace baton::http
