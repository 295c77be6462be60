#include "runner/status.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/human.hpp"
#include "base/operation.hpp"
#include "base/redact.hpp"
#include "runner/process.hpp"
#include "sdk/json_text.hpp"
#include "storage/sync_store.hpp"

namespace baton::runner {
namespace {

using baton::store::v1::RunHeader;

constexpr int kLooks = 50;
constexpr std::chrono::milliseconds kBetweenLooks{20};
using baton::store::v1::RunState;

/// Everything that is said of a run.
class RunFacts {
 public:
  RunFacts() = default;

  std::string directory;
  std::string file;
  bool in_use = false;
  RunHeader header;
  baton::store::v1::RunCounters counters;
  /// By phase.
  std::map<std::uint8_t, std::uint64_t> cursors_left;
  std::uint64_t rows = 0;
  std::chrono::milliseconds age{0};
  bool expired = false;
};

std::string_view state_word(RunState state) {
  switch (state) {
    case baton::store::v1::RUN_STATE_COLLECTING:
      return "collecting";
    case baton::store::v1::RUN_STATE_COLLECTED:
      return "collected";
    case baton::store::v1::RUN_STATE_EXPANDED:
      return "expanded";
    case baton::store::v1::RUN_STATE_SEALED:
      return "sealed";
    case baton::store::v1::RUN_STATE_EXPORTED:
      return "exported";
    default:
      return "begun";
  }
}

/// The phase that has work and no phase before it has.
std::string phase_word(const RunFacts& facts) {
  if (facts.cursors_left.empty()) return "";
  return std::string(to_string(static_cast<Operation>(facts.cursors_left.begin()->first)));
}

std::string time_text(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return "";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(time.seconds()), absl::UTCTimeZone());
}

std::string how_to_go_on(const RunFacts& facts) {
  if (facts.in_use) return "a process is at work on it; wait for it to end";
  if (facts.header.state() == baton::store::v1::RUN_STATE_EXPORTED) {
    return "the file is written; the next start only removes the directory";
  }
  if (facts.expired) {
    return "older than --resume-max-age: the next start discards it; a longer --resume-max-age goes on with "
           "it";
  }
  return "run the same command again to go on, or with --restart to discard it";
}

RunFacts facts_of(const storage::SyncStore& store, const RunHeader& header, const Settings& settings,
                  const Clock& clock) {
  RunFacts facts;
  facts.directory = run_directory(settings);
  facts.file = settings.file;
  facts.in_use = storage::is_in_use(facts.directory);
  facts.header = header;
  facts.counters = store.counters();
  for (const storage::PlannedCount& lane : store.pending()) {
    facts.cursors_left[lane.lane.phase()] += lane.count;
  }
  for (const auto& entry : facts.counters.entries()) facts.rows += entry.rows();
  const auto& last = header.last_commit_at().seconds() > 0 ? header.last_commit_at() : header.started_at();
  facts.age = std::chrono::duration_cast<std::chrono::milliseconds>(
      clock.now() - std::chrono::system_clock::from_time_t(last.seconds()));
  facts.expired = settings.resume_max_age.count() > 0 && facts.age > settings.resume_max_age;
  return facts;
}

void append_line(std::string& text, std::string_view label, const std::string& value) {
  if (value.empty()) return;
  text += "  ";
  text += label;
  text.append(label.size() < 10 ? 10 - label.size() : 1, ' ');
  text += value + "\n";
}

std::string as_text(const RunFacts& facts) {
  std::string text =
      "unfinished sync " + facts.header.sync_id() + " in " + scrub(facts.directory, 4096) + "\n";
  std::string state(state_word(facts.header.state()));
  if (const std::string phase = phase_word(facts); !phase.empty()) state += ", in " + phase;
  append_line(text, "state", state + " (" + facts.header.sync_type() + " sync)");
  append_line(text, "started", time_text(facts.header.started_at()));
  append_line(text, "last page",
              time_text(facts.header.last_commit_at()) + ", " + human_duration(facts.age) + " ago");
  append_line(text, "collected",
              human_count(facts.rows) + " rows in " + human_count(facts.counters.pages()) + " pages");
  std::string left;
  for (const auto& [phase, count] : facts.cursors_left) {
    left += (left.empty() ? "" : ", ") + human_count(count) + " of " +
            std::string(to_string(static_cast<Operation>(phase)));
  }
  append_line(text, "left", left.empty() ? "no lists" : "lists: " + left);
  if (facts.counters.warnings() > 0) {
    append_line(text, "given up", human_count(facts.counters.warnings()) + " lists");
  }
  append_line(text, "starts", human_count(facts.header.attempts()));
  append_line(text, "next", how_to_go_on(facts));
  return text;
}

/// One JSON object, member by member.
class JsonObject {
 public:
  void text(std::string_view name, std::string_view value) { sdk::append_json_string(key(name), value); }
  void number(std::string_view name, std::uint64_t value) { key(name) += std::to_string(value); }
  void boolean(std::string_view name, bool value) { key(name) += value ? "true" : "false"; }
  void raw(std::string_view name, const std::string& value) { key(name) += value; }
  std::string str() const { return "{" + json_ + "}"; }

