#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_facts.hpp"
#include "client_fixture.hpp"
#include "http/json.hpp"
#include "http/paging.hpp"
#include "http/streamed_list.hpp"

namespace baton::http {
namespace {

using test::FakeHttpServer;
using test::FakeReply;
using ::testing::HasSubstr;

class ClientStreamTest : public ClientTest {
 protected:
  absl::StatusOr<BodyStream> open(Client& client, std::string target, std::uint64_t max_bytes = 1u << 30) {
    return await(client.open(Request(Method::kGet, std::move(target)), max_bytes));
  }
  /// The whole body, or how it ended.
  absl::StatusOr<std::string> all_of(BodyStream& stream) {
    std::string text;
    while (true) {
      absl::StatusOr<Body> piece = await(stream.read());
      if (!piece.ok()) return piece.status();
      if (piece->empty()) return text;
      EXPECT_LE(piece->size(), std::size_t{64} * 1024);
      text += piece->view();
    }
  }
  static std::string long_text() {
    std::string text;
    for (int i = 0; i < 60'000; ++i) text += std::to_string(i) + " ";
    return text;
  }
};

TEST_F(ClientStreamTest, ABodyComesInPiecesHoweverItIsSent) {
  FakeHttpServer server;
  const std::string text = long_text();
  server.on("/plain", {FakeReply(200, text).header("X-Kind", "plain")});
  server.on("/chunked", {FakeReply(200, text).chunked(777)});
  server.on("/close", {FakeReply(200, text).until_close()});
  server.on("/none", {FakeReply(204)});
  const auto client = make_client(options_for(server.url()));
  for (const char* target : {"/plain", "/chunked", "/close"}) {
    auto stream = open(*client, target);
    ASSERT_TRUE(stream.ok()) << stream.status();
    EXPECT_EQ(*all_of(*stream), text) << target;
  }
  auto none = open(*client, "/none");
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(*all_of(*none), "");
  EXPECT_EQ(server.requests().front().headers.at("accept-encoding"), "identity");
  EXPECT_EQ(open(*client, "/plain")->headers().value("X-Kind"), "plain");
}

TEST_F(ClientStreamTest, AConnectionIsUsedAgainOnlyAfterTheWholeBody) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(200, long_text())});
  const auto client = make_client(options_for(server.url()));
  {
    auto stream = open(*client, "/a");
    ASSERT_TRUE(all_of(*stream).ok());
  }
  {
    auto stream = open(*client, "/a");
    ASSERT_TRUE(await(stream->read()).ok());
  }
  EXPECT_EQ(client->counters().connections_opened, 1u);
  ASSERT_TRUE(open(*client, "/a").ok());
  EXPECT_EQ(client->counters().connections_opened, 2u);
  EXPECT_EQ(permits_.given_back, permits_.granted) << "a stream that is open holds no permit";
}

TEST_F(ClientStreamTest, FailuresBeforeTheBodyAreTriedAgain) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(503), FakeReply::json("{}").reset(), FakeReply(200, "fine")});
  server.on("/gone", {FakeReply(404, R"({"message":"no such list"})")});
  const auto client = make_client(options_for(server.url()));
  auto stream = open(*client, "/a");
  ASSERT_TRUE(stream.ok()) << stream.status();
  EXPECT_EQ(*all_of(*stream), "fine");
  const absl::Status gone = open(*client, "/gone").status();
  EXPECT_EQ(gone.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(gone.message()), HasSubstr("no such list"));
}

