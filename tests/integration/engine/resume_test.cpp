#include <algorithm>
#include <filesystem>
#include <map>

#include <gmock/gmock.h>

#include "engine_test.hpp"
#include "storage/sync_store.hpp"
#include "world.hpp"

namespace baton::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

using Counts = std::map<std::string, std::size_t>;

/// How often each list request is in `requests`.
Counts lists(const std::vector<std::string>& requests) {
  Counts counts;
  for (const std::string& request : requests) {
    if (request != "validate") ++counts[request];
  }
  return counts;
}

class ResumeTest : public EngineTest {
 protected:
  void world() {
    new_connector();
    script_world(*connector_);
  }
  /// A first process that fails at its so-many-th list request. Returns what was answered before that.
  std::vector<std::string> fail_at(std::size_t request) {
    world();
    connector_->fail_from(request, absl::PermissionDeniedError("revoked"));
    const actors::SyncOutcome outcome = run();
    EXPECT_EQ(outcome.status.code(), absl::StatusCode::kPermissionDenied);
    EXPECT_TRUE(outcome.resumable);
    return connector_->answered();
  }
  std::unique_ptr<storage::SyncStore> open_store(bool must_exist) {
    storage::StoreOptions options;
    options.directory = job.directory;
    options.must_exist = must_exist;
    options.clock = clock_.get();
    auto store = storage::SyncStore::open(options);
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? std::move(*store) : nullptr;
  }
  /// A run directory that a process left in this state without any work.
  void leave_header(baton::store::v1::RunState state, const std::string& sync_id) {
    const auto store = open_store(false);
    ASSERT_NE(store, nullptr);
    baton::store::v1::RunHeader header;
    header.set_sync_id(sync_id);
    header.set_sync_type("full");
    header.set_state(state);
    header.mutable_configuration()->insert(job.configuration.begin(), job.configuration.end());
    ASSERT_TRUE(store->put_header(header).ok());
    ASSERT_TRUE(store->close().ok());
  }
};

TEST_F(ResumeTest, goes_on_anywhere_without_asking_for_a_committed_page_again) {
  for (const std::size_t workers : {std::size_t{1}, std::size_t{8}}) {
    job.workers = workers;
    clean_up();
    world();
    sync();
    const std::string uninterrupted = file_bytes(job.path);
    const Counts whole = lists(connector_->requests());
    const std::size_t requests = connector_->requests().size() - 1;
    for (std::size_t fail = 1; fail <= requests; fail += 13) {
      clean_up();
      const std::vector<std::string> answered = fail_at(fail);
      world();
      const Content content = sync();
      EXPECT_TRUE(file_bytes(job.path) == uninterrupted) << "failed at " << fail;
      Counts both = lists(connector_->requests());
      for (const auto& [request, count] : lists(answered)) both[request] += count;
      EXPECT_EQ(both, whole) << "failed at " << fail << " with " << workers << " workers";
    }
  }
}

TEST_F(ResumeTest, tells_that_it_went_on_and_how_far_it_was) {
  fail_at(40);
  world();
  const actors::SyncOutcome outcome = run();
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_TRUE(outcome.summary.resumed);
  EXPECT_GT(outcome.summary.resumed_pages, 20U);
  EXPECT_GT(outcome.summary.resumed_cursors_left, 0U);
  EXPECT_GT(outcome.summary.pages, outcome.summary.resumed_pages);
}

TEST_F(ResumeTest, survives_several_failures_in_a_row) {
  for (const std::size_t more : {5U, 10U, 15U, 20U}) fail_at(more);
  world();
  const Content content = sync();
  const std::string resumed = file_bytes(job.path);
  clean_up();
  world();
  sync();
  EXPECT_TRUE(file_bytes(job.path) == resumed);
}

