#include "http/cassette.hpp"

#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Url url(std::string_view target) {
  return *Url::parse("https://api.test" + std::string(target));
}

Response response(int status, std::string_view body, std::string_view type = "application/json") {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", type);
  response.headers.add("Content-Length", std::to_string(body.size()));
  response.headers.add("Set-Cookie", "session=abc");
  response.headers.add("Link", "</next>; rel=\"next\"");
  EXPECT_TRUE(response.body.append(body));
  return response;
}

Request get(std::string target) {
  return Request(Method::kGet, std::move(target));
}

std::string taken(Cassette& cassette, const Request& request, std::string_view target) {
  const auto answer = cassette.take(request, url(target));
  return answer.ok() ? std::to_string(answer->status) + " " + std::string(answer->body.view()) : "none";
}

std::shared_ptr<Cassette> replayed(const Cassette& recorded) {
  auto cassette = Cassette::parse(recorded.text(), "cassette");
  EXPECT_TRUE(cassette.ok()) << cassette.status() << recorded.text();
  return *std::move(cassette);
}

TEST(Cassette, WhatWasRecordedIsAnsweredAgain) {
  const auto recorded = Cassette::record();
  recorded->keep(get("/a"), url("/a?x=1"), response(200, "{\"n\": [1, 2.50, \"\\u00e9\\n\", null, true]}"),
                 {});
  recorded->keep(get("/b"), url("/b"), response(404, "no \"such\"\nthing", "text/plain"), {});
  recorded->keep(get("/c"), url("/c"), response(200, "\xff\xfe", "image/png"), {});
  recorded->keep(get("/d"), url("/d"), response(204, ""), {});
  const auto cassette = replayed(*recorded);
  EXPECT_EQ(taken(*cassette, get("/a"), "/a?x=1"), "200 {\"n\":[1,2.5,\"\u00e9\\n\",null,true]}");
  EXPECT_EQ(taken(*cassette, get("/b"), "/b"), "404 no \"such\"\nthing");
  EXPECT_EQ(taken(*cassette, get("/c"), "/c"), "200 \xff\xfe");
  EXPECT_EQ(taken(*cassette, get("/d"), "/d"), "204 ");
  EXPECT_EQ(taken(*cassette, get("/a"), "/a"), "none");
  EXPECT_EQ(taken(*cassette, Request(Method::kPost, "/a"), "/a?x=1"), "none");
  const auto answer = cassette->take(get("/a"), url("/a?x=1"));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->headers.value("Link"), "</next>; rel=\"next\"");
  EXPECT_FALSE(answer->headers.find("Content-Length"));
}

TEST(Cassette, OfSeveralAnswersEachComesOnceAndTheLastForEver) {
  const auto recorded = Cassette::record();
  for (const char* body : {"[1]", "[2]"}) recorded->keep(get("/a"), url("/a"), response(200, body), {});
  const auto cassette = replayed(*recorded);
  for (const char* expected : {"200 [1]", "200 [2]", "200 [2]"})
    EXPECT_EQ(taken(*cassette, get("/a"), "/a"), expected);
}

TEST(Cassette, SecretsAreNotInItAndPageTokensLeadOn) {
  const auto recorded = Cassette::record();
  recorded->keep(get("/a"), url("/a?api_key=k-s3cret"),
                 response(200, R"({"rows":[1],"next_page_token":"p-s3cret-1","me":"b-s3cret says"})"),
                 {"b-s3cret"});
  recorded->keep(get("/a"), url("/a?page_token=p-s3cret-1"), response(200, R"({"rows":[2]})"), {});
  Request login(Method::kPost, "/token");
  login.anonymous = true;
  login.form({{"client_secret", "c-s3cret"}, {"assertion", "a-s3cret"}});
  recorded->keep(login, url("/token"), response(200, R"({"access_token":"t-s3cret","expires_in":60})"), {});
  Request search(Method::kPost, "/search");
  search.json(R"({"password":"w-s3cret","name":"x"})");
  recorded->keep(search, url("/search"), response(200, "[]"), {});
  const std::string text = recorded->text();
  EXPECT_THAT(text, Not(HasSubstr("s3cret")));
  EXPECT_THAT(text, Not(HasSubstr("session")));

  const auto cassette = replayed(*recorded);
  EXPECT_EQ(taken(*cassette, login, "/token").substr(0, 30), "200 {\"access_token\":\"REDACTED-");
  const std::string page = taken(*cassette, get("/a"), "/a?api_key=another");
  const std::size_t mark = page.find("REDACTED-");
  ASSERT_NE(mark, std::string::npos) << page;
  const std::string token = page.substr(mark, page.find('"', mark) - mark);
  EXPECT_EQ(taken(*cassette, get("/a"), "/a?page_token=" + token), "200 {\"rows\":[2]}");
  EXPECT_EQ(taken(*cassette, search, "/search"), "200 []") << "another secret in its place";
}

TEST(Cassette, AFileThatIsNoneSaysWhere) {
  const auto error = [](std::string_view text) {
    return std::string(Cassette::parse(text, "users.json").status().message());
  };
  EXPECT_THAT(error("{"), HasSubstr("users.json"));
  EXPECT_THAT(error(R"({"interactions":[{"request":{"method":"GET"}}]})"),
              HasSubstr("users.json: $.interactions[0].request.target: missing"));
  EXPECT_THAT(
      error(
          R"({"interactions":[{"request":{"method":"GET","target":"/"},"response":{"status":200,"base64":"*"}}]})"),
      HasSubstr("base64"));
  EXPECT_EQ(Cassette::load("/nowhere/users.json").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace baton::http
