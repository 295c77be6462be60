#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "base/error_facts.hpp"
#include "client_fixture.hpp"
#include "http/json.hpp"

namespace baton::http {
namespace {

using std::chrono::milliseconds;
using test::FakeHttpServer;
using test::FakeReply;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ClientFailureTest : public ClientTest {
 protected:
  /// The error of a GET of `/a` against this server.
  absl::Status failure_of(const FakeHttpServer& server) { return failure_of(options_for(server.url())); }

  absl::Status failure_of(ClientOptions options) {
    const auto client = make_client(std::move(options));
    return await(client->get_json("/a")).status();
  }

  static std::string message(const absl::Status& status) { return std::string(status.message()); }
};

TEST_F(ClientFailureTest, ARefusedConnectionIsTriedThreeTimesAndNamed) {
  std::string url;
  {
    FakeHttpServer gone;
    url = gone.url();
  }
  const absl::Status status = failure_of(options_for(url));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(message(status), "GET " + url + "/a: connection refused");
  EXPECT_EQ(retryable(status), true);
  EXPECT_EQ(permits_.granted, 3);
  EXPECT_EQ(permits_.spent, 0);
}

TEST_F(ClientFailureTest, AResetIsTriedAgain) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(200).reset(), FakeReply(200).reset(), FakeReply::json("{}")});
  EXPECT_TRUE(failure_of(server).ok());
  server.on("/a", {FakeReply(200).reset()});
  const absl::Status status = failure_of(server);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(message(status), HasSubstr("/a: connection reset by the server"));
  EXPECT_EQ(server.requests().size(), 6u);
}

TEST_F(ClientFailureTest, APostThatMayHaveArrivedIsNotSentTwice) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(200).reset(), FakeReply::json("{}")});
  const auto client = make_client(options_for(server.url()));
  EXPECT_EQ(await(client->post_json("/a", "{}")).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(server.requests().size(), 1u);

  server.on("/a", {FakeReply(200).reset(), FakeReply::json("{}")});
  Request search(Method::kPost, "/a");
  search.json("{}");
  search.idempotent = true;
  EXPECT_TRUE(await(client->send_json(std::move(search))).ok());
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST_F(ClientFailureTest, ATruncatedBodyIsNoticedAndTriedAgain) {
  FakeHttpServer server;
  server.on("/a", {FakeReply::json(R"({"items":[]})").truncate_after(5), FakeReply::json("{}")});
  EXPECT_TRUE(failure_of(server).ok());
  server.on("/a", {FakeReply::json(R"({"items":[]})").truncate_after(5)});
  const absl::Status status = failure_of(server);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(message(status), HasSubstr("connection closed after 5 of 12 bytes of the response"));
  EXPECT_EQ(server.requests().size(), 5u);
}

TEST_F(ClientFailureTest, ATruncatedChunkedBodyIsNoticed) {
  FakeHttpServer server;
  server.on("/a", {FakeReply::json(R"({"items":[]})").chunked(4).truncate_after(9)});
  const absl::Status status = failure_of(server);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(message(status), HasSubstr("connection closed in the middle of the response"));
}

TEST_F(ClientFailureTest, MalformedJsonIsTriedAgainAndThenInternal) {
  FakeHttpServer server;
  server.on("/a", {FakeReply::json(R"({"items":[{"id":1},{"id":}]})"), FakeReply::json("{}")});
  EXPECT_TRUE(failure_of(server).ok());
  server.on("/a", {FakeReply::json(R"({"items":[{"id":1},{"id":}]})")});
  const absl::Status status = failure_of(server);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(message(status), AllOf(HasSubstr("/a: malformed JSON at byte"), HasSubstr("$.items[1].id")));
  EXPECT_EQ(retryable(status), false);
  EXPECT_EQ(server.requests().size(), 5u);
}

TEST_F(ClientFailureTest, SomethingElseThanJsonIsShownScrubbedAndNotTriedAgain) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(200, "<html>\n\x01 sign in\n</html>").header("Content-Type", "text/html")});
  const absl::Status status = failure_of(server);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(
      message(status),
      HasSubstr("/a: answered text/html where JSON was expected (first bytes: \"<html> sign in </html>\")"));
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(ClientFailureTest, WhatIsNotHttpIsUndecodable) {
  FakeHttpServer server;
  server.on("/a", {FakeReply::raw("SSH-2.0-OpenSSH_9.2\r\n\r\n")});
  const absl::Status status = failure_of(server);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(message(status), HasSubstr("/a: not an HTTP response"));
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST_F(ClientFailureTest, ContradictingLengthsAreRefused) {
  FakeHttpServer server;
  server.on("/a", {FakeReply::raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}\n")});
  EXPECT_EQ(failure_of(server).code(), absl::StatusCode::kInternal);
}

TEST_F(ClientFailureTest, ServerErrorsAreTriedAgainAndKeepTheirFacts) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(500), FakeReply(503), FakeReply::json("{}")});
  EXPECT_TRUE(failure_of(server).ok());
  server.on("/a", {FakeReply(502, R"({"error":"upstream\u0007 down"})")});
  const absl::Status status = failure_of(server);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(message(status), HasSubstr("/a: 502 Bad Gateway: upstream down"));
  EXPECT_EQ(http_status(status), 502);
  EXPECT_EQ(retryable(status), true);
  EXPECT_EQ(server.requests().size(), 6u);
  EXPECT_EQ(permits_.granted, 6);
}

