#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/error_facts.hpp"
#include "client_fixture.hpp"
#include "http/json.hpp"

namespace baton::http {
namespace {

using test::FakeHttpServer;
using test::FakeReply;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(ClientTest, AGetOfJsonCarriesWhatAServiceExpects) {
  FakeHttpServer server;
  server.on("/api/v1/users", {FakeReply::json(R"({"items":[{"id":"u1"},{"id":"u2"}]})")});
  ClientOptions options = options_for(server.url() + "/api/v1");
  options.credentials = Credentials::bearer("s3cret");
  options.user_agent = "baton-demo/1";
  const auto client = make_client(std::move(options));

  absl::StatusOr<JsonDocument> document = await(client->get_json("/users?cursor=a%20b"));
  ASSERT_TRUE(document.ok()) << document.status();
  std::vector<std::string> ids;
  const absl::Status read =
      json_root(*document).for_each("items", [&](JsonObject user) { ids.emplace_back(user.string("id")); });
  EXPECT_TRUE(read.ok()) << read;
  EXPECT_THAT(ids, ElementsAre("u1", "u2"));

  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].method, "GET");
  EXPECT_EQ(requests[0].target, "/api/v1/users?cursor=a%20b");
  auto headers = requests[0].headers;
  EXPECT_EQ(headers["host"], "127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(headers["authorization"], "Bearer s3cret");
  EXPECT_EQ(headers["user-agent"], "baton-demo/1");
  EXPECT_EQ(headers["accept"], "application/json");
  EXPECT_EQ(headers.count("content-length"), 0u);
}

TEST_F(ClientTest, APostSendsItsBodyOnceAndReadsTheAnswer) {
  FakeHttpServer server;
  server.on("/graphql", {FakeReply::json(R"({"data":{"n":7}})")});
  const auto client = make_client(options_for(server.url()));
  const std::string body = R"({"query":")" + std::string(300'000, 'q') + R"("})";

  absl::StatusOr<JsonDocument> document = await(client->post_json("/graphql", body));
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(json_root(*document).object("data").integer("n"), 7);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].body, body);
  EXPECT_EQ(requests[0].headers.at("content-type"), "application/json");
}

TEST_F(ClientTest, RequestsInARowShareOneConnection) {
  FakeHttpServer server;
  server.on("/a", {FakeReply::json("{}")});
  const auto client = make_client(options_for(server.url()));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(await(client->get_json("/a")).ok());
  EXPECT_EQ(server.connections(), 1u);
  EXPECT_EQ(client->counters().requests, 5u);
  EXPECT_EQ(client->counters().connections_opened, 1u);
  EXPECT_EQ(permits_.granted, 5);
  EXPECT_EQ(permits_.given_back, 5);
  EXPECT_EQ(permits_.spent, 5);
}

TEST_F(ClientTest, AnAnswerThatForbidsReuseEndsItsConnection) {
  FakeHttpServer server;
  server.on("/a", {FakeReply::json("{}").header("Connection", "close")});
  const auto client = make_client(options_for(server.url()));
  EXPECT_TRUE(await(client->get_json("/a")).ok());
  EXPECT_TRUE(await(client->get_json("/a")).ok());
  EXPECT_EQ(server.connections(), 2u);
}

TEST_F(ClientTest, RequestsWaitForAConnectionInTheirOrder) {
  FakeHttpServer server;
  server.on("/n", {FakeReply::json("{}")});
  ClientOptions options = options_for(server.url());
  options.max_connections_per_host = 2;
  const auto client = make_client(std::move(options));
  std::vector<std::string> finished;
  for (int i = 0; i < 20; ++i) {
    const std::string target = "/n?i=" + std::to_string(i);
    boost::asio::co_spawn(
        context_, client->get_json(target),
        [&finished, target](const std::exception_ptr&, absl::StatusOr<JsonDocument> answer) {
          finished.push_back(answer.ok() ? target : answer.status().ToString());
        });
  }
  drive([&] { return finished.size() == 20; });
  EXPECT_EQ(server.connections(), 2u);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 20u);
  // Per connection, the server sees the requests in the order they were made.
  for (std::size_t connection = 1; connection <= 2; ++connection) {
    int last = -1;
    for (const auto& request : requests) {
      if (request.connection != connection) continue;
      const int number = std::stoi(request.target.substr(5));
      EXPECT_GT(number, last);
      last = number;
    }
  }
}

