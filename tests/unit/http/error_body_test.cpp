#include "http/error_body.hpp"

#include <gtest/gtest.h>

namespace baton::http {
namespace {

std::string message(std::string_view type, std::string_view text) {
  Body body;
  EXPECT_TRUE(body.append(text));
  body.seal();
  return error_message_of(type, body, 200);
}

TEST(ErrorBody, AProblemIsItsTitleAndDetail) {
  EXPECT_EQ(
      message(
          "application/problem+json",
          R"({"type":"https://example.test/out","title":"No credit","detail":"Balance is 30.","status":403})"),
      "No credit: Balance is 30.");
  EXPECT_EQ(message("application/problem+json", R"({"title":"No credit"})"), "No credit");
}

TEST(ErrorBody, TheUsualMembersAreFound) {
  for (const std::string_view json :
       {R"({"message":"no such user"})", R"({"error":{"message":"no such user","code":4}})",
        R"({"errorCode":"E7","errorSummary":"no such user"})", R"({"errors":[{"detail":"no such user"},{}]})",
        R"({"errors":["no such user"]})", R"({"error":"no such user"})",
        R"({"errorMessages":["no such user"]})", R"([{"message":"no such user"}])"}) {
    EXPECT_EQ(message("application/json", json), "no such user") << json;
  }
  EXPECT_EQ(message("application/json", R"({"error":"invalid_grant","error_description":"it is expired"})"),
            "invalid_grant: it is expired");
}

TEST(ErrorBody, TextIsShownAndOfAPageItsTitle) {
  EXPECT_EQ(message("text/plain; charset=utf-8", "  try\n later "), "try later");
  EXPECT_EQ(message("text/html", "<html><head><TITLE>502 Bad\nGateway</TITLE></head><body>…"),
            "502 Bad Gateway");
  EXPECT_EQ(message("application/json", "<oops>"), "\"<oops>\"");
  EXPECT_EQ(message("", ""), "");
}

TEST(ErrorBody, SecretsAreReplacedAndTheRestIsCut) {
  EXPECT_EQ(message("application/json", R"({"message":"bad request: Authorization: Bearer abc.def-1"})"),
            "bad request: Authorization: Bearer REDACTED");
  EXPECT_EQ(message("application/octet-stream", R"({"access_token":"s3cr\"et","user":"ann"})"),
            R"("{"access_token":"REDACTED","user":"ann"}")");
  EXPECT_EQ(message("text/plain", "client_secret=hunter2&user=ann"), "client_secret=REDACTED&user=ann");
  EXPECT_LE(message("text/plain", std::string(10'000, 'x')).size(), 203u);
}

TEST(ErrorBody, HostileBodiesAreOnlyText) {
  EXPECT_EQ(message("application/json", R"({"message":{"message":7}})"), R"("{"message":{"message":7}}")");
  message("application/json", std::string(100'000, '['));
  message("application/json", R"({"errors":[[[[[[[[[["deep"]]]]]]]]]]})");
  message("text/html", "<title>");
  message("application/json", std::string("{\"message\":\"\xff\xfe") + '\0' + "\x1b[31m\"}");
}

}  // namespace
}  // namespace baton::http
