#include "runner/summary_json.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "base/exit_code.hpp"
#include "base/operation.hpp"
#include "base/redact.hpp"
#include "sdk/json_text.hpp"

namespace baton::runner {
namespace {

/// One object, member by member.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& target) : target_(target) { target_ += '{'; }

  void text(std::string_view name, std::string_view value) {
    key(name);
    sdk::append_json_string(target_, value);
  }
  void number(std::string_view name, std::uint64_t value) {
    key(name);
    target_ += std::to_string(value);
  }
  void duration(std::string_view name, std::chrono::nanoseconds value) {
    key(name);
    target_ += std::to_string(value.count());
  }
  void boolean(std::string_view name, bool value) {
    key(name);
    target_ += value ? "true" : "false";
  }
  /// What follows is the member's value.
  std::string& key(std::string_view name) {
    if (!first_) target_ += ',';
    first_ = false;
    sdk::append_json_string(target_, name);
    target_ += ':';
    return target_;
  }
  void end() { target_ += '}'; }

 private:
  std::string& target_;
  bool first_ = true;
};

void append_expansion(std::string& json, const actors::ExpansionStatistics& expansion) {
  ObjectWriter object(json);
  object.number("edges", expansion.edges);
  object.number("edges_source_missing", expansion.edges_source_missing);
  object.number("edges_destination_missing", expansion.edges_destination_missing);
  object.number("self_loops", expansion.self_loops);
  object.number("components", expansion.components);
  object.number("cycles", expansion.cycles);
  std::string& cycle = object.key("cycle_example");
  cycle += '[';
  for (std::size_t i = 0; i < expansion.cycle_example.size(); ++i) {
    if (i > 0) cycle += ',';
    sdk::append_json_string(cycle, expansion.cycle_example[i]);
  }
  cycle += ']';
  object.number("destinations", expansion.destinations);
  std::string& largest = object.key("largest");
  largest += '[';
  for (std::size_t i = 0; i < expansion.largest.size(); ++i) {
    if (i > 0) largest += ',';
    ObjectWriter item(largest);
    item.text("entitlement", expansion.largest[i].first);
    item.number("rows", expansion.largest[i].second);
    item.end();
  }
  largest += ']';
  object.end();
}

template <class Totals>
void append_call_totals(ObjectWriter& item, const Totals& totals) {
  item.number("count", totals.count);
  item.duration("total_ns", totals.total);
  item.duration("longest_ns", totals.longest);
}

/// One object by method, type or operation.
void append_calls(ObjectWriter& object, const actors::SyncSummary& summary) {
  ObjectWriter methods(object.key("calls_by_method"));
  for (const auto& [method, calls] : summary.calls_by_method) {
    ObjectWriter item(methods.key(method));
    append_call_totals(item, calls);
    item.number("failed", calls.failed);
    item.end();
  }
  methods.end();
  ObjectWriter waits(object.key("reported_wait_ns"));
  for (const auto& [type, wait] : summary.reported_waits) waits.duration(type, wait);
  waits.end();
  ObjectWriter sessions(object.key("session_store"));
  for (const auto& [operation, use] : summary.session_store) {
    ObjectWriter item(sessions.key(operation));
    append_call_totals(item, use);
    item.number("errors", use.errors);
    item.number("timeouts", use.timeouts);
    item.end();
  }
  sessions.end();
}

absl::Status cannot_write(const std::string& path) {
  return absl::UnknownError("--summary-json: cannot write " + scrub(path, 200) + ": " + std::strerror(errno));
}

}  // namespace

