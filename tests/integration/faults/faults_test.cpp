#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "support/faulty_file_system.hpp"
#include "support/scratch_directory.hpp"

extern char** environ;

/// Syncs in processes that die, lose what was not synced, or find the disk full or damaged. Whatever
/// happened, the run that ends it makes the file of an undisturbed one, or ends with an error that names the
/// damage.
namespace baton::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

bool soak() {
  return std::getenv("BATON_SOAK") != nullptr;
}

class Ended {
 public:
  int code = -1;
  std::string output;
  bool died() const { return code == FaultyFileSystem::kExitCode; }
  std::uint64_t appends() const { return std::strtoull(output.c_str() + output.find(' '), nullptr, 10); }
};

/// The line that acknowledges the page of a request; empty where one request may stand for several pages.
std::string acknowledgement(const std::string& request) {
  const std::size_t at = request.find('@');
  const std::string name = request.substr(0, at);
  const std::string token = at == std::string::npos ? "" : request.substr(at + 1);
  std::string sibling;
  std::string page = "0";
  if (token.starts_with("p")) page = token.substr(1);
  if (token.starts_with("s")) {
    sibling = token.substr(0, token.find('.'));
    if (token.find('.') != std::string::npos) page = token.substr(token.find('.') + 1);
  }
  const std::size_t space = name.find(' ');
  if (space == std::string::npos) return "";
  const std::string what = name.substr(0, space);
  std::string type = name.substr(space + 1);
  std::string resource;
  std::string parent;
  if (const std::size_t below = type.find('<'); below != std::string::npos) {
    parent = type.substr(type.find('/', below) + 1);
    type.resize(below);
  } else if (const std::size_t slash = type.find('/'); slash != std::string::npos) {
    resource = type.substr(slash + 1);
    type.resize(slash);
  }
  if (type.ends_with('*')) type.pop_back();
  const std::string operation = what == "static" ? "list-static-entitlements" : "list-" + what;
  // The line tells how many pages of the list are there by then.
  const std::string pages = std::to_string(std::stoul(page) + 1);
  return "done " + operation + " " + type + " " + resource + " " + parent + " " + sibling + " " + pages;
}

class FaultsTest : public ::testing::Test {
 protected:
  using Arguments = std::map<std::string, std::string>;

  FaultsTest() {
    fs::create_directory(scratch_ / "whole");
    whole_ = run(scratch_ / "whole", {});
    EXPECT_EQ(whole_.code, 0) << whole_.output;
    artifact_ = bytes(scratch_ / "whole/sync.c1z");
    start_over();
  }

  static std::string bytes(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }

  Ended run(const std::string& directory, Arguments more) {
    more["dir"] = directory;
    more["log"] = directory + "/log";
    more.try_emplace("world", world_);
    more.try_emplace("workers", "4");
    std::vector<std::string> words = {BATON_SYNC_PROCESS};
    for (const auto& [name, value] : more) words.push_back(name + "=" + value);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    ::posix_spawn_file_actions_addclose(&actions, ends[0]);
    ::posix_spawn_file_actions_addclose(&actions, ends[1]);
    pid_t child = 0;
    EXPECT_EQ(::posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ), 0);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    Ended ended;
    char buffer[4096];
    for (ssize_t count; (count = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
      ended.output.append(buffer, static_cast<std::size_t>(count));
    }
    ::close(ends[0]);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
    EXPECT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
    return ended;
  }

  /// A process of the run under test.
  Ended run(Arguments arguments) {
    const Ended ended = run(directory_, std::move(arguments));
    read_log();
    return ended;
  }

  /// A new directory; what was acknowledged before is forgotten.
  void start_over() {
    directory_ = scratch_ / ("run" + std::to_string(runs_++));
    fs::create_directory(directory_);
    acknowledged_.clear();
    log_read_ = 0;
    repeated_ = 0;
  }
  void tidy() { fs::remove_all(directory_); }

  /// What the last process asked and got acknowledged.
  void read_log() {
    std::ifstream log(directory_ + "/log");
    log.seekg(static_cast<std::streamoff>(log_read_));
    std::set<std::string> news;
    asked_ = 0;
    for (std::string line; std::getline(log, line);) {
      log_read_ += line.size() + 1;
      if (line.starts_with("done ")) news.insert(line);
      if (!line.starts_with("ask ")) continue;
      const std::string request = line.substr(4);
      ++asked_;
      if (acknowledged_.contains(acknowledgement(request))) {
        ++repeated_;
        repeated_example_ = request;
      }
    }
    acknowledged_.merge(news);
  }