TEST_F(ClientTest, AConnectionThatTheServerGaveUpIsReplacedUnseen) {
  FakeHttpServer server;
  server.on("/a", {FakeReply::json("{}").then_close(), FakeReply::json(R"({"second":true})")});
  const auto client = make_client(options_for(server.url()));
  EXPECT_TRUE(await(client->get_json("/a")).ok());
  server.wait_until_open(0);
  absl::StatusOr<JsonDocument> second = await(client->get_json("/a"));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(json_root(*second).boolean("second"));
  EXPECT_EQ(client->counters().retries, 0u);
  EXPECT_EQ(permits_.granted, 2);
  EXPECT_EQ(server.connections(), 2u);
}

TEST_F(ClientTest, APostIsNotLostOnAConnectionThatTheServerGaveUp) {
  FakeHttpServer server;
  server.on("/a", {FakeReply::json("{}").then_close(), FakeReply::json("{}")});
  const auto client = make_client(options_for(server.url()));
  EXPECT_TRUE(await(client->get_json("/a")).ok());
  server.wait_until_open(0);
  EXPECT_TRUE(await(client->post_json("/a", "{}")).ok());
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST_F(ClientTest, BodiesComeInEveryForm) {
  const std::string big = R"({"text":")" + std::string(3'000'000, 'x') + R"("})";
  FakeHttpServer server;
  server.on("/length", {FakeReply::json(big)});
  server.on("/chunked", {FakeReply::json(big).chunked(70'001)});
  server.on("/tiny-chunks", {FakeReply::json(R"({"text":"abc"})").chunked(1)});
  server.on("/close", {FakeReply::json(big).until_close()});
  server.on("/interim", {FakeReply::raw("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                        "Content-Length: 2\r\n\r\n{}")});
  const auto client = make_client(options_for(server.url()));
  for (const std::string path : {"/length", "/chunked", "/close"}) {
    absl::StatusOr<JsonDocument> document = await(client->get_json(path));
    ASSERT_TRUE(document.ok()) << path << document.status();
    EXPECT_EQ(document->text(), big) << path;
  }
  absl::StatusOr<JsonDocument> tiny = await(client->get_json("/tiny-chunks"));
  ASSERT_TRUE(tiny.ok()) << tiny.status();
  EXPECT_EQ(json_root(*tiny).string("text"), "abc");
  EXPECT_TRUE(await(client->get_json("/interim")).ok());
}

TEST_F(ClientTest, AnswersWithoutABodyAreWhole) {
  FakeHttpServer server;
  server.on("/empty", {FakeReply(204)});
  server.on("/page", {FakeReply::json(R"({"n":1})")});
  const auto client = make_client(options_for(server.url()));
  absl::StatusOr<Response> deleted = await(client->send(Request(Method::kDelete, "/empty")));
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(deleted->status, 204);
  EXPECT_TRUE(deleted->body.empty());
  absl::StatusOr<Response> head = await(client->send(Request(Method::kHead, "/page")));
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_EQ(head->headers.value("content-length"), "7");
  EXPECT_TRUE(head->body.empty());
  EXPECT_EQ(server.connections(), 1u);
}

TEST_F(ClientTest, ARequestFromAnotherExecutorResumesThere) {
  FakeHttpServer server;
  server.on("/a", {FakeReply::json(R"({"n":1})")});
  const auto client = make_client(options_for(server.url()));
  // Outlives the thread that posts into it.
  boost::asio::io_context elsewhere;
  std::jthread io([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) context_.run_for(std::chrono::milliseconds(5)), context_.restart();
  });
  std::optional<absl::StatusOr<JsonDocument>> result;
  std::thread::id resumed_on;
  const auto call = [](Client& target, std::thread::id& thread) -> Task<absl::StatusOr<JsonDocument>> {
    absl::StatusOr<JsonDocument> answer = co_await target.get_json("/a");
    thread = std::this_thread::get_id();
    co_return answer;
  };
  boost::asio::co_spawn(
      elsewhere, call(*client, resumed_on),
      [&](const std::exception_ptr&, absl::StatusOr<JsonDocument> answer) { result = std::move(answer); });
  elsewhere.run();
  ASSERT_TRUE(result.has_value());
  EXPECT_TRUE(result->ok()) << result->status();
  EXPECT_EQ(resumed_on, std::this_thread::get_id());
}

TEST_F(ClientTest, ACancellationReachesARequestOnAnotherExecutor) {
  FakeHttpServer server;
  server.on("/slow", {FakeReply::json("{}").hold()});
  const auto client = make_client(options_for(server.url()));
  // Outlives the thread that posts into it.
  boost::asio::io_context elsewhere;
  std::jthread io([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) context_.run_for(std::chrono::milliseconds(5)), context_.restart();
  });

  boost::asio::cancellation_signal cancel;
  std::optional<absl::StatusOr<JsonDocument>> result;
  boost::asio::co_spawn(
      elsewhere, client->get_json("/slow"),
      boost::asio::bind_cancellation_slot(
          cancel.slot(), [&](const std::exception_ptr&, absl::StatusOr<JsonDocument> answer) {
            result = std::move(answer);
          }));
  elsewhere.run_for(std::chrono::milliseconds(1));
  server.wait_for_requests(1);
  cancel.emit(boost::asio::cancellation_type::terminal);
  elsewhere.restart();
  elsewhere.run();
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->status().code(), absl::StatusCode::kCancelled);
}

/// Answers a cancelled wait with an exception, as plain Asio code does.
class ThrowingPermits final : public PermitSource {
 public:
  Task<absl::StatusOr<Permit>> acquire(std::string_view) override {
    boost::asio::steady_timer never(co_await boost::asio::this_coro::executor,
                                    boost::asio::steady_timer::time_point::max());
    waiting = true;
    co_await never.async_wait(boost::asio::use_awaitable);
    co_return Permit();
  }
  void report(std::string_view, const ResponseFacts&) override {}

  bool waiting = false;
};

TEST_F(ClientTest, ACancelledWaitForAPermitIsCancelledHoweverItEnds) {
  FakeHttpServer server;
  ThrowingPermits permits;
  auto client = Client::create(context_.get_executor(), options_for(server.url()), permits);
  ASSERT_TRUE(client.ok());
  boost::asio::cancellation_signal cancel;
  std::optional<absl::StatusOr<JsonDocument>> result;
  start((*client)->get_json("/a"), cancel, result);
  drive([&] { return permits.waiting; });
  cancel.emit(boost::asio::cancellation_type::terminal);
  drive([&] { return result.has_value(); });
  EXPECT_EQ(result->status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(server.connections(), 0u);
}

TEST_F(ClientTest, ACancelledRequestClosesItsConnectionAndGivesItsPermitBack) {
  FakeHttpServer server;
  server.on("/slow", {FakeReply::json("{}").hold()});
  const auto client = make_client(options_for(server.url()));
  boost::asio::cancellation_signal cancel;
  std::optional<absl::StatusOr<JsonDocument>> result;
  start(client->get_json("/slow"), cancel, result);
  drive([&] { return !server.requests().empty(); });
  EXPECT_EQ(permits_.given_back, 0);
  cancel.emit(boost::asio::cancellation_type::terminal);
  drive([&] { return result.has_value(); });
  EXPECT_EQ(result->status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(permits_.given_back, 1);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(ClientTest, ACancelledWaitForAConnectionLeavesTheQueue) {
  FakeHttpServer server;
  server.on("/slow", {FakeReply::json("{}").hold()});
  server.on("/quick", {FakeReply::json("{}")});
  ClientOptions options = options_for(server.url());
  options.max_connections_per_host = 1;
  const auto client = make_client(std::move(options));
  boost::asio::cancellation_signal cancel_first;
  boost::asio::cancellation_signal cancel_second;
  std::optional<absl::StatusOr<JsonDocument>> first;
  std::optional<absl::StatusOr<JsonDocument>> second;
  start(client->get_json("/slow"), cancel_first, first);
  start(client->get_json("/quick"), cancel_second, second);
  drive([&] { return !server.requests().empty() && permits_.granted == 2; });
  cancel_second.emit(boost::asio::cancellation_type::terminal);
  drive([&] { return second.has_value(); });
  EXPECT_EQ(second->status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(permits_.given_back, 1);
  EXPECT_EQ(permits_.spent, 0);
  cancel_first.emit(boost::asio::cancellation_type::terminal);
  drive([&] { return first.has_value(); });
  EXPECT_TRUE(await(client->get_json("/quick")).ok());
}

TEST_F(ClientTest, DestroyingTheClientEndsRequestsInFlight) {
  FakeHttpServer server;
  server.on("/slow", {FakeReply::json("{}").hold_in_body()});
  auto client = make_client(options_for(server.url()));
  boost::asio::cancellation_signal never;
  std::optional<absl::StatusOr<JsonDocument>> result;
  start(client->get_json("/slow"), never, result);
  drive([&] { return !server.requests().empty(); });
  client.reset();
  drive([&] { return result.has_value(); });
  EXPECT_EQ(result->status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(permits_.given_back, 1);
}

TEST_F(ClientTest, ARefusedPermitIsTheAnswer) {
  FakeHttpServer server;
  const auto client = make_client(options_for(server.url()));
  permits_.refusal = absl::ResourceExhaustedError("the budget of host is spent");
  const absl::Status status = await(client->get_json("/a")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/a: the budget of host is spent"));
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(ClientTest, LimitKeysAreTheRequestsOwnOrTheOrigin) {
  FakeHttpServer server;
  server.on("/a", {FakeReply::json("{}")});
  const auto client = make_client(options_for(server.url()));
  Request request(Method::kGet, "/a");
  request.limit_key = "search";
  EXPECT_TRUE(await(client->send(std::move(request))).ok());
  EXPECT_TRUE(await(client->get_json("/a")).ok());
  EXPECT_THAT(permits_.keys, ElementsAre("search", server.url()));
}

TEST_F(ClientTest, EveryResponseIsReportedToThePermitSource) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(429).header("Retry-After", "0").header("X-RateLimit-Limit", "50"),
                   FakeReply::json("{}").header("X-RateLimit-Remaining", "49")});
  const auto client = make_client(options_for(server.url()));
  EXPECT_TRUE(await(client->get_json("/a")).ok());
  ASSERT_EQ(permits_.reports.size(), 2u);
  EXPECT_EQ(permits_.reports[0].status, 429);
  EXPECT_EQ(permits_.reports[0].rate_limit.facts.limit, 50);
  EXPECT_EQ(permits_.reports[0].rate_limit.facts.state, RateLimitFacts::State::kOverLimit);
  EXPECT_EQ(permits_.reports[1].status, 200);
  EXPECT_EQ(permits_.reports[1].rate_limit.facts.remaining, 49);
  EXPECT_EQ(permits_.granted, 2);
}

/// Keeps copies of what it is shown.
class KeptLog final : public RequestLog {
 public:
  void on_request(const RequestRecord& record) override {
    lines.push_back(std::string(record.method) + " " + std::string(record.url) + " " +
                    std::to_string(record.status) + " " + std::to_string(record.bytes_received) +
                    std::string(record.error.empty() ? "" : " ") + std::string(record.error));
  }
  std::vector<std::string> lines;
};

TEST_F(ClientTest, TheLogShowsEachRequestWithoutSecrets) {
  FakeHttpServer server;
  server.on("/a", {FakeReply::json("").reset(), FakeReply::json("{}")});
  KeptLog log;
  ClientOptions options = options_for(server.url());
  options.credentials = Credentials::bearer("hidden-1");
  auto client = Client::create(context_.get_executor(), std::move(options), permits_, &log);
  ASSERT_TRUE(client.ok());
  EXPECT_TRUE(await((*client)->get_json("/a?access_token=hidden-2&page=3")).ok());
  const std::string url = server.url() + "/a?access_token=REDACTED&page=3";
  EXPECT_THAT(log.lines,
              ElementsAre("GET " + url + " 0 0 connection reset by the server", "GET " + url + " 200 2"));
}

}  // namespace
}  // namespace baton::http
