#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "c1/reader/v2/sync.pb.h"
#include "cli/command.hpp"
#include "cli/protojson.hpp"
#include "cli/selection.hpp"
#include "cli/sync_output.hpp"
#include "cli/table.hpp"

namespace baton::cli {
namespace {

using c1::reader::v2::SyncStats;
using Row = std::vector<std::string>;

/// "2m11s": whole seconds, units that are zero in front left out.
std::string elapsed_text(absl::Duration elapsed) {
  const std::int64_t seconds = absl::ToInt64Seconds(elapsed + absl::Milliseconds(500));
  std::string text;
  if (seconds >= 3600) absl::StrAppend(&text, seconds / 3600, "h");
  if (seconds >= 60) absl::StrAppend(&text, seconds / 60 % 60, "m");
  return absl::StrCat(text, seconds % 60, "s");
}

std::string milliseconds(std::int64_t count) {
  return count < 1000 ? absl::StrCat(count, "ms") : elapsed_text(absl::Milliseconds(count));
}

template <class Map>
std::string count_in(const Map& counts, const std::string& type) {
  const auto at = counts.find(type);
  return absl::StrCat(at == counts.end() ? 0 : at->second);
}

/// What the syncer measured: steps, then calls, each by name.
std::string timings_table(const SyncStats& stats, const Output& output) {
  std::map<std::string, Row> rows;
  for (const auto& [step, millis] : stats.step_durations_ms()) {
    rows["0" + step] = {cell(step), "", milliseconds(millis), "", "", ""};
  }
  for (const auto* calls : {&stats.connector_call_stats(), &stats.session_store_stats()}) {
    for (const auto& [call, measured] : *calls) {
      rows["1" + call] = {cell(call),
                          absl::StrCat(measured.count()),
                          milliseconds(measured.total_ms()),
                          milliseconds(measured.max_ms()),
                          absl::StrCat(measured.errors()),
                          absl::StrCat(measured.timeouts())};
    }
  }
  std::vector<Row> sorted;
  for (auto& [name, row] : rows) sorted.push_back(std::move(row));
  return table_text({"Action", "Calls", "Total", "Max", "Errors", "Timeouts"}, sorted, output.color(),
                    output.width());
}

std::string tables(int version, const c1z::SyncInfo& sync, const SyncStats& stats, const Options& options,
                   const Output& output) {
  const bool color = output.color();
  const std::size_t width = output.width();
  std::vector<Row> facts{{"Engine", version == 1 ? "sqlite" : "pebble"},
                         {"Sync ID", cell(sync.id)},
                         {"Sync Type", cell(sync.type)},
                         {"Parent Sync ID", cell(sync.parent_id)},
                         {"Started At", shown_time(sync.started_at)},
                         {"Ended At", sync.ended_at ? shown_time(*sync.ended_at) : ""},
                         {"Duration", sync.ended_at ? elapsed_text(*sync.ended_at - sync.started_at) : ""}};
  if (options.wide) facts.push_back({"Sync Token", cell(sync.token)});
  std::string text = table_text({"Field", "Value"}, facts, color, width);

  const std::vector<Row> totals{{"Resource Types", absl::StrCat(stats.resource_types())},
                                {"Resources", absl::StrCat(stats.resources())},
                                {"Entitlements", absl::StrCat(stats.entitlements())},
                                {"Grants", absl::StrCat(stats.grants())}};
  text += table_text({"Type", "Count"}, totals, color, width);

  std::set<std::string> types;
  for (const auto* counts : {&stats.resources_by_resource_type(), &stats.entitlements_by_resource_type(),
                             &stats.grants_by_resource_type()}) {
    for (const auto& [type, count] : *counts) types.insert(type);
  }
  std::vector<Row> by_type;
  for (const std::string& type : types) {
    by_type.push_back({cell(type), count_in(stats.resources_by_resource_type(), type),
                       count_in(stats.entitlements_by_resource_type(), type),
                       count_in(stats.grants_by_resource_type(), type)});
  }
  text += table_text({"Resource Type", "Resources", "Entitlements", "Grants"}, by_type, color, width);
  return options.timings ? text + timings_table(stats, output) : text;
}

}  // namespace

absl::Status run_stats(const Options& options, Output& output) {
  const auto reader = open_selected(options, output);
  if (!reader.ok()) return reader.status();
  const c1z::SyncInfo* sync = (*reader)->selected();
  const bool unfinished = sync == nullptr || (!sync->ended_at && options.sync_id.empty());
  if (unfinished) {
    // A program that reads JSON gets an empty object, and only a human the remark.
    if (options.format == Format::kJson) {
      output.text("{}\n");
      output.note("note: no finished sync found in the c1z");
    } else {
      output.text(" INFO  No finished sync found in the c1z\n");
    }
    return absl::OkStatus();
  }
  const absl::StatusOr<SyncStats> stats = (*reader)->stats();
  if (!stats.ok()) return stats.status();
  if (options.format == Format::kConsole) {
    output.text(tables((*reader)->version(), *sync, *stats, options, output));
    return absl::OkStatus();
  }
  auto message = sync_message<c1::reader::v2::SyncRun>(*sync);
  *message.mutable_stats() = *stats;
  std::string json;
  append_json(message, json);
  json.push_back('\n');
  output.text(json);
  return absl::OkStatus();
}

}  // namespace baton::cli
