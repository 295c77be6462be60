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

/// Runs the writer, reads what it acknowledges, and kills it once that is at least `kill_after` pages; to the
/// end if it never is. The pages acknowledged; `finished` tells whether it came to its end.
int run_writer(const std::string& directory, int seed, int kill_after, bool& finished) {
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
  char* arguments[] = {program.data(), target.data(), number.data(), nullptr};
  pid_t child = 0;
  EXPECT_EQ(::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environ), 0);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(pipe_ends[1]);

  int acknowledged = 0;
  bool killed = false;
  char count = 0;
  while (::read(pipe_ends[0], &count, 1) == 1) {
    acknowledged += count;
    if (!killed && acknowledged >= kill_after) {
      ::kill(child, SIGKILL);
      killed = true;
    }
  }
  ::close(pipe_ends[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  finished = WIFEXITED(status);
  EXPECT_TRUE(finished ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL) << status;
  return acknowledged;
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

TEST(Crash, WhereverItIsKilledPlanAndRowsAgree) {
  const TempDirectory temp;
  const std::string directory = temp / "run";
  std::mt19937 random(1);
  std::uint64_t acknowledged = 0;
  bool finished = false;
  for (int kill = 0; kill < kKills && !finished; ++kill) {
    acknowledged += static_cast<std::uint64_t>(
        run_writer(directory, kill, 1 + static_cast<int>(random() % 60), finished));
    check_consistent(directory, acknowledged);
    if (HasFatalFailure() || HasNonfatalFailure()) return;
  }
  acknowledged += static_cast<std::uint64_t>(run_writer(directory, kKills, 1 << 30, finished));
  EXPECT_TRUE(finished);
  constexpr std::uint64_t kAll = crash::kLists * crash::kPages * (1 + crash::kRows);
  check_consistent(directory, kAll);
}

}  // namespace
}  // namespace baton::storage
