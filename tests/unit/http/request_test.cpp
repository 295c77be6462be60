#include "http/request.hpp"

#include <string>

#include <gtest/gtest.h>

#include "http/credentials.hpp"

namespace baton::http {
namespace {

TEST(Request, OnlyReadingMethodsAreIdempotentByThemselves) {
  for (const Method method : {Method::kGet, Method::kHead, Method::kOptions}) {
    EXPECT_TRUE(Request(method, "/a").is_idempotent());
  }
  for (const Method method : {Method::kPost, Method::kPut, Method::kPatch, Method::kDelete}) {
    EXPECT_FALSE(Request(method, "/a").is_idempotent());
  }
}

TEST(Request, AKeyOrTheCallersWordMakesItIdempotent) {
  EXPECT_TRUE(Request(Method::kPost, "/a").header("idempotency-key", "1").is_idempotent());
  EXPECT_TRUE(Request(Method::kPost, "/a").header("X-Idempotency-Key", "1").is_idempotent());
  Request search(Method::kPost, "/search");
  search.idempotent = true;
  EXPECT_TRUE(search.is_idempotent());
  Request odd(Method::kGet, "/consume");
  odd.idempotent = false;
  EXPECT_FALSE(odd.is_idempotent());
}

TEST(Request, AJsonBodyNamesItsTypeOnce) {
  Request plain(Method::kPost, "/a");
  plain.json("{}");
  EXPECT_EQ(plain.headers.value("content-type"), "application/json");
  Request special(Method::kPost, "/a");
  special.header("Content-Type", "application/vnd.api+json").json("{}");
  EXPECT_EQ(special.headers.size(), 1u);
  EXPECT_EQ(special.headers.value("content-type"), "application/vnd.api+json");
}

TEST(Headers, NamesAreFoundInAnyCaseAndTheFirstWins) {
  Headers headers;
  headers.add("Link", "<1>");
  headers.add("LINK", "<2>");
  headers.add("Empty", "");
  EXPECT_EQ(headers.find("link"), "<1>");
  EXPECT_EQ(headers.find("Empty"), "");
  EXPECT_EQ(headers.find("Lin"), std::nullopt);
  EXPECT_EQ(headers.value_at(1), "<2>");
}

TEST(Headers, FieldsThatWouldSmuggleAnotherOneAreInvalid) {
  EXPECT_TRUE(is_valid_field("X-Trace", "a b\tc; d=\"\xc3\xa9\""));
  EXPECT_TRUE(is_valid_field("X-Empty", ""));
  for (const char* name : {"", "X Y", "X:Y", "X\r\nY", "\xc3\xa9"})
    EXPECT_FALSE(is_valid_field(name, "v")) << name;
  EXPECT_FALSE(is_valid_field("X", "a\r\nY: b"));
  EXPECT_FALSE(is_valid_field("X", std::string("a\0b", 3)));
  EXPECT_FALSE(is_valid_field("X", "a\x7f"));
}

TEST(Credentials, BecomeAHeadersValue) {
  EXPECT_EQ(Credentials::bearer("t").header_value(), "Bearer t");
  EXPECT_EQ(Credentials::basic("Aladdin", "open sesame").header_value(),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_TRUE(Credentials().empty());
  EXPECT_TRUE(Credentials::bearer("").empty());
}

}  // namespace
}  // namespace baton::http
