#include "actors/sync_coordinator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <caf/event_based_actor.hpp>

#include "actors/fetcher.hpp"
#include "actors/writer.hpp"
#include "base/error_facts.hpp"
#include "peers.hpp"
#include "support/actor_test.hpp"
#include "support/scratch_directory.hpp"
#include "support/scripted_connector.hpp"

namespace baton::actors {
namespace {

namespace v2 = c1::connector::v2;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ExpanderActor::behavior_type no_expander(ExpanderActor::pointer, int* expansions) {
  return {[expansions](expand_atom, const SharedHeader&) {
    ++*expansions;
    return SharedExpansion(ExpansionResult());
  }};
}

ExporterActor::behavior_type no_exporter(ExporterActor::pointer, int* exports) {
  return {[exports](export_atom, const SharedHeader&) {
    ++*exports;
    return SharedExport(ExportResult());
  }};
}

/// A coordinator with its real paginators, fetcher and writer, over a scripted connector and a real store,
/// all on the test's thread and on clocks that the test moves.
class CoordinatorTest : public test::ActorTest {
 protected:
  CoordinatorTest() {
    storage::StoreOptions store_options;
    store_options.directory = scratch_ / "run";
    store_options.clock = clock_.get();
    auto opened = storage::SyncStore::open(store_options);
    if (!opened.ok()) std::abort();
    store_ = std::move(*opened);
    config.slots = 4;
    config.header.set_sync_id("sync-1");
  }

  /// Starts the sync and goes on as far as the clock lets it.
  void begin() {
    config.connector = connector_;
    config.clock = clock_;
    config.entropy = std::make_shared<SeededEntropy>(1);
    config.log = std::make_shared<NullLog>();
    config.spawn_actors = [this](const CoordinatorActor& handle) { return spawn_actors(handle); };
    coordinator_ = spawn(coordinator, config);
    spawn(
        [this](caf::event_based_actor* asker, const CoordinatorActor& whom) {
          asker->request(whom, caf::infinite, run_atom_v)
              .then([this](const Shared<SyncOutcome>& outcome) { outcome_ = *outcome; },
                    [](const caf::error&) { ADD_FAILURE() << "the coordinator died"; });
        },
        coordinator_);
    run();
  }
  void run() {
    do {
      settle();
      io_.restart();
    } while (io_.poll() > 0);
  }
  /// Moves all clocks.
  void pass(milliseconds time) {
    clock_->advance(time);
    scheduler.advance_time(time);
    run();
  }
  template <class... Ts>
  void say(Ts... message) {
    self->send(coordinator_, message...);
    run();
  }
  void stop() { say(stop_atom_v, SharedStatus(absl::CancelledError("interrupted"))); }

  /// Types with one resource each, whose id is the type's.
  void types(const std::vector<std::string>& ids) {
    test::ScriptedAnswer& answer = connector_->on("types");
    for (const std::string& id : ids) {
      v2::ResourceType type;
      type.set_id(id);
      answer.row(type);
      v2::Resource resource;
      resource.mutable_id()->set_resource_type(id);
      resource.mutable_id()->set_resource(id);
      connector_->on("resources " + id).row(resource);
    }
  }

