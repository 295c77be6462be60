#include "actors/paginator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_facts.hpp"
#include "peers.hpp"
#include "support/actor_test.hpp"

namespace baton::actors {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const CursorKey kKey(storage::Lane(5, false), 17);

class PaginatorTest : public test::ActorTest {
 protected:
  /// A paginator of the grants of group/g1, not started yet.
  void begin() {
    PaginatorConfig config;
    config.item.key = kKey;
    c1::connector::v2::ResourceId id;
    id.set_resource_type("group");
    id.set_resource("g1");
    config.item.cursor = sync::resource_cursor(Operation::kListGrants, id, false);
    config.coordinator = spawn(peers::coordinator, &told_);
    config.fetcher = spawn(peers::fetcher, &told_);
    config.writer = spawn(peers::writer, &told_);
    config.clock = clock_;
    config.entropy = std::make_shared<SeededEntropy>(1);
    config.log = std::make_shared<NullLog>();
    paginator_ = spawn(paginator, std::move(config));
    paginator_->attach_functor([this] { ended_ = true; });
  }
  void start() { say(start_atom_v); }

  template <class... Ts>
  void say(Ts... message) {
    self->send(paginator_, message...);
    settle();
  }

  static FetchedPage page(const std::string& next_token, std::size_t bytes = 100) {
    FetchedPage result;
    result.next_token = next_token;
    result.bytes = bytes;
    return result;
  }
  void fetched(const std::string& next_token, std::size_t bytes = 100) {
    say(page_atom_v, SharedPage(page(next_token, bytes)));
  }
  void fails(absl::Status status) {
    FetchedPage result;
    result.status = std::move(status);
    say(page_atom_v, SharedPage(std::move(result)));
  }
  void committed(std::uint32_t number) { say(ack_atom_v, number); }

  std::vector<std::string> asked() const {
    std::vector<std::string> tokens;
    for (const SharedFetch& fetch : told_.fetches) tokens.push_back(fetch->cursor.page_token());
    return tokens;
  }
  /// Tokens of the committed cursors: where each would be asked for next.
  std::vector<std::string> handed_on() const {
    std::vector<std::string> tokens;
    for (const CommitRequest& request : told_.commits) {
      tokens.push_back(request.commit.cursor.done() ? "end" : request.commit.cursor.page_token());
    }
    return tokens;
  }

