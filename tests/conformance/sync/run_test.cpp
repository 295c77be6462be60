#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>

#include "base/error_facts.hpp"
#include "engine_test.hpp"
#include "storage/sync_store.hpp"
#include "world.hpp"

/// Lines 11, 12 and 15 of the checklist: runs that end early, and what a sealed file says of its run.
namespace baton::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RunTest : public EngineTest {
 protected:
  std::string whole() {
    clean_up();
    new_connector();
    script_world(*connector_);
    sync();
    std::string bytes = file_bytes(job.path);
    clean_up();
    new_connector();
    script_world(*connector_);
    return bytes;
  }
};

// -- 11. Kill at every commit boundary and between rows and commit: integration_faults lets processes die at
// every write of the store, which is both. Here: what else must survive a restart.

class Line11Restarts : public RunTest {};

TEST_F(Line11Restarts, keep_how_often_a_page_was_tried_and_how_long_it_must_wait) {
  types({"user"});
  resources("user", {"u1", "u2"});
  absl::Status limited = absl::UnavailableError("slow down");
  set_retry_after(limited, std::chrono::hours(1));
  on("grants user/u1").fails(limited, 1);
  job.workers = 1;
  // The other list is read, then the process is told to stop while it waits.
  on_request = [](actors::Engine& engine, const std::string& request) {
    if (request == "grants user/u2") engine.stop();
  };
  EXPECT_EQ(run().status.code(), absl::StatusCode::kCancelled);
  ASSERT_EQ(connector_->count("grants user/u1"), 1U);
  on_request = nullptr;

  // A process that comes before the hour is over does not ask.
  clock_->advance(std::chrono::minutes(30));
  new_connector();
  job.run_duration = std::chrono::seconds(30);
  std::thread later([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    clock_->advance(std::chrono::seconds(40));
  });
  EXPECT_EQ(run().status.code(), absl::StatusCode::kDeadlineExceeded);
  later.join();
  EXPECT_EQ(connector_->count("grants user/u1"), 0U);

  clock_->advance(std::chrono::minutes(31));
  job.run_duration = std::chrono::milliseconds(0);
  new_connector();
  sync();
  EXPECT_EQ(connector_->count("grants user/u1"), 1U);
}

TEST_F(Line11Restarts, keep_what_was_given_up) {
  types({"user"});
  resources("user", {"u1", "u2"});
  job.workers = 1;
  on("entitlements user/u1").fails(absl::NotFoundError("gone"));
  on("grants user/u1").fails(absl::InternalError("down"));
  EXPECT_FALSE(run().status.ok());
  new_connector();
  const actors::SyncOutcome outcome = run();
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(connector_->count("entitlements user/u1"), 0U);
  EXPECT_THAT(outcome.summary.warnings, ::testing::ElementsAre(HasSubstr("list-entitlements of user/u1")));
  EXPECT_THAT(Content::read(job.path).sync.token, HasSubstr("incomplete_types"));
}

// -- 12. Run duration expiry mid-phase: sync not complete, next run continues.

class Line12RunDuration : public RunTest {};

TEST_F(Line12RunDuration, ends_a_run_in_the_middle_and_the_next_one_goes_on) {
  const std::string undisturbed = whole();
  on("grants group/g7").never();
  job.run_duration = std::chrono::milliseconds(50);
  // Time stands still but for the request that hangs.
  on_request = [this](actors::Engine&, const std::string& request) {
    if (request == "grants group/g7") clock_->advance(std::chrono::milliseconds(60));
  };
  const actors::SyncOutcome expired = run();
  EXPECT_EQ(expired.status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(expired.status.message()), HasSubstr("sync not complete"));
  EXPECT_TRUE(expired.resumable);
  EXPECT_TRUE(run_directory_exists());

  on_request = nullptr;
  new_connector();
  script_world(*connector_);
  job.run_duration = std::chrono::milliseconds(0);
  sync();
  EXPECT_EQ(connector_->count("grants group/g7"), 1U);
  // The clock moved: the rows are the same, their moments are not.
  EXPECT_EQ(Content::read(job.path).grants.size(), [&] {
    const std::string copy = job.path + ".whole";
    std::ofstream(copy, std::ios::binary) << undisturbed;
    return Content::read(copy).grants.size();
  }());
}

TEST_F(Line12RunDuration, does_not_concern_the_end_of_a_run) {
  whole();
  job.run_duration = std::chrono::milliseconds(50);
  job.at_step = [this](std::string_view step) {
    if (step == "check") clock_->advance(std::chrono::hours(1));
  };
  sync();
}

// -- A signal while the artifact is made: it ends soon, and the next start makes the same artifact.

class Interruptions : public RunTest {};

TEST_F(Interruptions, of_any_step_of_the_end_leave_a_run_that_goes_on) {
  const std::string undisturbed = whole();
  for (const char* step : {"check", "seal", "write", "progress"}) {
    SCOPED_TRACE(step);
    clean_up();
    new_connector();
    script_world(*connector_);
    actors::Engine* running = nullptr;
    on_request = [&running](actors::Engine& engine, const std::string&) { running = &engine; };
    bool told = false;
    job.at_step = [&](std::string_view at) {
      if (at != step || told) return;
      told = true;
      running->stop();
      // The word goes by way of the coordinator.
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    };
    const actors::SyncOutcome stopped = run();
    EXPECT_TRUE(told);
    EXPECT_EQ(stopped.status.code(), absl::StatusCode::kCancelled) << stopped.status;
    EXPECT_TRUE(stopped.resumable);
    EXPECT_FALSE(std::filesystem::exists(job.path));
    EXPECT_FALSE(std::filesystem::exists(job.path + ".tmp"));

    on_request = nullptr;
    job.at_step = nullptr;
    new_connector();
    script_world(*connector_);
    sync();
    EXPECT_TRUE(file_bytes(job.path) == undisturbed);
    EXPECT_EQ(connector_->count("types"), 0U) << "everything was collected";
  }
}

// -- 15. Sealed file re-opened: token has empty plan, counters, no graph; marker present.

class Line15SealedFile : public RunTest {};

TEST_F(Line15SealedFile, has_a_token_of_a_finished_plan_and_the_marker_of_its_checks) {
  whole();
  const Content content = sync();
  EXPECT_THAT(content.sync.token, HasSubstr("\"completed_actions_count\":"));
  EXPECT_THAT(content.sync.token, HasSubstr("\"version\":1"));
  EXPECT_THAT(content.sync.token, HasSubstr("\"needs_expansion\":true"));
  EXPECT_THAT(content.sync.token, Not(HasSubstr("actions_map")));
  EXPECT_THAT(content.sync.token, Not(HasSubstr("entitlement_graph")));
  EXPECT_EQ(content.sync.invariant_generation, "1");
  EXPECT_EQ(content.sync.invariant_mode, "connector");
  EXPECT_TRUE(content.sync.supports_diff);
  EXPECT_TRUE(content.sync.ended_at.has_value());
}

}  // namespace
}  // namespace baton::test