  CoordinatorConfig config;
  test::ScratchDirectory scratch_;
  std::shared_ptr<FixedClock> clock_ =
      std::make_shared<FixedClock>(std::chrono::system_clock::from_time_t(1'700'000'000));
  boost::asio::io_context io_;
  std::shared_ptr<test::ScriptedConnector> connector_ = std::make_shared<test::ScriptedConnector>();
  std::shared_ptr<storage::SyncStore> store_;
  peers::Record progress_;
  CoordinatorActor coordinator_;
  std::optional<SyncOutcome> outcome_;
  int expansions_ = 0;
  int exports_ = 0;

 private:
  SyncActors spawn_actors(const CoordinatorActor& handle) {
    SyncActors actors;
    FetcherConfig fetch;
    fetch.context =
        std::make_shared<const FetchContext>(connector_, clock_, std::make_shared<NullLog>(), "sync-1");
    fetch.executor = io_.get_executor();
    fetch.first_rules = std::make_shared<const sync::AdmissionRules>(config.options, nullptr);
    actors.fetcher = spawn(fetcher, std::move(fetch));
    actors.progress = spawn(peers::progress, &progress_);
    WriterConfig write;
    write.store = store_;
    write.coordinator = handle;
    write.progress = actors.progress;
    write.clock = clock_;
    write.log = std::make_shared<NullLog>();
    actors.writer = spawn(writer, std::move(write));
    actors.expander = spawn(no_expander, &expansions_);
    actors.exporter = spawn(no_exporter, &exports_);
    return actors;
  }
};

TEST_F(CoordinatorTest, collects_expands_and_exports) {
  types({"user", "group"});
  begin();
  ASSERT_TRUE(outcome_);
  EXPECT_TRUE(outcome_->status.ok()) << outcome_->status;
  EXPECT_FALSE(outcome_->resumable);
  EXPECT_EQ(expansions_, 1);
  EXPECT_EQ(exports_, 1);
  EXPECT_THAT(connector_->requests(),
              ElementsAre("validate", "types", "resources user", "resources group", "types", "static user",
                          "static group", "entitlements user/user", "entitlements group/group",
                          "grants user/user", "grants group/group", "cleanup"));
  EXPECT_EQ(outcome_->summary.pages, store_->counters().pages());
}

TEST_F(CoordinatorTest, never_has_more_requests_out_than_slots) {
  std::vector<std::string> ids;
  for (int i = 0; i < 40; ++i) ids.push_back("type" + std::to_string(i));
  types(ids);
  for (const std::string& id : ids) connector_->on("resources " + id).after("nobody asks for this");
  config.slots = 3;
  begin();
  EXPECT_FALSE(outcome_);
  EXPECT_EQ(connector_->most_in_flight(), 3U);
}

TEST_F(CoordinatorTest, gives_the_slot_of_a_waiting_cursor_to_the_others) {
  types({"slow", "user", "group"});
  absl::Status later = absl::UnavailableError("busy");
  set_retry_after(later, minutes(10));
  connector_->on("resources slow").fails(later, 1);
  config.slots = 1;
  begin();
  EXPECT_THAT(connector_->requests(),
              ElementsAre("validate", "types", "resources slow", "resources user", "resources group"));
  pass(minutes(9));
  EXPECT_EQ(connector_->requests().size(), 5U);
  pass(minutes(2));
  ASSERT_TRUE(outcome_);
  EXPECT_TRUE(outcome_->status.ok()) << outcome_->status;
  EXPECT_EQ(connector_->count("resources slow"), 2U);
  EXPECT_EQ(outcome_->summary.retries, 1U);
  EXPECT_GE(outcome_->summary.retry_wait, minutes(10));
}

TEST_F(CoordinatorTest, lets_no_more_cursors_wait_without_a_slot_than_it_can_keep_alive) {
  std::vector<std::string> ids;
  for (int i = 0; i < 30; ++i) ids.push_back("type" + std::to_string(i));
  types(ids);
  absl::Status later = absl::UnavailableError("busy");
  set_retry_after(later, minutes(1));
  for (const std::string& id : ids) connector_->on("resources " + id).fails(later, 2);
  config.slots = 2;
  begin();
  // Eight gave their slots back, two kept theirs.
  EXPECT_EQ(connector_->requests().size(), 2U + 10U);
  for (int i = 0; i < 40 && !outcome_; ++i) pass(minutes(2));
  ASSERT_TRUE(outcome_);
  EXPECT_TRUE(outcome_->status.ok()) << outcome_->status;
  for (const std::string& id : ids) EXPECT_EQ(connector_->count("resources " + id), 3U) << id;
}

TEST_F(CoordinatorTest, validates_again_a_few_times) {
  types({});
  connector_->on("validate").fails(absl::UnavailableError("starting"), 2);
  begin();
  EXPECT_FALSE(outcome_);
  pass(milliseconds(400));
  pass(milliseconds(800));
  ASSERT_TRUE(outcome_);
  EXPECT_TRUE(outcome_->status.ok()) << outcome_->status;
  EXPECT_EQ(connector_->count("validate"), 3U);
}

TEST_F(CoordinatorTest, gives_up_on_a_service_that_never_validates) {
  connector_->on("validate").fails(absl::UnavailableError("down"));
  begin();
  for (int i = 0; i < 10; ++i) pass(seconds(10));
  ASSERT_TRUE(outcome_);
  EXPECT_EQ(outcome_->status, absl::UnavailableError("down"));
  EXPECT_EQ(connector_->count("validate"), 6U);
  EXPECT_FALSE(outcome_->resumable) << "nothing was begun";
  EXPECT_FALSE(store_->header().has_value());
}

TEST_F(CoordinatorTest, takes_a_refused_credential_at_its_word) {
  connector_->on("validate").fails(absl::UnauthenticatedError("token expired"));
  begin();
  ASSERT_TRUE(outcome_);
  EXPECT_EQ(outcome_->status, absl::UnauthenticatedError("token expired"));
  EXPECT_EQ(connector_->count("validate"), 1U);
}

TEST_F(CoordinatorTest, names_a_type_of_the_filter_that_does_not_exist) {
  types({"user", "group"});
  config.options.resource_types = {"user", "grop"};
  begin();
  ASSERT_TRUE(outcome_);
  EXPECT_EQ(outcome_->status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(outcome_->status.message()), HasSubstr("'grop'"));
  EXPECT_EQ(exports_, 0);
}

TEST_F(CoordinatorTest, stops_at_the_first_fatal_error_and_keeps_the_run) {
  types({"user", "group"});
  connector_->on("resources user").fails(absl::PermissionDeniedError("no"));
  connector_->on("resources group").never();
  begin();
  ASSERT_TRUE(outcome_) << "calls in flight are cancelled";
  EXPECT_EQ(outcome_->status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(outcome_->resumable);
  EXPECT_EQ(exports_, 0);
  EXPECT_EQ(store_->counters().pages(), 1U);
  EXPECT_EQ(connector_->count("cleanup"), 0U) << "the sync is not over";
}

TEST_F(CoordinatorTest, succeeds_whatever_becomes_of_the_clean_up) {
  connector_->on("cleanup").fails(absl::InternalError("cannot tidy up"));
  begin();
  ASSERT_TRUE(outcome_);
  EXPECT_TRUE(outcome_->status.ok()) << outcome_->status;
}

TEST_F(CoordinatorTest, does_not_wait_for_ever_for_the_clean_up) {
  connector_->on("cleanup").never();
  begin();
  EXPECT_FALSE(outcome_);
  pass(minutes(1));
  ASSERT_TRUE(outcome_);
  EXPECT_TRUE(outcome_->status.ok()) << outcome_->status;
}

TEST_F(CoordinatorTest, gives_calls_in_flight_their_grace_on_a_stop) {
  types({"user"});
  connector_->on("resources user").never();
  begin();
  stop();
  EXPECT_FALSE(outcome_);
  pass(milliseconds(9'999));
  EXPECT_FALSE(outcome_);
  pass(milliseconds(1));
  ASSERT_TRUE(outcome_);
  EXPECT_EQ(outcome_->status, absl::CancelledError("interrupted"));
  EXPECT_TRUE(outcome_->resumable);
}

TEST_F(CoordinatorTest, commits_what_lands_within_the_grace_and_asks_nothing_more) {
  types({"user", "group"});
  connector_->on("resources user").next("p1").after("now");
  config.slots = 1;
  begin();
  EXPECT_EQ(store_->counters().pages(), 1U);
  stop();
  EXPECT_FALSE(outcome_);
  connector_->signal("now");
  run();
  ASSERT_TRUE(outcome_);
  EXPECT_EQ(outcome_->status, absl::CancelledError("interrupted"));
  EXPECT_EQ(store_->counters().pages(), 2U);
  EXPECT_THAT(connector_->requests(), ElementsAre("validate", "types", "resources user"));
}

TEST_F(CoordinatorTest, ends_at_once_on_a_stop_when_nothing_is_in_flight) {
  types({"user"});
  connector_->on("resources user").fails(absl::UnavailableError("busy"));
  begin();
  stop();
  ASSERT_TRUE(outcome_);
  EXPECT_EQ(outcome_->status, absl::CancelledError("interrupted"));
}

TEST_F(CoordinatorTest, stops_when_nothing_was_collected_for_too_long) {
  types({"user"});
  connector_->on("resources user").never();
  begin();
  pass(minutes(29));
  EXPECT_FALSE(outcome_);
  pass(minutes(2));
  ASSERT_TRUE(outcome_);
  EXPECT_EQ(outcome_->status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(outcome_->status.message()), HasSubstr("can be resumed"));
  EXPECT_TRUE(outcome_->resumable);
}

TEST_F(CoordinatorTest, does_not_count_a_hold_that_the_service_announced) {
  types({"user"});
  absl::Status hold = absl::ResourceExhaustedError("hourly budget");
  set_retry_after(hold, minutes(59));
  connector_->on("resources user").fails(hold, 1);
  begin();
  pass(minutes(40));
  EXPECT_FALSE(outcome_);
  pass(minutes(20));
  ASSERT_TRUE(outcome_);
  EXPECT_TRUE(outcome_->status.ok()) << outcome_->status;
}

TEST_F(CoordinatorTest, stops_when_a_service_only_ever_refuses) {
  types({"user"});
  connector_->on("resources user").fails(absl::UnavailableError("busy"));
  begin();
  int passed = 0;
  for (; passed < 60 && !outcome_; ++passed) pass(minutes(1));
  ASSERT_TRUE(outcome_);
  EXPECT_EQ(passed, 31) << "its own backoff is no hold that anyone announced";
  EXPECT_EQ(outcome_->status.code(), absl::StatusCode::kUnavailable);
  EXPECT_GT(connector_->count("resources user"), 20U);
}

TEST_F(CoordinatorTest, does_not_count_a_hold_of_a_limiter) {
  types({"user"});
  connector_->on("resources user").never();
  begin();
  say(hold_atom_v, std::uint64_t{59 * 60'000});
  pass(minutes(80));
  EXPECT_FALSE(outcome_);
  pass(minutes(10));
  ASSERT_TRUE(outcome_);
  EXPECT_EQ(outcome_->status.code(), absl::StatusCode::kUnavailable);
}

TEST_F(CoordinatorTest, waits_for_ever_when_told_so) {
  types({"user"});
  connector_->on("resources user").never();
  config.give_up_after = milliseconds(0);
  begin();
  pass(std::chrono::hours(1000));
  EXPECT_FALSE(outcome_);
}

/// Eleven resources that are gone among those whose entitlements are asked for; the share is judged at the
/// end of the phase.
class WarningShareTest : public CoordinatorTest {
 protected:
  void begin_with(int resources) {
    v2::ResourceType type;
    type.set_id("group");
    connector_->on("types").row(type);
    for (int i = 0; i < resources; ++i) {
      v2::Resource resource;
      resource.mutable_id()->set_resource_type("group");
      resource.mutable_id()->set_resource("g" + std::to_string(i));
      connector_->on("resources group").row(resource);
      if (i < 11) {
        connector_->on("entitlements group/g" + std::to_string(i)).fails(absl::NotFoundError("gone"));
      }
    }
    config.options.skip_grants = true;
    begin();
  }
};

TEST_F(WarningShareTest, ends_the_sync_when_too_much_was_lost) {
  // Types, resources, two of the static entitlements, and 105: of 109 cursors 11 were given up.
  begin_with(105);
  ASSERT_TRUE(outcome_);
  EXPECT_EQ(outcome_->status.code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(outcome_->resumable);
  EXPECT_EQ(exports_, 0);
}

TEST_F(WarningShareTest, goes_on_when_enough_is_left) {
  begin_with(106);
  ASSERT_TRUE(outcome_);
  EXPECT_TRUE(outcome_->status.ok()) << outcome_->status;
  EXPECT_EQ(exports_, 1);
}

}  // namespace
}  // namespace baton::actors