TEST_F(ClientFailureTest, RefusalsAreNotTriedAgain) {
  class Row {
   public:
    int http;
    absl::StatusCode code;
  };
  for (const Row row :
       {Row{400, absl::StatusCode::kInvalidArgument}, Row{401, absl::StatusCode::kUnauthenticated},
        Row{403, absl::StatusCode::kPermissionDenied}, Row{404, absl::StatusCode::kNotFound},
        Row{501, absl::StatusCode::kUnimplemented}}) {
    FakeHttpServer server;
    server.on("/a", {FakeReply(row.http)});
    const absl::Status status = failure_of(server);
    EXPECT_EQ(status.code(), row.code) << row.http;
    EXPECT_EQ(http_status(status), row.http);
    EXPECT_EQ(retryable(status), false);
    EXPECT_EQ(server.requests().size(), 1u) << row.http;
  }
}

TEST_F(ClientFailureTest, AnEchoOfOurSecretIsNotShown) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(403, "token t0p-s3cret is not allowed here")});
  ClientOptions options = options_for(server.url());
  options.credentials = Credentials::bearer("t0p-s3cret");
  const absl::Status status = failure_of(std::move(options));
  EXPECT_THAT(message(status), AllOf(HasSubstr("token REDACTED is not allowed"), Not(HasSubstr("s3cret"))));
}

TEST_F(ClientFailureTest, ASecretInAQueryIsNotShown) {
  FakeHttpServer server;
  const auto client = make_client(options_for(server.url()));
  const absl::Status status = await(client->get_json("/a?api_key=abc123&limit=5")).status();
  EXPECT_THAT(message(status), AllOf(HasSubstr("limit=5: 404"), Not(HasSubstr("abc123"))));
}

TEST_F(ClientFailureTest, AShortRetryAfterIsWaitedFor) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(429).header("Retry-After", "1"), FakeReply::json("{}")});
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(failure_of(server).ok());
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(950));
}

