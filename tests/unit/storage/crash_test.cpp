#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <random>
#include <set>
#include <string>

#include "crash_script.hpp"
#include "storage/database.hpp"
#include "temp_directory.hpp"

extern char** environ;

namespace baton::storage {
namespace {

constexpr int kKills = 20;

constexpr int kNever = 1 << 30;

class WriterRun {
 public:
  int acknowledged = 0;
  /// -1 when it was killed.
  int exit_code = -1;
};

/// Runs the writer, reads what it acknowledges, and kills it once that is at least `kill_after` pages; to its
/// end if it never is. `file_size` limits the files it may write, unless 0.
WriterRun run_writer(const std::string& directory, int seed, int kill_after, int file_size = 0) {
  int pipe_ends[2];
  EXPECT_EQ(::pipe(pipe_ends), 0);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addclose(&actions, pipe_ends[0]);
  ::posix_spawn_file_actions_addclose(&actions, pipe_ends[1]);
  std::string program = BATON_CRASH_WRITER;
  std::string target = directory;
  std::string number = std::to_string(seed);
  std::string limit = std::to_string(file_size);
  char* arguments[] = {program.data(), target.data(), number.data(), limit.data(), nullptr};
  pid_t child = 0;
  EXPECT_EQ(::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environ), 0);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(pipe_ends[1]);

  WriterRun run;
  bool killed = false;
  char count = 0;
  while (::read(pipe_ends[0], &count, 1) == 1) {
    run.acknowledged += count;
    if (!killed && run.acknowledged >= kill_after) {
      ::kill(child, SIGKILL);
      killed = true;
    }
  }
  ::close(pipe_ends[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  if (WIFEXITED(status)) {
    run.exit_code = WEXITSTATUS(status);
  } else {
    EXPECT_EQ(WTERMSIG(status), SIGKILL);
  }
  return run;
}

/// Every row that the script says for the pages that the plan says are committed; no other row, cursor or
/// count.
void check_consistent(const std::string& directory, std::uint64_t at_least_pages) {
  std::uint64_t pages = 0;
  std::uint64_t done = 0;
  std::set<std::string> identities;
  std::map<std::string, std::uint32_t> list_pages;
  std::set<std::string> expected_rows;
  std::set<std::string> rows;
  {
    const auto database = Database::open(directory, true, 1u << 20);
    ASSERT_TRUE(database.ok()) << database.status();
    const auto plan = (*database)->iterator(Table::kPlan);
    for (plan->SeekToFirst(); plan->Valid(); plan->Next()) {
      if (plan->key()[0] != 'q') continue;
      baton::store::v1::CursorRow cursor;
      ASSERT_TRUE(cursor.ParseFromString(plan->value().ToString()));
      EXPECT_TRUE(identities.insert(cursor_identity(cursor)).second) << "planned twice";
      pages += cursor.page();
      done += cursor.done() ? 1 : 0;
      const std::uint32_t committed = cursor.page();
      for (cursor.set_page(0); cursor.page() < committed; cursor.set_page(cursor.page() + 1)) {
        const PageCommit page = crash::page_of(CursorKey(), cursor);
        for (const auto& entry : page.rows->entries()) expected_rows.emplace(page.rows->key(entry));
        if (cursor.operation() == 2) list_pages[cursor.resource_type_id()] = committed;
      }
    }
    for (const Table table : {Table::kResources, Table::kEntitlements}) {
      const auto stored = (*database)->iterator(table);
      for (stored->SeekToFirst(); stored->Valid(); stored->Next()) rows.emplace(view(stored->key()));
    }
  }
  EXPECT_TRUE(rows == expected_rows) << rows.size() << " rows, expected " << expected_rows.size();
  std::uint64_t planned = crash::kLists;
  for (const auto& [type, count] : list_pages) planned += count * crash::kRows;
  EXPECT_EQ(identities.size(), planned);
  EXPECT_GE(pages, at_least_pages) << "acknowledged pages are gone";

  StoreOptions options;
  options.directory = directory;
  const auto store = SyncStore::open(options);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->counters().pages(), pages);
  EXPECT_EQ((*store)->counters().cursors_done(), done);
  EXPECT_EQ((*store)->counters().cursors_planned(), planned);
  std::uint64_t pending = 0;
  for (const PlannedCount& lane : (*store)->pending()) pending += lane.count;
  EXPECT_EQ(pending, planned - done);
}

constexpr std::uint64_t kAllPages = crash::kLists * crash::kPages * (1 + crash::kRows);

TEST(Crash, WhereverItIsKilledPlanAndRowsAgree) {
  const TempDirectory temp;
  const std::string directory = temp / "run";
  std::mt19937 random(1);
  std::uint64_t acknowledged = 0;
  WriterRun run;
  for (int kill = 0; kill < kKills && run.exit_code < 0; ++kill) {
    run = run_writer(directory, kill, 1 + static_cast<int>(random() % 60));
    acknowledged += static_cast<std::uint64_t>(run.acknowledged);
    check_consistent(directory, acknowledged);
    if (HasFailure()) return;
  }
  EXPECT_EQ(run_writer(directory, kKills, kNever).exit_code, 0);
  check_consistent(directory, kAllPages);
}

TEST(Crash, WhereSpaceRunsOutEverythingCommittedIsKept) {
  const TempDirectory temp;
  std::string directory;
  for (const int limit : {20'000, 60'000, 90'000}) {
    directory = temp / std::to_string(limit).c_str();
    const WriterRun run = run_writer(directory, limit, kNever, limit);
    EXPECT_EQ(run.exit_code, 1);
    if (run.acknowledged == 0) continue;  // not even the first plan fitted
    check_consistent(directory, static_cast<std::uint64_t>(run.acknowledged));
    if (HasFailure()) return;
  }
  EXPECT_EQ(run_writer(directory, 1, kNever).exit_code, 0);
  check_consistent(directory, kAllPages);
}

}  // namespace
}  // namespace baton::storage
