#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "base/error_facts.hpp"
#include "client_fixture.hpp"

namespace baton::http {
namespace {

using test::FakeHttpServer;
using test::FakeReply;
using test::TestCertificate;
using ::testing::HasSubstr;
using ::testing::Not;

class ClientTransportTest : public ClientTest {
 protected:
  static ClientOptions through(const FakeHttpServer& proxy, std::string base_url,
                               std::string_view user = "") {
    ClientOptions options = options_for(base_url);
    const std::string url = "http://" + std::string(user) + "127.0.0.1:" + std::to_string(proxy.port());
    auto proxies = ProxySettings::parse(url, url, "");
    EXPECT_TRUE(proxies.ok());
    options.proxies = *std::move(proxies);
    return options;
  }
};

TEST_F(ClientTransportTest, ACompressedBodyComesOutPlain) {
  FakeHttpServer server;
  // {"a":1} by gzip.
  const std::string coded = absl::HexStringToBytes("1f8b0800000000000203ab564a54b232ac0500afac1b5607000000");
  server.on(
      "/a",
      {FakeReply(200, coded).header("Content-Encoding", "gzip").header("Content-Type", "application/json")});
  const auto client = make_client(options_for(server.url()));
  absl::StatusOr<JsonDocument> document = await(client->get_json("/a"));
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->text(), "{\"a\":1}");
  EXPECT_EQ(server.requests().front().headers.at("accept-encoding"), "gzip, deflate, br, zstd");
}

TEST_F(ClientTransportTest, ABodyThatIsNotWhatItSaysIsTriedAgain) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(200, "{}").header("Content-Encoding", "gzip"), FakeReply::json("{}")});
  const auto client = make_client(options_for(server.url()));
  EXPECT_TRUE(await(client->get_json("/a")).ok());
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST_F(ClientTransportTest, APlainRequestGoesThroughTheProxyWhole) {
  FakeHttpServer proxy;
  proxy.on("http://api.test/a", {FakeReply::json("{}")});
  const auto client = make_client(through(proxy, "http://api.test", "ann:s3cret@"));
  const absl::Status status = await(client->get_json("/a")).status();
  ASSERT_TRUE(status.ok()) << status;
  const auto request = proxy.requests().front();
  EXPECT_EQ(request.target, "http://api.test/a");
  EXPECT_EQ(request.headers.at("host"), "api.test");
  EXPECT_EQ(request.headers.at("proxy-authorization"), "Basic YW5uOnMzY3JldA==");
}

TEST_F(ClientTransportTest, AProxyThatLetsNobodyThroughIsAnErrorAtOnce) {
  FakeHttpServer proxy;
  proxy.on("api.test:443", {FakeReply(407)});
  const auto client = make_client(through(proxy, "https://api.test", "ann:s3cret@"));
  const absl::Status status = await(client->get_json("/a")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(status.message()), HasSubstr("https://api.test/a: the proxy answered 407"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("s3cret")));
  ASSERT_EQ(proxy.requests().size(), 1u);
  EXPECT_EQ(proxy.requests().front().method, "CONNECT");
}

TEST_F(ClientTransportTest, AHostOfThisMachineIsReachedDirectly) {
  FakeHttpServer proxy;
  FakeHttpServer server;
  server.on("/a", {FakeReply::json("{}")});
  const auto client = make_client(through(proxy, server.url()));
  EXPECT_TRUE(await(client->get_json("/a")).ok());
  EXPECT_TRUE(proxy.requests().empty());
}

TEST_F(ClientTransportTest, ASecondConnectionGoesOnWithTheSession) {
  const TestCertificate certificate = TestCertificate::self_signed({"127.0.0.1"});
  FakeHttpServer server(certificate);
  server.on("/a", {FakeReply::json("{}").then_close()});
  ClientOptions options = options_for(server.url());
  options.tls.authorities = certificate.certificate();
  const auto client = make_client(std::move(options));
  for (int i = 0; i < 3; ++i) {
    const absl::Status status = await(client->get_json("/a")).status();
    ASSERT_TRUE(status.ok()) << status;
  }
  EXPECT_EQ(client->counters().connections_opened, 3u);
  EXPECT_EQ(client->counters().sessions_resumed, 2u);
}

TEST_F(ClientTransportTest, ADeadlineBoundsAllTries) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(429).header("Retry-After", "5")});
  const auto client = make_client(options_for(server.url()));
  Request request(Method::kGet, "/a");
  request.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  EXPECT_EQ(await(client->send(std::move(request))).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(server.requests().size(), 1u) << "the wait would go past the deadline";
}

TEST_F(ClientTransportTest, ALimitThatComesAs403IsWaitedForNotGivenUp) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(403, R"({"message":"You have exceeded a secondary rate limit."})")});
  const auto client = make_client(options_for(server.url()));
  const absl::Status status = await(client->get_json("/a")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(retry_after(status), std::chrono::milliseconds(60'000));
  EXPECT_EQ(retryable(status), true);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("403 Forbidden: You have exceeded a secondary rate limit."));
}

}  // namespace
}  // namespace baton::http