TEST_F(ResumeTest, continues_what_a_stop_interrupted) {
  world();
  job.grace = std::chrono::milliseconds(10);
  on("grants group/g7").never();
  on_request = [](actors::Engine& engine, const std::string& request) {
    if (request == "grants group/g7") engine.stop();
  };
  const actors::SyncOutcome stopped = run();
  EXPECT_EQ(stopped.status.code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(stopped.resumable);
  EXPECT_TRUE(run_directory_exists());
  const Counts answered = lists(connector_->answered());

  on_request = nullptr;
  world();
  sync();
  EXPECT_EQ(connector_->count("grants group/g7"), 1U);
  for (const auto& [request, count] : lists(connector_->requests())) {
    if (request.starts_with("types")) continue;
    EXPECT_FALSE(answered.contains(request)) << request;
  }
}

TEST_F(ResumeTest, stops_before_it_begins_when_told_so) {
  world();
  on_request = [](actors::Engine& engine, const std::string& request) {
    if (request == "validate") engine.stop();
  };
  const actors::SyncOutcome stopped = run();
  EXPECT_EQ(stopped.status.code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(connector_->requests(), ::testing::ElementsAre("validate"));
  on_request = nullptr;
  world();
  sync();
}

TEST_F(ResumeTest, refuses_another_configuration_and_names_the_field) {
  fail_at(30);
  world();
  job.configuration["domain"] = "other.example";
  const actors::SyncOutcome refused = run();
  EXPECT_EQ(refused.status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status.message()), HasSubstr("domain"));
  EXPECT_THAT(std::string(refused.status.message()), HasSubstr("--restart"));
  EXPECT_THAT(std::string(refused.status.message()), HasSubstr(job.directory));
  EXPECT_THAT(connector_->requests(), IsEmpty());
  EXPECT_TRUE(run_directory_exists());

  job.configuration["domain"] = "example.com";
  const actors::SyncOutcome resumed = run();
  EXPECT_TRUE(resumed.status.ok()) << resumed.status;
  EXPECT_TRUE(resumed.summary.resumed);
}

TEST_F(ResumeTest, discards_an_unfinished_run_on_request_and_says_so) {
  fail_at(30);
  world();
  job.configuration["domain"] = "other.example";
  job.restart = true;
  const actors::SyncOutcome outcome = run();
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_FALSE(outcome.summary.resumed);
  EXPECT_EQ(connector_->count("resources user"), 1U);
  EXPECT_THAT(log_->text(), HasSubstr("discarding an unfinished sync, as asked"));
}

TEST_F(ResumeTest, discards_a_run_whose_last_commit_is_too_old_and_says_so) {
  fail_at(30);
  clock_->advance(std::chrono::hours(25));
  world();
  const actors::SyncOutcome outcome = run();
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_FALSE(outcome.summary.resumed);
  EXPECT_EQ(connector_->count("resources user"), 1U);
  EXPECT_THAT(log_->text(), HasSubstr("too old"));
}

TEST_F(ResumeTest, goes_on_with_an_old_run_when_age_does_not_matter) {
  fail_at(30);
  clock_->advance(std::chrono::hours(9000));
  job.resume_max_age = std::chrono::milliseconds(0);
  world();
  const actors::SyncOutcome outcome = run();
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_TRUE(outcome.summary.resumed);
}

TEST_F(ResumeTest, plans_a_run_whose_process_died_before_its_first_cursors) {
  job.resume_max_age = std::chrono::milliseconds(0);  // Nothing was ever committed.
  leave_header(baton::store::v1::RUN_STATE_COLLECTING, "0ujtsYcgvSTl8PAuAdqWYSMnLOv");
  world();
  const Content content = sync();
  EXPECT_EQ(content.sync.id, "0ujtsYcgvSTl8PAuAdqWYSMnLOv");
  EXPECT_EQ(content.resources.size(), 81U);
}

TEST_F(ResumeTest, only_tidies_up_when_the_artifact_was_written_already) {
  world();
  const Content content = sync();
  leave_header(baton::store::v1::RUN_STATE_EXPORTED, content.sync.id);
  const std::string before = file_bytes(job.path);
  world();
  const actors::SyncOutcome outcome = run();
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(outcome.summary.sync_id, content.sync.id);
  EXPECT_THAT(connector_->requests(), IsEmpty());
  EXPECT_FALSE(run_directory_exists());
  EXPECT_TRUE(file_bytes(job.path) == before);
}

TEST_F(ResumeTest, syncs_afresh_when_an_exported_run_was_left_but_its_artifact_is_gone) {
  leave_header(baton::store::v1::RUN_STATE_EXPORTED, "0ujtsYcgvSTl8PAuAdqWYSMnLOv");
  world();
  const Content content = sync();
  EXPECT_NE(content.sync.id, "0ujtsYcgvSTl8PAuAdqWYSMnLOv");
  EXPECT_EQ(content.resources.size(), 81U);
}

TEST_F(ResumeTest, replaces_an_artifact_only_once_its_successor_is_complete) {
  world();
  sync();
  const std::string before = file_bytes(job.path);
  clock_->advance(std::chrono::hours(1));
  fail_at(50);
  EXPECT_TRUE(file_bytes(job.path) == before);
  world();
  syncs_in_file = 2;
  sync();
  EXPECT_FALSE(file_bytes(job.path) == before);
  // The place of two is taken; the oldest goes.
  clock_->advance(std::chrono::hours(1));
  world();
  sync();
}

}  // namespace
}  // namespace baton::test