std::string summary_json(const actors::SyncOutcome& outcome, const RequestTotals& requests) {
  const actors::SyncSummary& summary = outcome.summary;
  std::string json;
  ObjectWriter object(json);
  object.text("sync_id", summary.sync_id);
  object.number("exit_code", static_cast<std::uint64_t>(exit_code(outcome.status)));
  object.text("error", std::string(outcome.status.message()));
  object.boolean("resumable", outcome.resumable);

  std::string& entries = object.key("entries");
  entries += '[';
  std::uint64_t rows = 0;
  bool first = true;
  for (const auto& [key, entry] : summary.entries) {
    if (!first) entries += ',';
    first = false;
    ObjectWriter item(entries);
    item.text("phase", to_string(static_cast<Operation>(key.first)));
    item.text("resource_type", key.second);
    item.number("rows", entry.rows);
    item.number("pages", entry.pages);
    item.end();
    rows += entry.rows;
  }
  entries += ']';
  object.number("rows", rows);
  object.number("pages", summary.pages);
  object.number("skipped_invalid", summary.skipped_invalid);
  object.number("dropped_by_filter", summary.dropped_by_filter);
  object.number("expansions_dropped", summary.expansions_dropped);

  object.duration("collect_ns", summary.collect);
  object.duration("expand_ns", summary.expand);
  object.duration("export_ns", summary.export_time);
  object.duration("total_ns", summary.total);
  object.number("peak_after_collect", summary.peak_after_collect);
  object.number("peak_after_expand", summary.peak_after_expand);
  object.number("peak_after_export", summary.peak_after_export);

  object.number("calls", summary.calls);
  append_calls(object, summary);
  object.number("page_retries", summary.retries);
  object.duration("page_retry_wait_ns", summary.retry_wait);
  object.number("requests", requests.requests);
  object.number("request_retries", requests.retries);
  object.duration("request_retry_wait_ns", requests.retry_wait);
  object.duration("permit_wait_ns", requests.permit_wait);
  std::string& limits = object.key("limits");
  limits += '[';
  for (std::size_t i = 0; i < requests.limits.size(); ++i) {
    if (i > 0) limits += ',';
    const sync::RateUse& use = requests.limits[i].use;
    ObjectWriter item(limits);
    item.text("key", requests.limits[i].key);
    item.number("requests", use.started);
    item.number("refusals", use.refusals);
    item.duration("held_ns", use.held);
    item.number("limit", static_cast<std::uint64_t>(std::max<std::int64_t>(use.limit, 0)));
    item.number("remaining", static_cast<std::uint64_t>(std::max<std::int64_t>(use.remaining, 0)));
    item.end();
  }
  limits += ']';
  object.number("connections", requests.connections);
  object.number("bytes_sent", requests.bytes_sent);
  object.number("bytes_received", requests.bytes_received);

  object.boolean("resumed", summary.resumed);
  object.number("resumed_pages", summary.resumed_pages);
  object.number("resumed_cursors_left", summary.resumed_cursors_left);
  object.number("asked_again", summary.asked_again);

  object.number("external_resources", summary.external_resources);
  object.number("external_grants", summary.external_grants);
  object.number("grants_added", summary.expansion.rows_added);
  object.number("grants_changed", summary.expansion.rows_changed);
  append_expansion(object.key("expansion"), summary.expansion);
  object.number("resource_types", summary.resource_types);
  object.number("resources", summary.resources);
  object.number("entitlements", summary.entitlements);
  object.number("grants", summary.grants);
  object.number("conflicts", summary.conflicts);
  object.text("file", summary.path);
  object.number("file_bytes", summary.bytes);

  std::string& warnings = object.key("warnings");
  warnings += '[';
  for (std::size_t i = 0; i < summary.warnings.size(); ++i) {
    if (i > 0) warnings += ',';
    sdk::append_json_string(warnings, summary.warnings[i]);
  }
  warnings += ']';
  object.end();
  json += '\n';
  return json;
}

absl::Status write_summary_json(const std::string& path, const actors::SyncOutcome& outcome,
                                const RequestTotals& requests) {
  const std::string json = summary_json(outcome, requests);
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return cannot_write(path);
  std::string_view rest = json;
  absl::Status status;
  while (!rest.empty() && status.ok()) {
    const ssize_t written = ::write(file, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      status = cannot_write(path);
    }
  }
  if (::close(file) != 0 && status.ok()) status = cannot_write(path);
  return status;
}

}  // namespace baton::runner
