#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "storage/c1z/writer.hpp"
#include "unit/c1z/memory_rows.hpp"
#include "unit/c1z/scratch.hpp"

// Whatever step of writing a file fails, and wherever the process ends: the path holds what it held before or
// the whole new file, and the next try gives the same bytes as one that was never disturbed.
namespace baton::c1z {
namespace {

using testing::ElementsAre;

/// How a file is made, and whether it is added to.
class Way {
 public:
  WriteMethod method;
  bool has_earlier;
};

void PrintTo(const Way& way, std::ostream* out) {
  *out << (way.method == WriteMethod::kPages ? "pages" : "library")
       << (way.has_earlier ? ", added" : ", new");
}

class ArtifactSteps : public testing::TestWithParam<Way> {
 protected:
  void SetUp() override {
    // Incompressible enough for several writes of compressed bytes.
    std::mt19937 random(7);
    for (int i = 0; i < 3000; ++i) {
      auto grant = make_grant("group", std::to_string(i / 100), std::to_string(i));
      grant.set_id(std::to_string(random()) + std::to_string(random()) + std::to_string(i));
      rows_.add(grant);
    }
    if (GetParam().has_earlier) {
      SyncRunInfo earlier = make_run();
      earlier.sync_id.back() = '1';
      ASSERT_TRUE(write_v1(options(), earlier, rows_).ok());
      before_ = read_file(path_);
    }
    // Undisturbed, and what it consists of.
    ASSERT_TRUE(write([this](FileStep step) {
                  steps_.push_back(step);
                  return absl::OkStatus();
                }).ok());
    whole_ = read_file(path_);
    restore();
  }

  WriteOptions options() {
    WriteOptions options = make_options(path_);
    options.method = GetParam().method;
    options.temporary_folder = temporary_.folder();
    options.cache_kib = 256;
    return options;
  }
  absl::Status write(BeforeStep before) {
    WriteOptions options = this->options();
    options.before_step = std::move(before);
    return write_v1(options, make_run(), rows_).status();
  }
  void restore() {
    std::filesystem::remove(path_);
    if (GetParam().has_earlier) write_file(path_, before_);
  }
  /// `renamed`: the new file may be in place already.
  void expect_old_or_new(bool renamed) {
    if (!std::filesystem::exists(path_)) {
      EXPECT_FALSE(GetParam().has_earlier || renamed);
      return;
    }
    const std::string now = read_file(path_);
    EXPECT_TRUE(renamed ? now == whole_ : GetParam().has_earlier && now == before_);
  }
  void expect_next_try_whole() {
    ASSERT_TRUE(write({}).ok());
    EXPECT_TRUE(read_file(path_) == whole_);
    EXPECT_THAT(scratch_.names(), ElementsAre("sync.c1z"));
    EXPECT_THAT(temporary_.names(), testing::IsEmpty());
    restore();
  }
  /// Runs it in a process of its own; returns how that ended.
  int in_child(const std::function<void()>& run) {
    const pid_t child = ::fork();
    if (child == 0) {
      run();
      ::_exit(0);
    }
    int ended = 0;
    ::waitpid(child, &ended, 0);
    return ended;
  }

