#include <string>

#include <gmock/gmock.h>

#include "base/error_facts.hpp"
#include "client_fixture.hpp"
#include "http/json.hpp"

namespace baton::http {
namespace {

using test::FakeHttpServer;
using test::FakeReply;
using ::testing::HasSubstr;

class ClientRedirectTest : public ClientTest {
 protected:
  static FakeReply redirect(int status, const std::string& location) {
    FakeReply reply(status);
    reply.header("Location", location);
    return reply;
  }

  std::unique_ptr<Client> authenticated(const FakeHttpServer& server) {
    ClientOptions options = options_for(server.url());
    options.credentials = Credentials::bearer("s3cret");
    return make_client(std::move(options));
  }
};

TEST_F(ClientRedirectTest, OnTheSameHostCredentialsStay) {
  FakeHttpServer server;
  server.on("/old/page", {redirect(302, "../new?x=1")});
  server.on("/new", {FakeReply::json("{}")});
  const auto client = authenticated(server);
  EXPECT_TRUE(await(client->get_json("/old/page")).ok());
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[1].target, "/new?x=1");
  EXPECT_EQ(requests[1].headers.at("authorization"), "Bearer s3cret");
  EXPECT_EQ(permits_.granted, 2);
}

TEST_F(ClientRedirectTest, OnAnotherHostCredentialsAndCookiesStayBehind) {
  FakeHttpServer other;
  other.on("/there", {FakeReply::json("{}")});
  FakeHttpServer server;
  server.on("/a", {redirect(307, other.url() + "/there")});
  const auto client = authenticated(server);
  Request request(Method::kGet, "/a");
  request.header("Cookie", "session=1").header("X-Trace", "7");
  EXPECT_TRUE(await(client->send(std::move(request))).ok());
  ASSERT_EQ(server.requests().size(), 1u);
  EXPECT_EQ(server.requests()[0].headers.at("cookie"), "session=1");
  ASSERT_EQ(other.requests().size(), 1u);
  const auto headers = other.requests()[0].headers;
  EXPECT_EQ(headers.count("authorization"), 0u);
  EXPECT_EQ(headers.count("cookie"), 0u);
  EXPECT_EQ(headers.at("x-trace"), "7");
}

TEST_F(ClientRedirectTest, AnAbsoluteTargetElsewhereGetsNoCredentials) {
  FakeHttpServer other;
  other.on("/next", {FakeReply::json("{}")});
  FakeHttpServer server;
  const auto client = authenticated(server);
  EXPECT_TRUE(await(client->get_json(other.url() + "/next")).ok());
  EXPECT_EQ(other.requests()[0].headers.count("authorization"), 0u);
}

TEST_F(ClientRedirectTest, ALoopEndsAfterTenRedirects) {
  FakeHttpServer server;
  server.on("/a", {redirect(301, "/a")});
  const auto client = authenticated(server);
  const absl::Status status = await(client->get_json("/a")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnknown);
  EXPECT_THAT(std::string(status.message()), HasSubstr("301 Moved Permanently: too many redirects"));
  EXPECT_EQ(server.requests().size(), 11u);
}

TEST_F(ClientRedirectTest, APostIsNotRedirected) {
  FakeHttpServer server;
  server.on("/a", {redirect(307, "/b")});
  const auto client = authenticated(server);
  const absl::Status status = await(client->post_json("/a", "{}")).status();
  EXPECT_EQ(http_status(status), 307);
  EXPECT_THAT(std::string(status.message()), HasSubstr("only GET and HEAD are redirected"));
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(ClientRedirectTest, ARedirectToNowhereIsAnError) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(302)});
  server.on("/b", {redirect(302, "ftp://host/")});
  const auto client = authenticated(server);
  for (const std::string path : {"/a", "/b"}) {
    EXPECT_THAT(std::string(await(client->get_json(path)).status().message()),
                HasSubstr("the redirect names no usable location"));
  }
}

}  // namespace
}  // namespace baton::http
