#include "runner/settings.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "actors/engine.hpp"
#include "base/duration_text.hpp"
#include "base/redact.hpp"
#include "sdk/bid.hpp"

namespace baton::runner {
namespace {

using sdk::Field;
using std::chrono::milliseconds;

constexpr std::int64_t kMaxWorkers = 1024;
constexpr std::int64_t kMaxConcurrency = 10'000;
constexpr std::int64_t kDefaultConcurrency = 64;
constexpr double kMaxRequestsPerSecond = 1e6;

const Field& field_of(std::string_view name) {
  static const std::vector<FieldGroup> kGroups = common_settings();
  for (const FieldGroup& group : kGroups) {
    for (const Field& field : group.fields) {
      if (field.name() == name) return field;
    }
  }
  std::abort();  // A name that is only written in this file.
}

/// Reads one resolved configuration; keeps the first error.
class Reader {
 public:
  Reader(const sdk::Config& config, const sdk::FileValues& file) : config_(config), file_(file) {}

  milliseconds duration(const char* name) {
    const std::string& text = config_.get_string(name);
    const absl::StatusOr<milliseconds> parsed = parse_duration(text);
    if (!parsed.ok()) fail(name, std::string(parsed.status().message()));
    return parsed.value_or(milliseconds(0));
  }

  std::int64_t integer(const char* name, std::int64_t low, std::int64_t high) {
    const std::int64_t value = config_.get_int(name);
    if (value < low || value > high) {
      fail(name, "must be from " + std::to_string(low) + " to " + std::to_string(high) + " but is " +
                     std::to_string(value));
    }
    return value;
  }

  double rate(const char* name) {
    const std::string& text = config_.get_string(name);
    double value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    // Written so that "nan", which from_chars reads, is no number either.
    const bool in_range = value >= 0 && value <= kMaxRequestsPerSecond;
    if (error != std::errc() || end != text.data() + text.size() || !in_range) {
      fail(name, "\"" + scrub(text, 64) + "\" is not a number from 0 to 1000000");
      return 0;
    }
    return value;
  }

  std::string text(const char* name) {
    const std::string& value = config_.get_string(name);
    if (value.empty() && config_.is_set(name)) fail(name, "the value is empty");
    if (value.find('\0') != std::string::npos) fail(name, "the value holds a zero byte");
    return value;
  }

  void fail(const char* name, const std::string& what, absl::StatusCode code = absl::StatusCode::kUnknown) {
    if (!status_.ok()) return;
    status_ = absl::Status(code, place_of(field_of(name), config_.source(name), file_) + ": " + what);
  }

  const absl::Status& status() const { return status_; }