TEST_F(ClientStreamTest, ABodyThatBreaksOffOrIsTooLongIsAnError) {
  FakeHttpServer server;
  server.on("/short", {FakeReply(200, long_text()).truncate_after(100'000)});
  server.on("/long", {FakeReply(200, long_text())});
  server.on("/endless", {FakeReply(200, long_text()).chunked(1000)});
  server.on("/coded", {FakeReply(200, "x").header("Content-Encoding", "gzip")});
  const auto client = make_client(options_for(server.url()));
  auto stream = open(*client, "/short");
  ASSERT_TRUE(stream.ok());
  const absl::Status broken = all_of(*stream).status();
  EXPECT_EQ(broken.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(retryable(broken), true);
  EXPECT_THAT(std::string(broken.message()), HasSubstr("/short: connection closed in the middle"));
  EXPECT_EQ(open(*client, "/long", 1000).status().code(), absl::StatusCode::kResourceExhausted);
  auto endless = open(*client, "/endless", 100'000);
  ASSERT_TRUE(endless.ok());
  EXPECT_EQ(all_of(*endless).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_FALSE(open(*client, "/coded").ok());
}

TEST_F(ClientStreamTest, AServiceThatFallsSilentIsNotWaitedForEver) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(200, long_text()).hold_in_body()});
  ClientOptions options = options_for(server.url());
  options.timeouts.header = std::chrono::milliseconds(200);
  const auto client = make_client(std::move(options));
  auto stream = open(*client, "/a");
  ASSERT_TRUE(stream.ok());
  EXPECT_EQ(all_of(*stream).status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(ClientStreamTest, AStreamMayOutliveItsClient) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(200, long_text()).hold_in_body()});
  auto client = make_client(options_for(server.url()));
  auto stream = open(*client, "/a");
  ASSERT_TRUE(stream.ok());
  client.reset();
  EXPECT_EQ(all_of(*stream).status().code(), absl::StatusCode::kCancelled);
}

TEST_F(ClientStreamTest, AKeptAnswerIsUsedUntilItIsOldAndThenAskedAbout) {
  FakeHttpServer server;
  server.on("/a", {FakeReply::json(R"({"n":1})").header("ETag", "\"v1\""), FakeReply(304),
                   FakeReply::json(R"({"n":2})")});
  server.on("/b", {FakeReply::json("{").header("ETag", "\"v1\""), FakeReply::json("{}")});
  ClientOptions options = options_for(server.url());
  options.cache.enabled = true;
  const auto client = make_client(std::move(options));
  const auto get = [&](std::string target, bool revalidate) {
    Request request(Method::kGet, std::move(target));
    request.revalidate = revalidate;
    absl::StatusOr<JsonResponse> answer = await(client->exchange_json(std::move(request)));
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? std::string(answer->document.text()) : "";
  };
  EXPECT_EQ(get("/a", false), R"({"n":1})");
  EXPECT_EQ(get("/a", false), R"({"n":1})");
  EXPECT_EQ(server.requests().size(), 1u);
  EXPECT_EQ(permits_.granted, 1) << "what is at hand takes no permit";
  EXPECT_EQ(get("/a", true), R"({"n":1})");
  EXPECT_EQ(server.requests().back().headers.at("if-none-match"), "\"v1\"");
  EXPECT_EQ(get("/a", true), R"({"n":2})");
  EXPECT_EQ(get("/a", false), R"({"n":2})");
  EXPECT_EQ(get("/a?x=1", false), R"({"n":2})") << "another query is another answer";
  EXPECT_EQ(server.requests().size(), 4u);
  EXPECT_EQ(client->counters().cache_hits, 3u);
  // What was no JSON is not kept.
  EXPECT_EQ(get("/b", false), "{}");
}

class StreamedListTest : public ClientStreamTest {
 protected:
  static std::string rows(int count) {
    std::string text = R"({"total":0,"items":[)";
    for (int i = 0; i < count; ++i)
      text += (i > 0 ? "," : "") + std::string(R"({"id":)") + std::to_string(i) + "}";
    return text + "]}";
  }
  static StreamedListOptions by(std::uint64_t rows_per_page) {
    StreamedListOptions options;
    options.member = "items";
    options.rows_per_page = rows_per_page;
    return options;
  }
  /// The ids of one page; `token` goes on.
  std::vector<std::int64_t> page(StreamedList& list, std::string& token) {
    absl::StatusOr<StreamedList::Rows> rows = await(list.page("/a", token));
    EXPECT_TRUE(rows.ok()) << rows.status();
    std::vector<std::int64_t> ids;
    if (!rows.ok()) return ids;
    EXPECT_TRUE(json_root_value(rows->document)
                    .for_each([&](JsonObject row) { ids.push_back(row.integer("id")); })
                    .ok());
    token = rows->next_token;
    return ids;
  }
};

TEST_F(StreamedListTest, OneAnswerIsCutIntoPages) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(200, rows(10'000)).chunked(5000)});
  const auto client = make_client(options_for(server.url()));
  StreamedList list(*client, by(300));
  std::string token;
  std::int64_t expected = 0;
  do {
    for (const std::int64_t id : page(list, token)) EXPECT_EQ(id, expected++);
  } while (!token.empty() && expected < 20'000);
  EXPECT_EQ(expected, 10'000);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(StreamedListTest, AnotherProcessGoesOnFromTheToken) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(200, rows(1000))});
  const auto client = make_client(options_for(server.url()));
  StreamedList list(*client, by(400));
  std::string token = "800";
  EXPECT_EQ(page(list, token).front(), 800);
  EXPECT_EQ(token, "");
  token = "600";
  EXPECT_EQ(page(list, token).size(), 400u);
  EXPECT_EQ(token, "") << "a page that ends with the list has none after it";
  token = "5000";
  EXPECT_TRUE(page(list, token).empty());
  token = "x";
  EXPECT_EQ(await(list.page("/a", token)).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(StreamedListTest, AnAnswerThatBreaksOffIsNoEnd) {
  FakeHttpServer server;
  server.on("/a", {FakeReply(200, rows(10'000)).truncate_after(50'000)});
  server.on("/b", {FakeReply(200, R"({"items":[{"id":1})").until_close()});
  server.on("/c", {FakeReply(200, R"({"items":[{"id":01}]})")});
  const auto client = make_client(options_for(server.url()));
  StreamedList list(*client, by(100'000));
  EXPECT_EQ(await(list.page("/a", "")).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(await(list.page("/b", "")).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_FALSE(await(list.page("/c", "")).ok());
}

}  // namespace
}  // namespace baton::http