 private:
  std::string& key(std::string_view name) {
    if (!json_.empty()) json_ += ',';
    sdk::append_json_string(json_, name);
    return json_ += ':';
  }

  std::string json_;
};

std::string as_json(const RunFacts& facts) {
  JsonObject left;
  std::uint64_t all_left = 0;
  for (const auto& [phase, count] : facts.cursors_left) {
    left.number(to_string(static_cast<Operation>(phase)), count);
    all_left += count;
  }
  JsonObject object;
  object.boolean("unfinished", true);
  object.text("directory", facts.directory);
  object.text("file", facts.file);
  object.text("sync_id", facts.header.sync_id());
  object.text("sync_type", facts.header.sync_type());
  object.text("state", state_word(facts.header.state()));
  object.text("phase", phase_word(facts));
  object.boolean("in_use", facts.in_use);
  object.text("started_at", time_text(facts.header.started_at()));
  object.text("last_page_at", time_text(facts.header.last_commit_at()));
  object.number("age_seconds",
                static_cast<std::uint64_t>(std::max<std::int64_t>(facts.age.count(), 0) / 1000));
  object.boolean("expired", facts.expired);
  object.number("rows", facts.rows);
  object.number("pages", facts.counters.pages());
  object.number("cursors_done", facts.counters.cursors_done());
  object.number("cursors_left", all_left);
  object.raw("cursors_left_by_phase", left.str());
  object.number("given_up", facts.counters.warnings());
  object.number("starts", facts.header.attempts());
  object.text("next", how_to_go_on(facts));
  return object.str() + "\n";
}

std::string nothing(const std::string& binary, const Settings& settings, bool json) {
  const std::string directory = run_directory(settings);
  if (!json) return "no unfinished sync in " + scrub(directory, 4096) + "; " + binary + " starts one\n";
  JsonObject object;
  object.boolean("unfinished", false);
  object.text("directory", directory);
  object.text("file", settings.file);
  return object.str() + "\n";
}

}  // namespace

absl::StatusOr<std::string> run_status(const std::string& binary, const Settings& settings,
                                       const Clock& clock, bool json) {
  storage::StoreOptions options;
  options.directory = run_directory(settings);
  options.read_only = true;
  auto store = storage::SyncStore::open(options);
  // While a process is at work, files come and go between two looks.
  for (int again = 0; again < kLooks && !store.ok() && !absl::IsNotFound(store.status()) &&
                      storage::is_in_use(options.directory);
       ++again) {
    std::this_thread::sleep_for(kBetweenLooks);
    store = storage::SyncStore::open(options);
  }
  if (absl::IsNotFound(store.status())) return nothing(binary, settings, json);
  if (!store.ok()) return store.status();
  const std::optional<RunHeader> header = (*store)->header();
  if (!header) return nothing(binary, settings, json);
  const RunFacts facts = facts_of(**store, *header, settings, clock);
  return json ? as_json(facts) : as_text(facts);
}

}  // namespace baton::runner
