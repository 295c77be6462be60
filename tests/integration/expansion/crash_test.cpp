// A process that expands is killed, and the next one goes on: the rows are those of an expansion that nothing
// disturbed, and what was committed is not made again.
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "actors/run_expansion.hpp"
#include "sample.hpp"
#include "storage/sync_store.hpp"
#include "support/scratch_directory.hpp"

extern char** environ;

namespace baton::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;
using std::chrono::steady_clock;

/// Kills at random moments; the soak test asks for more.
int random_kills() {
  const char* const asked = std::getenv("BATON_EXPANSION_KILLS");
  return asked != nullptr ? std::atoi(asked) : 10;
}

class ExpansionCrashTest : public ::testing::Test {
 protected:
  struct Finished {
    std::vector<std::string> grants;
    std::uint64_t segments_resumed = 0;
  };

  void SetUp() override {
    storage::StoreOptions options;
    options.directory = scratch_ / "collected";
    const auto store = storage::SyncStore::open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE(add_sample(**store).ok());
    ASSERT_TRUE((*store)->close().ok());
    const auto started = steady_clock::now();
    expected_ = finish(fresh()).grants;
    undisturbed_ = std::chrono::duration_cast<microseconds>(steady_clock::now() - started);
    ASSERT_GT(expected_.size(), 2'000U);
  }

  /// A copy of the collected rows.
  std::string fresh() {
    const std::string directory = scratch_ / ("run" + std::to_string(++copies_));
    fs::copy(scratch_ / "collected", directory);
    return directory;
  }

  /// Expands to the end in this process.
  static Finished finish(const std::string& directory) {
    Finished finished;
    storage::StoreOptions options;
    options.directory = directory;
    options.must_exist = true;
    const auto store = storage::SyncStore::open(options);
    EXPECT_TRUE(store.ok()) << store.status();
    actors::ExpansionOptions expansion;
    expansion.rows_per_segment = kSampleSegmentRows;
    const auto statistics = actors::run_expansion(**store, expansion);
    EXPECT_TRUE(statistics.ok()) << statistics.status();
    if (statistics.ok()) finished.segments_resumed = statistics->segments_resumed;
    auto grants = all_grants(**store);
    EXPECT_TRUE(grants.ok()) << grants.status();
    if (grants.ok()) finished.grants = *std::move(grants);
    return finished;
  }

  static pid_t start_writer(const std::string& directory, int kill_after) {
    std::string program = BATON_EXPANSION_CRASH_WRITER;
    std::string target = directory;
    std::string number = std::to_string(kill_after);
    char* arguments[] = {program.data(), target.data(), number.data(), nullptr};
    pid_t child = 0;
    EXPECT_EQ(::posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ), 0);
    return child;
  }

  /// Whether it ended by itself, and then without an error.
  static bool ended(pid_t child) {
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
      EXPECT_EQ(WTERMSIG(status), SIGKILL);
      return false;
    }
    EXPECT_EQ(WEXITSTATUS(status), 0);
    return true;
  }

  const ScratchDirectory scratch_;
  int copies_ = 0;
  std::vector<std::string> expected_;
  microseconds undisturbed_{0};
};

TEST_F(ExpansionCrashTest, KilledAtEverySegmentBoundary) {
  int boundary = 0;
  for (bool done = false; !done;) {
    SCOPED_TRACE(++boundary);
    const std::string directory = fresh();
    done = ended(start_writer(directory, boundary));
    const Finished finished = finish(directory);
    EXPECT_TRUE(finished.grants == expected_);
    EXPECT_GE(finished.segments_resumed, static_cast<std::uint64_t>(done ? boundary - 1 : boundary));
    fs::remove_all(directory);
    if (HasFailure()) return;
  }
  EXPECT_GT(boundary, 10) << "the sample has too few segments to say anything";
}

TEST_F(ExpansionCrashTest, KilledAtRandomMoments) {
  std::mt19937 random(1);
  for (int kill = 0; kill < random_kills();) {
    const std::string directory = fresh();
    // Several in a row in one directory, until one is quick enough to reach the end.
    for (bool done = false; !done && kill < random_kills(); ++kill) {
      const pid_t child = start_writer(directory, 0);
      std::this_thread::sleep_for(microseconds(random() % (undisturbed_.count() + 20'000)));
      ::kill(child, SIGKILL);
      done = ended(child);
    }
    EXPECT_TRUE(finish(directory).grants == expected_) << "after kill " << kill;
    fs::remove_all(directory);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace baton::test