  Scratch scratch_;
  Scratch temporary_;
  std::string path_ = scratch_ / "sync.c1z";
  MemoryRows rows_;
  std::string before_;
  std::string whole_;
  std::vector<FileStep> steps_;
};

INSTANTIATE_TEST_SUITE_P(Ways, ArtifactSteps,
                         testing::Values(Way{WriteMethod::kPages, false}, Way{WriteMethod::kPages, true},
                                         Way{WriteMethod::kLibrary, false},
                                         Way{WriteMethod::kLibrary, true}));

TEST_P(ArtifactSteps, ComeInOrder) {
  ASSERT_GE(steps_.size(), 8u);
  EXPECT_EQ(steps_.front(), FileStep::kCreate);
  EXPECT_EQ(std::count(steps_.begin(), steps_.end(), FileStep::kWrite),
            static_cast<std::ptrdiff_t>(steps_.size()) - 5);
  const std::vector<FileStep> end(steps_.end() - 4, steps_.end());
  EXPECT_THAT(end, ElementsAre(FileStep::kSync, FileStep::kClose, FileStep::kRename, FileStep::kSyncFolder));
}

/// A step to stop at. How many writes there are depends on the compressor's threads.
class Stop {
 public:
  FileStep step;
  int number = 1;
};
constexpr Stop kStops[] = {{FileStep::kCreate},   {FileStep::kWrite},     {FileStep::kWrite, 2},
                           {FileStep::kWrite, 3}, {FileStep::kWrite, 4},  {FileStep::kWrite, 6},
                           {FileStep::kWrite, 9}, {FileStep::kSync},      {FileStep::kClose},
                           {FileStep::kRename},   {FileStep::kSyncFolder}};

TEST_P(ArtifactSteps, OneThatFailsLeavesTheOldFileOrTheWholeNewOne) {
  for (const Stop& stop : kStops) {
    SCOPED_TRACE(testing::Message() << static_cast<int>(stop.step) << ", " << stop.number);
    int left = stop.number;
    const absl::Status status = write([&](FileStep step) {
      return step == stop.step && --left == 0 ? absl::ResourceExhaustedError("No space left on device")
                                              : absl::OkStatus();
    });
    ASSERT_TRUE(left <= 0 || stop.number > 3);
    if (left <= 0) {
      EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
      EXPECT_THAT(std::string(status.message()), testing::HasSubstr("free some space"));
    }
    EXPECT_FALSE(std::filesystem::exists(path_ + ".tmp"));
    expect_old_or_new(left > 0 || stop.step == FileStep::kSyncFolder);
    expect_next_try_whole();
  }
}

TEST_P(ArtifactSteps, AProcessThatEndsLeavesTheOldFileOrTheWholeNewOne) {
  for (const Stop& stop : kStops) {
    SCOPED_TRACE(testing::Message() << static_cast<int>(stop.step) << ", " << stop.number);
    int left = stop.number;
    const int ended = in_child([&] {
      const absl::Status ignored = write([&](FileStep step) {
        if (step == stop.step && --left == 0) ::kill(::getpid(), SIGKILL);
        return absl::OkStatus();
      });
    });
    const bool killed = WIFSIGNALED(ended) && WTERMSIG(ended) == SIGKILL;
    ASSERT_TRUE(killed || stop.number > 3) << ended;
    expect_old_or_new(!killed || stop.step == FileStep::kSyncFolder);
    expect_next_try_whole();
  }
}

TEST_P(ArtifactSteps, AWriteThatIsCutShortLeavesTheOldFile) {
  // No file may grow beyond a limit: the system writes as much as fits, and then either answers with an error
  // or ends the process.
  for (const bool ends : {false, true}) {
    for (std::size_t part = 0; part < 5; ++part) {
      SCOPED_TRACE(testing::Message() << part << " fifths, " << (ends ? "then the end" : "then an error"));
      const int ended = in_child([&] {
        std::signal(SIGXFSZ, ends ? SIG_DFL : SIG_IGN);
        rlimit limit{};
        limit.rlim_cur = limit.rlim_max = whole_.size() * part / 5;
        const rlimit no_core{};
        ::setrlimit(RLIMIT_CORE, &no_core);
        ::setrlimit(RLIMIT_FSIZE, &limit);
        ::_exit(static_cast<int>(write({}).code()));
      });
      if (ends) {
        EXPECT_TRUE(WIFSIGNALED(ended) && WTERMSIG(ended) == SIGXFSZ) << ended;
      } else {
        EXPECT_TRUE(WIFEXITED(ended));
        EXPECT_EQ(WEXITSTATUS(ended), static_cast<int>(absl::StatusCode::kResourceExhausted));
        EXPECT_FALSE(std::filesystem::exists(path_ + ".tmp"));
      }
      expect_old_or_new(false);
      // Only what the next try removes, too, may be left, and copies that have not lost their name yet.
      for (const std::string& name : temporary_.names()) std::filesystem::remove(temporary_ / name);
      expect_next_try_whole();
    }
  }
}

}  // namespace
}  // namespace baton::c1z