TEST_F(ClientFailureTest, ALongRetryAfterIsHandedToTheCaller) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(429)
                       .header("Retry-After", "120")
                       .header("X-RateLimit-Limit", "1000")
                       .header("X-RateLimit-Remaining", "3")});
  const absl::Status status = failure_of(server);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(http_status(status), 429);
  ASSERT_TRUE(retry_after(status).has_value());
  EXPECT_GT(*retry_after(status), std::chrono::seconds(110));
  const auto facts = rate_limit(status);
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts->limit, 1000);
  EXPECT_EQ(facts->remaining, 0);
  EXPECT_EQ(facts->state, RateLimitFacts::State::kOverLimit);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(ClientFailureTest, ABodyAboveTheCapIsRefusedBeforeItIsRead) {
  const std::string body = "\"" + std::string(5000, 'x') + "\"";
  for (const FakeReply& reply :
       {FakeReply::json(body), FakeReply::json(body).chunked(100), FakeReply::json(body).until_close()}) {
    FakeHttpServer server;
    server.on("/a", {reply});
    ClientOptions options = options_for(server.url());
    options.max_body_bytes = 4096;
    const absl::Status status = failure_of(std::move(options));
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_THAT(message(status), HasSubstr("the response is larger than 4096 bytes"));
    EXPECT_EQ(server.requests().size(), 1u);
  }
}

TEST_F(ClientFailureTest, AHeaderAboveTheCapIsRefused) {
  FakeHttpServer server;
  server.on("/a", {FakeReply::json("{}").header("X-Much", std::string(70'000, 'h'))});
  const absl::Status status = failure_of(server);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(message(status), HasSubstr("header is larger than 65536 bytes"));
}

TEST_F(ClientFailureTest, SilenceEndsAtTheHeaderLimit) {
  FakeHttpServer server;
  server.on("/a", {FakeReply::json("{}").hold()});
  ClientOptions options = options_for(server.url());
  options.timeouts.header = milliseconds(40);
  const absl::Status status = failure_of(std::move(options));
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(message(status), HasSubstr("/a: timed out after 40 ms while waiting for the response"));
  EXPECT_EQ(server.requests().size(), 1u);
  EXPECT_EQ(permits_.given_back, 1);
  server.wait_until_open(1);
}

TEST_F(ClientFailureTest, AStalledBodyEndsAtTheLimitOfTheWholeTry) {
  FakeHttpServer server;
  server.on("/a", {FakeReply::json(R"({"items":[1,2,3]})").hold_in_body()});
  ClientOptions options = options_for(server.url());
  options.timeouts.total = milliseconds(60);
  const absl::Status status = failure_of(std::move(options));
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(message(status), HasSubstr("timed out after 60 ms while reading the response"));
}

TEST_F(ClientFailureTest, AWaitForAConnectionIsLimitedToo) {
  FakeHttpServer server;
  server.on("/slow", {FakeReply::json("{}").hold()});
  ClientOptions options = options_for(server.url());
  options.max_connections_per_host = 1;
  options.timeouts.total = milliseconds(60);
  const auto client = make_client(std::move(options));
  std::vector<absl::Status> results;
  for (int i = 0; i < 3; ++i) {
    boost::asio::co_spawn(context_, client->get_json("/slow"),
                          [&](const std::exception_ptr&, absl::StatusOr<JsonDocument> answer) {
                            results.push_back(answer.status());
                          });
  }
  drive([&] { return results.size() == 3; });
  for (const absl::Status& status : results) EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(ClientFailureTest, BadRequestsNeverReachTheServer) {
  FakeHttpServer server;
  const auto client = make_client(options_for(server.url()));
  EXPECT_EQ(await(client->get_json("/a b")).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(await(client->get_json("/a\r\nX: y")).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(await(client->get_json("ftp://host/")).status().code(), absl::StatusCode::kInvalidArgument);
  Request request(Method::kGet, "/a");
  request.header("X-Name", "line\r\nX-Other: 1");
  EXPECT_EQ(await(client->send(std::move(request))).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(server.connections(), 0u);
  EXPECT_FALSE(Client::create(context_.get_executor(), ClientOptions("host/without/scheme"), permits_).ok());
}

}  // namespace
}  // namespace baton::http