  /// Goes on after `last` until the artifact is there, and compares it. A start after the end would be a new
  /// sync.
  void finish(const Ended& last) {
    if (last.code == 0) {
      expect_whole();
    } else {
      finish();
    }
  }
  void finish() {
    const Ended last = run({});
    ASSERT_EQ(last.code, 0) << last.output;
    expect_whole();
  }
  void expect_whole() {
    EXPECT_TRUE(bytes(directory_ + "/sync.c1z") == artifact_) << "the artifact differs";
    EXPECT_FALSE(fs::exists(directory_ + "/sync.c1z.sync")) << "the run directory was left";
    EXPECT_FALSE(fs::exists(directory_ + "/sync.c1z.tmp"));
  }

  /// `count` moments spread over all appends of a run; each of them in the long form.
  std::vector<std::uint64_t> moments(std::uint64_t count) const {
    const std::uint64_t all = whole_.appends();
    if (soak() || count > all) count = all;
    std::vector<std::uint64_t> result;
    for (std::uint64_t i = 0; i < count; ++i) result.push_back(1 + i * all / count);
    return result;
  }

  std::vector<std::string> files(const std::string& suffix) const {
    std::vector<std::string> paths;
    for (const auto& entry : fs::directory_iterator(directory_ + "/sync.c1z.sync")) {
      if (entry.path().extension() == suffix && entry.file_size() > 0) paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }

  /// The run goes on over damage: an error that names the directory, or the right artifact.
  bool finish_or_refuse() {
    const Ended ended = run({});
    if (ended.code == 0) {
      expect_whole();
      return true;
    }
    EXPECT_EQ(ended.code, 1) << ended.output;
    EXPECT_THAT(ended.output, HasSubstr("DATA_LOSS"));
    EXPECT_THAT(ended.output, HasSubstr("sync.c1z.sync"));
    EXPECT_THAT(ended.output, HasSubstr("--restart"));
    EXPECT_FALSE(fs::exists(directory_ + "/sync.c1z"));
    return false;
  }

  ScratchDirectory scratch_;
  std::string world_ = "0";
  Ended whole_;
  std::string artifact_;
  std::string directory_;
  int runs_ = 0;
  std::set<std::string> acknowledged_;
  std::size_t log_read_ = 0;
  std::size_t asked_ = 0;
  std::size_t repeated_ = 0;
  std::string repeated_example_;
};

TEST_F(FaultsTest, a_process_that_dies_at_any_append_leaves_no_trace_in_the_file) {
  for (const std::uint64_t moment : moments(40)) {
    SCOPED_TRACE("append " + std::to_string(moment));
    start_over();
    const std::string tear = moment % 2 == 0 ? std::to_string(moment) : "0";
    Ended last = run({{"exit_at", std::to_string(moment)}, {"tear", tear}});
    // And once more on the way, earlier or later.
    if (moment % 3 == 0 && last.died()) {
      last = run({{"exit_at", std::to_string(1 + moment * 7 % whole_.appends())}});
    }
    finish(last);
    EXPECT_EQ(repeated_, 0U) << "asked again: " << repeated_example_;
    tidy();
    if (HasFailure()) return;
  }
}

TEST_F(FaultsTest, a_loss_of_power_costs_at_most_what_was_not_synced) {
  const int runs = soak() ? 200 : 40;
  std::mt19937_64 random(7);
  std::map<std::size_t, int> distribution;
  for (int i = 0; i < runs; ++i) {
    const std::uint64_t moment = 1 + random() % whole_.appends();
    SCOPED_TRACE("append " + std::to_string(moment));
    start_over();
    finish(run({{"exit_at", std::to_string(moment)},
                {"power_loss", "1"},
                {"tear", std::to_string(i % 2 == 0 ? 0 : 1 + random() % 1000)}}));
    ++distribution[repeated_];
    tidy();
    if (HasFailure()) return;
  }
  std::ostringstream text;
  for (const auto& [pages, count] : distribution) text << pages << " pages: " << count << " runs; ";
  RecordProperty("pages_asked_again", text.str());
  std::printf("pages asked again after a loss of power: %s\n", text.str().c_str());
}

TEST_F(FaultsTest, a_full_disk_is_named_and_gone_on_from) {
  for (const std::uint64_t moment : moments(20)) {
    SCOPED_TRACE("append " + std::to_string(moment));
    start_over();
    const Ended full = run({{"full_from", std::to_string(moment)}});
    if (full.code == 0) {
      // Nothing needed the space any more: what may be left of the run directory is of no use to anyone.
      EXPECT_TRUE(bytes(directory_ + "/sync.c1z") == artifact_);
      if (!fs::exists(directory_ + "/sync.c1z.sync")) continue;
    } else {
      EXPECT_EQ(full.code, 1) << full.output;
      EXPECT_THAT(full.output, HasSubstr("RESOURCE_EXHAUSTED"));
      EXPECT_THAT(full.output, HasSubstr("space"));
    }
    finish();
    EXPECT_EQ(repeated_, 0U) << "asked again: " << repeated_example_;
    tidy();
    if (HasFailure()) return;
  }
}

TEST_F(FaultsTest, a_write_or_a_sync_that_fails_ends_the_process_and_loses_nothing) {
  for (const std::uint64_t moment : moments(10)) {
    SCOPED_TRACE("append " + std::to_string(moment));
    start_over();
    const Ended failed = run({{"fail_at", std::to_string(moment)}});
    EXPECT_THAT(failed.code, ::testing::AnyOf(0, 1)) << failed.output;
    finish(failed);
    tidy();
    if (HasFailure()) return;
  }
  for (const char* from : {"1", "2", "3", "5", "8", "12"}) {
    SCOPED_TRACE(std::string("sync ") + from);
    start_over();
    const Ended failed = run({{"fail_sync_from", from}});
    EXPECT_THAT(failed.code, ::testing::AnyOf(0, 1)) << failed.output;
    finish(failed);
    tidy();
    if (HasFailure()) return;
  }
}

TEST_F(FaultsTest, a_process_that_dies_between_two_steps_of_the_end_is_finished_by_the_next) {
  const char* const steps[] = {"check:1",         "seal:1",  "write:1",  "progress:1", "progress:2",
                               "mark exported:1", "close:1", "remove:1", "end:1"};
  for (const char* const step : steps) {
    SCOPED_TRACE(step);
    start_over();
    const Ended died = run({{"step", step}});
    EXPECT_TRUE(died.died() || died.code == 0) << died.output;
    // After the last step nothing is left that tells of the run, and the next start is a new one.
    const bool over = !fs::exists(directory_ + "/sync.c1z.sync");
    if (over) {
      expect_whole();
    } else {
      finish();
      EXPECT_LE(asked_, 1U) << "only the clean-up is left to ask";
    }
    tidy();
    if (HasFailure()) return;
  }
}

TEST_F(FaultsTest, a_damaged_log_is_named_or_makes_no_difference) {
  std::mt19937_64 random(11);
  int refused = 0;
  for (int i = 0; i < (soak() ? 60 : 12); ++i) {
    start_over();
    const std::uint64_t moment = whole_.appends() / 3 + random() % (whole_.appends() / 2);
    if (!run({{"exit_at", std::to_string(moment)}}).died()) continue;
    const auto logs = files(".log");
    if (logs.empty()) continue;
    std::string content = bytes(logs.back());
    const std::size_t at = random() % content.size();
    SCOPED_TRACE("append " + std::to_string(moment) + ", byte " + std::to_string(at));
    content[at] = static_cast<char>(content[at] ^ (1 << random() % 8));
    std::ofstream(logs.back(), std::ios::binary) << content;
    if (!finish_or_refuse()) ++refused;
    tidy();
    if (HasFailure()) return;
  }
  EXPECT_GT(refused, 0) << "no damage was ever noticed";
}

TEST_F(FaultsTest, a_damaged_table_is_named_or_makes_no_difference) {
  std::mt19937_64 random(13);
  int refused = 0;
  for (int i = 0; i < (soak() ? 100 : 16); ++i) {
    start_over();
    // Reopening writes what the log holds into tables.
    const std::uint64_t moment = whole_.appends() / 2 + random() % (whole_.appends() / 3);
    if (!run({{"exit_at", std::to_string(moment)}}).died()) continue;
    if (!run({{"step", "check:1"}}).died()) continue;
    const auto tables = files(".sst");
    ASSERT_FALSE(tables.empty());
    const std::string& table = tables[random() % tables.size()];
    std::string content = bytes(table);
    const std::size_t at = random() % content.size();
    const bool cut = i % 4 == 0;
    SCOPED_TRACE(table + (cut ? " cut at " : " changed at ") + std::to_string(at));
    if (cut) {
      content.resize(at);
    } else {
      content[at] = static_cast<char>(content[at] ^ (1 << random() % 8));
    }
    std::ofstream(table, std::ios::binary) << content;
    if (!finish_or_refuse()) ++refused;
    tidy();
    if (HasFailure()) return;
  }
  EXPECT_GT(refused, 0) << "no damage was ever noticed";
}

}  // namespace
}  // namespace baton::test