  std::shared_ptr<FixedClock> clock_ =
      std::make_shared<FixedClock>(std::chrono::system_clock::from_time_t(1'700'000'000));
  peers::Record told_;
  PaginatorActor paginator_;
  bool ended_ = false;
};

TEST_F(PaginatorTest, walks_its_pages_to_the_end_with_at_most_two_of_them_out) {
  begin();
  settle();
  EXPECT_THAT(asked(), IsEmpty()) << "without a slot nothing is asked";
  start();
  EXPECT_THAT(asked(), ElementsAre(""));
  fetched("p1", 100);
  EXPECT_THAT(handed_on(), ElementsAre("p1"));
  EXPECT_THAT(asked(), ElementsAre("", "p1")) << "while the first page is being committed";
  fetched("p2", 200);
  EXPECT_THAT(handed_on(), ElementsAre("p1")) << "one page at a time, in order";
  EXPECT_THAT(asked(), ElementsAre("", "p1")) << "two pages are out";
  committed(1);
  EXPECT_THAT(told_.freed, ElementsAre(100U));
  EXPECT_THAT(handed_on(), ElementsAre("p1", "p2"));
  EXPECT_THAT(asked(), ElementsAre("", "p1", "p2"));
  fetched("", 300);
  EXPECT_THAT(handed_on(), ElementsAre("p1", "p2"));
  committed(2);
  EXPECT_THAT(handed_on(), ElementsAre("p1", "p2", "end"));
  EXPECT_THAT(told_.done, IsEmpty()) << "the last page is not committed yet";
  EXPECT_FALSE(ended_);
  committed(3);
  EXPECT_THAT(told_.done, ElementsAre(kKey));
  EXPECT_THAT(told_.freed, ElementsAre(100U, 200U, 300U));
  EXPECT_TRUE(ended_);
  EXPECT_THAT(told_.failures, IsEmpty());
}

TEST_F(PaginatorTest, hands_on_what_a_page_discovered_with_the_advance_of_its_cursor) {
  begin();
  start();
  FetchedPage result = page("");
  result.planned.push_back(sync::type_cursor(Operation::kListResources, "team"));
  result.counters.set_rows_skipped_invalid(3);
  result.templates.emplace_back().set_slug("member");
  say(page_atom_v, SharedPage(std::move(result)));
  ASSERT_EQ(told_.commits.size(), 1U);
  const CommitRequest& request = told_.commits[0];
  EXPECT_EQ(request.commit.cursor_key, kKey);
  EXPECT_EQ(request.commit.cursor.page(), 1U);
  EXPECT_TRUE(request.commit.cursor.done());
  EXPECT_EQ(request.commit.planned.size(), 1U);
  EXPECT_EQ(request.commit.counters.rows_skipped_invalid(), 3U);
  EXPECT_EQ(request.templates.size(), 1U);
  EXPECT_THAT(request.commit.warnings, IsEmpty());
}

TEST_F(PaginatorTest, parks_while_it_waits_and_asks_for_the_same_page_again) {
  begin();
  start();
  fetched("p1");
  committed(1);
  fails(absl::UnavailableError("busy"));
  ASSERT_EQ(told_.parked.size(), 1U) << "the slot is given back at once";
  EXPECT_EQ(told_.parked[0].first, kKey);
  EXPECT_FALSE(told_.announced[0]) << "nobody asked for this wait";
  const milliseconds wait = told_.parked[0].second;
  EXPECT_GE(wait, milliseconds(500));
  EXPECT_LE(wait, milliseconds(1000));
  advance(wait - milliseconds(1));
  EXPECT_THAT(told_.ready, IsEmpty());
  advance(milliseconds(1));
  EXPECT_THAT(told_.ready, ElementsAre(kKey));
  EXPECT_EQ(told_.fetches.size(), 2U) << "it has no slot yet";
  start();
  EXPECT_THAT(asked(), ElementsAre("", "p1", "p1"));
  EXPECT_EQ(told_.fetches.back()->cursor.attempts(), 1U);

  fails(absl::DeadlineExceededError("slow"));
  ASSERT_EQ(told_.parked.size(), 2U);
  EXPECT_GE(told_.parked[1].second, milliseconds(1000)) << "the second attempt waits longer";
  advance(told_.parked[1].second);
  start();
  fetched("");
  EXPECT_EQ(told_.commits.back().commit.cursor.attempts(), 0U) << "success starts the count over";
  committed(2);
  EXPECT_THAT(told_.done, ElementsAre(kKey));
}

TEST_F(PaginatorTest, waits_as_long_as_the_service_asks) {
  begin();
  start();
  absl::Status status = absl::ResourceExhaustedError("enough");
  set_retry_after(status, seconds(300));
  fails(status);
  ASSERT_EQ(told_.parked.size(), 1U);
  EXPECT_GT(told_.parked[0].second, seconds(300));
  EXPECT_TRUE(told_.announced[0]) << "such a wait is no sign of a service that is gone";
  advance(seconds(299));
  EXPECT_THAT(told_.ready, IsEmpty());
  advance(seconds(2));
  EXPECT_THAT(told_.ready, ElementsAre(kKey));
}

TEST_F(PaginatorTest, may_park_while_its_last_page_is_still_being_committed) {
  begin();
  start();
  fetched("p1");
  fails(absl::UnavailableError("busy"));
  EXPECT_EQ(told_.parked.size(), 1U);
  committed(1);
  EXPECT_FALSE(ended_);
  EXPECT_EQ(told_.fetches.size(), 2U) << "a commit is no slot";
  advance(seconds(1));
  start();
  EXPECT_THAT(asked(), ElementsAre("", "p1", "p1"));
}

TEST_F(PaginatorTest, gives_a_resource_up_that_is_gone) {
  begin();
  start();
  fails(absl::NotFoundError("no such group"));
  EXPECT_THAT(told_.failures, IsEmpty());
  ASSERT_EQ(told_.commits.size(), 1U);
  const storage::PageCommit& commit = told_.commits[0].commit;
  EXPECT_TRUE(commit.cursor.done());
  EXPECT_EQ(commit.rows, nullptr);
  ASSERT_EQ(commit.warnings.size(), 1U);
  EXPECT_EQ(commit.warnings[0].resource_id(), "g1");
  EXPECT_THAT(commit.warnings[0].message(), HasSubstr("no such group"));
  EXPECT_THAT(told_.done, IsEmpty());
  committed(1);
  EXPECT_THAT(told_.done, ElementsAre(kKey));
  EXPECT_TRUE(ended_);
}

TEST_F(PaginatorTest, commits_the_page_before_a_loss_first) {
  begin();
  start();
  fetched("p1");
  fails(absl::NotFoundError("gone meanwhile"));
  ASSERT_EQ(told_.commits.size(), 1U);
  EXPECT_THAT(told_.commits[0].commit.warnings, IsEmpty());
  committed(1);
  ASSERT_EQ(told_.commits.size(), 2U);
  EXPECT_EQ(told_.commits[1].commit.warnings.size(), 1U);
  EXPECT_TRUE(told_.commits[1].commit.cursor.done());
  EXPECT_EQ(told_.fetches.size(), 2U) << "nothing more is asked about it";
  committed(2);
  EXPECT_THAT(told_.done, ElementsAre(kKey));
}

TEST_F(PaginatorTest, reports_what_ends_the_sync_once_with_its_place_and_ends) {
  begin();
  start();
  fails(absl::PermissionDeniedError("scope is missing"));
  ASSERT_EQ(told_.failures.size(), 1U);
  EXPECT_EQ(told_.failures[0].code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(told_.failures[0].message()), HasSubstr("list-grants of group/g1"));
  EXPECT_THAT(std::string(told_.failures[0].message()), HasSubstr("scope is missing"));
  EXPECT_TRUE(ended_);
  EXPECT_THAT(told_.done, IsEmpty());
  EXPECT_THAT(told_.commits, IsEmpty());
}

TEST_F(PaginatorTest, lets_a_commit_finish_before_an_error_ends_it) {
  begin();
  start();
  fetched("p1");
  fails(absl::InternalError("broken"));
  EXPECT_EQ(told_.failures.size(), 1U);
  EXPECT_FALSE(ended_);
  committed(1);
  EXPECT_TRUE(ended_);
  EXPECT_THAT(told_.done, IsEmpty()) << "the cursor is not done, a resume goes on with it";
  EXPECT_EQ(told_.failures.size(), 1U);
}

TEST_F(PaginatorTest, refuses_a_listing_that_goes_in_circles_before_its_page_is_stored) {
  begin();
  start();
  fetched("a");
  committed(1);
  fetched("a");
  ASSERT_EQ(told_.failures.size(), 1U);
  EXPECT_EQ(told_.failures[0].code(), absl::StatusCode::kInternal);
  EXPECT_EQ(told_.commits.size(), 1U);
  EXPECT_TRUE(ended_);
}

TEST_F(PaginatorTest, ends_at_once_on_a_stop_while_it_waits_to_retry) {
  begin();
  start();
  fails(absl::UnavailableError("busy"));
  say(stop_atom_v);
  EXPECT_TRUE(ended_);
  advance(seconds(5));
  EXPECT_THAT(told_.ready, IsEmpty());
}

TEST_F(PaginatorTest, commits_what_still_comes_after_a_stop_and_asks_no_more) {
  begin();
  start();
  say(stop_atom_v);
  EXPECT_FALSE(ended_) << "its call is in flight";
  fetched("p1");
  EXPECT_THAT(handed_on(), ElementsAre("p1"));
  EXPECT_EQ(told_.fetches.size(), 1U);
  EXPECT_FALSE(ended_);
  committed(1);
  EXPECT_TRUE(ended_);
  EXPECT_THAT(told_.done, IsEmpty());
  EXPECT_THAT(told_.failures, IsEmpty());
}

TEST_F(PaginatorTest, tells_of_its_end_when_the_last_page_comes_after_a_stop) {
  begin();
  start();
  say(stop_atom_v);
  fetched("");
  committed(1);
  EXPECT_TRUE(ended_);
  EXPECT_THAT(told_.done, ElementsAre(kKey));
}

TEST_F(PaginatorTest, keeps_silent_about_errors_after_a_stop_and_about_cancelled_calls) {
  begin();
  start();
  say(stop_atom_v);
  fails(absl::InternalError("the connection went away"));
  EXPECT_TRUE(ended_);
  EXPECT_THAT(told_.failures, IsEmpty());

  ended_ = false;
  begin();
  start();
  fails(absl::CancelledError("cancelled"));
  EXPECT_TRUE(ended_);
  EXPECT_THAT(told_.failures, IsEmpty());
  EXPECT_THAT(told_.parked, IsEmpty());
}

}  // namespace
}  // namespace baton::actors