 private:
  const sdk::Config& config_;
  const sdk::FileValues& file_;
  absl::Status status_;
};

LogLevel log_level_of(const std::string& word) {
  if (word == "debug") return LogLevel::kDebug;
  if (word == "warn") return LogLevel::kWarn;
  if (word == "error") return LogLevel::kError;
  return LogLevel::kInfo;
}

}  // namespace

std::vector<FieldGroup> common_settings() {
  std::vector<FieldGroup> groups;
  groups.emplace_back(
      "Sync",
      std::vector<Field>{
          Field::string("file")
              .short_flag('f')
              .operational()
              .default_value("sync.c1z")
              .description("where the result goes"),
          Field::string_list("sync-resource-types")
              .operational()
              .description("sync only these resource types"),
          Field::string_list("sync-resources")
              .operational()
              .description(
                  "sync only these resources, given as Baton identifiers such as bid:r:group/g1, and what "
                  "hangs on them"),
          Field::boolean("skip-full-sync")
              .operational()
              .description("check the connection only; the file holds an empty sync"),
          Field::boolean("skip-entitlements-and-grants").operational().description("sync resources only"),
          Field::boolean("skip-grants").operational().description("sync resources and entitlements only"),
          Field::select("expansion", {"upstream", "strict", "off"})
              .operational()
              .default_value("upstream")
              .description(
                  "what becomes of grants to groups: passed on to their members as upstream does; the same, "
                  "but exact where groups contain each other (strict); or stored as they are (off)"),
          Field::integer("max-expanded-grants")
              .operational()
              .default_value(std::int64_t{0})
              .description("stop before expansion adds more grants than this; 0 means no bound"),
          Field::string("external-resource-c1z")
              .operational()
              .description(
                  "a finished c1z file whose users and groups take the places that grants keep for them"),
          Field::string("external-resource-entitlement-id-filter")
              .operational()
              .description("of that file, only who holds this entitlement"),
          Field::string_list("external-resource-traits")
              .operational()
              .description("of that file, resources with these traits instead of user and group"),
          Field::boolean("require-all-types")
              .operational()
              .description(
                  "end with an error when the service does not know a resource type, instead of leaving "
                  "it out"),
          Field::boolean("strict-invariants")
              .operational()
              .description(
                  "end with an error when rows refer to rows that are not there, instead of warning"),
          Field::select("storage-engine", {"sqlite", "pebble"})
              .operational()
              .default_value("sqlite")
              .description(
                  "format of the file: sqlite is version 1, which every reader knows; pebble is version 3, "
                  "which is smaller, written faster, and holds one sync"),
          Field::select("c1z-writer", {"pages", "library"})
              .operational()
              .default_value("pages")
              .description("how a file of version 1 is made: page by page, or through the SQLite library, "
                           "which is slower"),
      });
  groups.emplace_back(
      "Run",
      std::vector<Field>{
          Field::integer("workers").operational().description(
              "how many lists are read at once: unset or -1 as many as the limits allow, 64 at most; 0 one; "
              "N "
              "at most N"),
          Field::integer("max-concurrency")
              .operational()
              .description("requests in flight at once; unset means 64, or as many as --workers if that is "
                           "more"),
          Field::string("requests-per-second")
              .operational()
              .default_value("0")
              .description("requests started in a second, fractions allowed; 0 is no bound"),
          Field::string("state-dir")
              .operational()
              .description("folder for the unfinished run; unset means beside the file, as <file>.sync"),
          Field::boolean("restart").operational().description("discard an unfinished run and start over"),
          Field::string("resume-max-age")
              .operational()
              .default_value("24h")
              .description("discard an unfinished run whose last page is older; 0 never does"),
          Field::string("give-up-after")
              .operational()
              .default_value("30m")
              .description(
                  "end when nothing arrived for so long, waits that the service asked for left aside"),
          Field::string("run-duration")
              .operational()
              .default_value("0")
              .description("stop collecting after so long, to be gone on with by the next start; 0 never"),
          Field::string("shutdown-grace")
              .operational()
              .default_value("10s")
              .description("after a first signal, how long requests in flight may still end"),
          Field::string("summary-json")
              .operational()
              .hidden()
              .description("write the end summary there as one JSON object"),
      });
  groups.emplace_back("Log",
                      std::vector<Field>{
                          Field::select("log-level", {"debug", "info", "warn", "error"})
                              .operational()
                              .default_value("info")
                              .description("least level that is logged"),
                          Field::select("log-format", {"console", "json"})
                              .operational()
                              .description("form of log lines; unset means console on a terminal, else json"),
                          Field::string_list("log-path")
                              .operational()
                              .description("files that get the log instead of stderr"),
                      });
  return groups;
}

std::string place_of(const Field& field, sdk::ValueSource source, const sdk::FileValues& file) {
  switch (source) {
    case sdk::ValueSource::kEnvironment:
      return field.variable();
    case sdk::ValueSource::kFile: {
      const auto entry = file.entries.find(field.name());
      if (entry == file.entries.end()) return field.name();
      return file.path + ":" + std::to_string(entry->second.line) + ": " + field.name();
    }
    default:
      return "--" + field.name();
  }
}

absl::StatusOr<Settings> read_settings(const sdk::Config& config, const sdk::FileValues& file) {
  Reader reader(config, file);
  Settings settings;
  settings.file = reader.text("file");
  settings.resource_types = config.get_list("sync-resource-types");
  // The order in which filters are written decides nothing.
  std::sort(settings.resource_types.begin(), settings.resource_types.end());
  settings.resource_types.erase(std::unique(settings.resource_types.begin(), settings.resource_types.end()),
                                settings.resource_types.end());
  if (!settings.resource_types.empty() && settings.resource_types.front().empty()) {
    reader.fail("sync-resource-types", "one of the resource types is empty");
  }
  settings.sync_resources = config.get_list("sync-resources");
  std::sort(settings.sync_resources.begin(), settings.sync_resources.end());
  for (const std::string& bid : settings.sync_resources) {
    const absl::Status parsed = sdk::parse_resource_bid(bid).status();
    if (parsed.ok()) continue;
    // The second line of the message is a caret under the first.
    const std::string message(parsed.message());
    reader.fail("sync-resources", message.substr(0, message.find('\n')));
  }
  settings.require_all_types = config.get_bool("require-all-types");
  settings.strict_invariants = config.get_bool("strict-invariants");
  settings.external_file = reader.text("external-resource-c1z");
  settings.external_entitlement = reader.text("external-resource-entitlement-id-filter");
  settings.external_traits = config.get_list("external-resource-traits");
  for (const std::string& trait : settings.external_traits) {
    const absl::Status known = sync::trait_from_name(trait).status();
    if (!known.ok()) reader.fail("external-resource-traits", std::string(known.message()));
  }
  if (settings.external_file.empty() &&
      (!settings.external_entitlement.empty() || !settings.external_traits.empty())) {
    reader.fail("external-resource-c1z", "the other external-resource flags mean nothing without it");
  }
  settings.run_duration = reader.duration("run-duration");
  settings.skip_full_sync = config.get_bool("skip-full-sync");
  settings.skip_entitlements_and_grants = config.get_bool("skip-entitlements-and-grants");
  settings.skip_grants = config.get_bool("skip-grants");
  settings.expansion = config.get_string("expansion");
  settings.max_expanded_grants = static_cast<std::uint64_t>(
      reader.integer("max-expanded-grants", 0, std::numeric_limits<std::int64_t>::max()));
  if (config.get_string("storage-engine") == "pebble") settings.file_version = c1z::FileVersion::kV3;
  if (config.get_string("c1z-writer") == "library") settings.write_method = c1z::WriteMethod::kLibrary;

  if (config.is_set("workers")) {
    const std::int64_t workers = reader.integer("workers", -1, kMaxWorkers);
    if (workers >= 0) settings.workers = static_cast<std::size_t>(std::max<std::int64_t>(workers, 1));
  }
  std::int64_t concurrency =
      std::max(kDefaultConcurrency, static_cast<std::int64_t>(settings.workers.value_or(0)));
  if (config.is_set("max-concurrency")) concurrency = reader.integer("max-concurrency", 1, kMaxConcurrency);
  settings.max_concurrency = static_cast<std::uint32_t>(concurrency);
  settings.requests_per_second = reader.rate("requests-per-second");
  settings.state_dir = reader.text("state-dir");
  settings.restart = config.get_bool("restart");
  settings.resume_max_age = reader.duration("resume-max-age");
  settings.give_up_after = reader.duration("give-up-after");
  settings.shutdown_grace = reader.duration("shutdown-grace");
  settings.summary_json = reader.text("summary-json");

  settings.log_level = log_level_of(config.get_string("log-level"));
  if (config.is_set("log-format")) {
    settings.log_format = config.get_string("log-format") == "json" ? LogFormat::kJson : LogFormat::kConsole;
  }
  settings.log_paths = config.get_list("log-path");
  for (const std::string& path : settings.log_paths) {
    if (path.empty()) reader.fail("log-path", "one of the paths is empty");
    if (path == "stdout") reader.fail("log-path", "stdout stays empty; name a file, or stderr");
  }
  if (!reader.status().ok()) return reader.status();
  return settings;
}

}  // namespace baton::runner
