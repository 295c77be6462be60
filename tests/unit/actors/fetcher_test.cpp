#include "actors/fetcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "peers.hpp"
#include "support/actor_test.hpp"
#include "support/scripted_connector.hpp"

namespace baton::actors {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FetcherTest : public test::ActorTest {
 protected:
  void begin(std::uint64_t byte_budget = 64u << 20) {
    FetcherConfig fetch;
    fetch.context = std::make_shared<const FetchContext>(
        connector_, std::make_shared<FixedClock>(std::chrono::system_clock::from_time_t(1'700'000'000)),
        std::make_shared<NullLog>(), "sync-1");
    fetch.executor = io_.get_executor();
    fetch.first_rules = std::make_shared<const sync::AdmissionRules>(options_, nullptr);
    fetch.byte_budget = byte_budget;
    fetcher_ = spawn(fetcher, std::move(fetch));
    asker_ = spawn(peers::paginator, &told_);
  }
  /// Alternates between the actors and the connector's executor until both have nothing left to do.
  void run() {
    do {
      settle();
      io_.restart();
    } while (io_.poll() > 0);
  }
  template <class... Ts>
  void say(Ts... message) {
    self->send(fetcher_, message...);
    run();
  }
  void fetch(const std::string& type) {
    const auto cursor = sync::type_cursor(Operation::kListResources, type);
    say(fetch_atom_v, SharedFetch(FetchRequest(CursorKey(), cursor, nullptr)), asker_);
  }
  void fetch_types() {
    const auto cursor = sync::type_cursor(Operation::kListResourceTypes, "");
    say(fetch_atom_v, SharedFetch(FetchRequest(CursorKey(), cursor, nullptr)), asker_);
  }
  template <class Atom>
  absl::Status ask(Atom atom) {
    auto answer = self->request(fetcher_, caf::infinite, atom);
    run();
    absl::Status result = absl::UnknownError("no answer");
    answer.receive([&](const SharedStatus& status) { result = *status; },
                   [&](const caf::error&) { result = absl::UnknownError("the fetcher is gone"); });
    return result;
  }
  std::vector<absl::StatusCode> codes() const {
    std::vector<absl::StatusCode> result;
    for (const SharedPage& page : told_.pages) result.push_back(page->status.code());
    return result;
  }

  static v2::ResourceType type(const std::string& id) {
    v2::ResourceType row;
    row.set_id(id);
    return row;
  }

  boost::asio::io_context io_;
  std::shared_ptr<test::ScriptedConnector> connector_ = std::make_shared<test::ScriptedConnector>();
  sync::SyncOptions options_;
  peers::Record told_;
  FetcherActor fetcher_;
  PaginatorActor asker_;
};

TEST_F(FetcherTest, answers_with_an_admitted_and_encoded_page) {
  connector_->on("types").row(type("user")).row(type("")).row(type("group")).next("p1");
  begin();
  fetch_types();
  ASSERT_EQ(told_.pages.size(), 1U);
  const FetchedPage& page = *told_.pages[0];
  EXPECT_TRUE(page.status.ok()) << page.status;
  ASSERT_NE(page.rows, nullptr);
  EXPECT_EQ(page.rows->size(), 2U);
  EXPECT_EQ(page.planned.size(), 2U);
  EXPECT_EQ(page.counters.rows_skipped_invalid(), 1U);
  EXPECT_EQ(page.next_token, "p1");
  EXPECT_GT(page.bytes, page.rows->bytes());
}

TEST_F(FetcherTest, applies_the_type_filter_from_the_first_page_on) {
  options_.resource_types = {"group"};
  connector_->on("types").row(type("user")).row(type("group"));
  begin();
  fetch_types();
  ASSERT_EQ(told_.pages.size(), 1U);
  EXPECT_EQ(told_.pages[0]->rows->size(), 1U);
  EXPECT_EQ(told_.pages[0]->counters.rows_dropped_by_filter(), 1U);
}

TEST_F(FetcherTest, starts_no_call_while_too_many_bytes_wait_for_the_store) {
  begin(1);
  fetch("a");
  fetch("b");
  fetch("c");
  EXPECT_THAT(connector_->requests(), ElementsAre("resources a"));
  ASSERT_EQ(told_.pages.size(), 1U);
  say(free_atom_v, std::uint64_t{1});
  EXPECT_THAT(connector_->requests(), ElementsAre("resources a")) << "the page still counts";
  say(free_atom_v, std::uint64_t{told_.pages[0]->bytes});
  EXPECT_THAT(connector_->requests(), ElementsAre("resources a", "resources b", "resources c"))
      << "both were started before either was known to be large";
  EXPECT_EQ(told_.pages.size(), 3U);
}

TEST_F(FetcherTest, does_not_count_failed_pages) {
  connector_->on("resources a").fails(absl::UnavailableError("busy"));
  begin(1);
  fetch("a");
  fetch("b");
  EXPECT_THAT(connector_->requests(), ElementsAre("resources a", "resources b"));
  EXPECT_THAT(codes(), ElementsAre(absl::StatusCode::kUnavailable, absl::StatusCode::kOk));
}

TEST_F(FetcherTest, answers_everyone_when_it_is_cancelled_and_refuses_new_calls) {
  connector_->on("resources b").never();
  begin(1);
  fetch("b");
  EXPECT_THAT(told_.pages, IsEmpty());
  fetch("a");
  fetch("c");
  ASSERT_THAT(codes(), ElementsAre(absl::StatusCode::kOk)) << "c waits for a's bytes, b for ever";
  say(cancel_atom_v);
  EXPECT_THAT(codes(),
              ElementsAre(absl::StatusCode::kOk, absl::StatusCode::kCancelled, absl::StatusCode::kCancelled));
  fetch("d");
  EXPECT_THAT(codes().back(), absl::StatusCode::kCancelled);
  EXPECT_EQ(told_.pages.size(), 4U);
  EXPECT_THAT(connector_->requests(), ElementsAre("resources b", "resources a"));
  say(cancel_atom_v);
  EXPECT_EQ(told_.pages.size(), 4U);
}

TEST_F(FetcherTest, turns_whatever_a_connector_throws_into_an_error) {
  connector_->on("resources a").throws_exception();
  connector_->on("resources b").throws_number();
  connector_->on("validate").throws_number();
  begin();
  fetch("a");
  fetch("b");
  EXPECT_THAT(codes(), ElementsAre(absl::StatusCode::kInternal, absl::StatusCode::kInternal));
  EXPECT_THAT(std::string(told_.pages[0]->status.message()), HasSubstr("scripted exception"));
  EXPECT_THAT(std::string(told_.pages[1]->status.message()), HasSubstr("list-resources of b"));
  EXPECT_EQ(ask(valid_atom_v).code(), absl::StatusCode::kInternal);
}

TEST_F(FetcherTest, passes_validation_and_cleanup_on) {
  connector_->on("validate").fails(absl::UnauthenticatedError("token expired"), 1);
  begin();
  EXPECT_EQ(ask(valid_atom_v), absl::UnauthenticatedError("token expired"));
  EXPECT_TRUE(ask(valid_atom_v).ok());
  EXPECT_TRUE(ask(release_atom_v).ok());
  EXPECT_THAT(connector_->requests(), ElementsAre("validate", "validate", "cleanup"));
}

}  // namespace
}  // namespace baton::actors
