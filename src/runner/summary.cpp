#include "runner/summary.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/human.hpp"
#include "base/operation.hpp"
#include "base/redact.hpp"

namespace baton::runner {
namespace {

using actors::SyncSummary;
using std::chrono::nanoseconds;

/// The rest are counted only; the log has them all.
constexpr std::size_t kShownWarnings = 10;
constexpr std::size_t kShownOfCycle = 5;

/// "12 pages", "1 page".
std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return human_count(count).append(" ").append(count == 1 ? one : many);
}

void append_line(std::string& text, std::string_view label, const std::string& value) {
  text += "  ";
  text += label;
  text.append(label.size() < 10 ? 10 - label.size() : 1, ' ');
  text += value + "\n";
}

/// Columns of text, the first two to the left, the others to the right.
class Table {
 public:
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  void append_to(std::string& text) const {
    std::vector<std::size_t> widths(rows_.front().size());
    for (const auto& row : rows_) {
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    for (const auto& row : rows_) {
      std::string line = "  ";
      for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string padding(widths[i] - row[i].size(), ' ');
        line += i < 2 ? row[i] + padding : padding + row[i];
        line += "  ";
      }
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + "\n";
    }
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

void append_entries(std::string& text, const SyncSummary& summary) {
  if (summary.entries.empty()) return;
  Table table;
  table.add({"phase", "type", "rows", "pages"});
  SyncSummary::Entry total;
  const auto& entries = summary.entries;
  for (auto entry = entries.begin(); entry != entries.end();) {
    const std::uint32_t phase = entry->first.first;
    const std::string phase_name(to_string(static_cast<Operation>(phase)));
    // Types that a phase asked for in vain share a line: a connector can have dozens of them.
    std::size_t empty_types = 0;
    std::uint64_t empty_pages = 0;
    for (; entry != entries.end() && entry->first.first == phase; ++entry) {
      const std::uint64_t rows = entry->second.rows;
      const std::uint64_t pages = entry->second.pages;
      total.rows += rows;
      total.pages += pages;
      if (rows == 0) {
        ++empty_types;
        empty_pages += pages;
        continue;
      }
      const std::string& type = entry->first.second;
      table.add({phase_name, type.empty() ? "-" : scrub(type, 60), human_count(rows), human_count(pages)});
    }
    if (empty_types > 0) {
      table.add(
          {phase_name, "(" + human_count(empty_types) + " without rows)", "0", human_count(empty_pages)});
    }
  }
  table.add({"total", "", human_count(total.rows), human_count(total.pages)});
  text += "\n";
  table.append_to(text);
}

std::uint64_t collected_rows(const SyncSummary& summary) {
  std::uint64_t rows = 0;
  for (const auto& [key, entry] : summary.entries) rows += entry.rows;
  return rows;
}

std::string peak(std::uint64_t bytes) {
  return bytes == 0 ? "" : ", peak memory " + human_bytes(bytes);
}

void append_durations(std::string& text, const SyncSummary& summary) {
  text += "\n";
  if (summary.collect.count() > 0) {
    std::string value = human_duration(summary.collect);
    // Of a resumed run, an earlier process collected a part.
    if (!summary.resumed) {
      const double rate = static_cast<double>(collected_rows(summary)) /
                          std::chrono::duration<double>(summary.collect).count();
      value += ", " + human_count(static_cast<std::uint64_t>(rate)) + " rows/s";
    }
    append_line(text, "collect", value + peak(summary.peak_after_collect));
  }
  if (summary.expand.count() > 0) {
    std::string value = human_duration(summary.expand);
    if (summary.expansion.rows_added + summary.expansion.rows_changed > 0) {
      value += ", " + counted(summary.expansion.rows_added, "grant", "grants") + " added, " +
               human_count(summary.expansion.rows_changed) + " changed";
    }
    append_line(text, "expand", value + peak(summary.peak_after_expand));
  }
  if (summary.export_time.count() > 0) {
    append_line(text, "export", human_duration(summary.export_time) + peak(summary.peak_after_export));
  }
  append_line(text, "total", human_duration(summary.total));
}

/// How often the connector was asked, and where its time went.
void append_calls(std::string& text, const SyncSummary& summary) {
  std::uint64_t count = 0;
  std::uint64_t failed = 0;
  nanoseconds total{0};
  nanoseconds longest{0};
  std::string longest_method;
  for (const auto& [method, calls] : summary.calls_by_method) {
    count += calls.count;
    failed += calls.failed;
    total += calls.total;
    if (calls.longest <= longest && !longest_method.empty()) continue;
    longest = calls.longest;
    longest_method = method;
  }
  if (count == 0) return;
  std::string value = human_count(count);
  if (failed > 0) value += " (" + human_count(failed) + " of them failed)";
  value += " of the connector, " + human_duration(total) + " in all, the longest " + human_duration(longest) +
           " (" + longest_method + ")";
  append_line(text, "calls", value);
}

/// One line for each limit key that was held or told of a budget.
void append_limits(std::string& text, const RequestTotals& requests) {
  for (const actors::LimitUse& limit : requests.limits) {
    const sync::RateUse& use = limit.use;
    if (use.limit == 0 && use.held.count() == 0 && use.refusals == 0) continue;
    std::string value = scrub(limit.key, 80) + ": " + counted(use.started, "request", "requests");
    if (use.limit > 0) {
      value += ", " + human_count(static_cast<std::uint64_t>(std::max<std::int64_t>(use.remaining, 0))) +
               " of " + human_count(static_cast<std::uint64_t>(use.limit)) + " left";
    }
    if (use.held.count() > 0) value += ", held for " + human_duration(use.held);
    if (use.refusals > 0) value += ", " + counted(use.refusals, "refusal", "refusals");
    append_line(text, "limit", value);
  }
}

void append_requests(std::string& text, const SyncSummary& summary, const RequestTotals& requests) {
  if (requests.requests > 0) {
    std::string value = human_count(requests.requests);
    if (requests.retries > 0) value += " (" + human_count(requests.retries) + " of them again)";
    append_line(text, "requests", value + ", " + human_bytes(requests.bytes_received) + " received");
  }
  append_limits(text, requests);
  std::vector<std::string> waits;
  if (requests.permit_wait.count() > 0)
    waits.push_back(human_duration(requests.permit_wait) + " for permits");
  if (requests.retry_wait.count() > 0) {
    waits.push_back(human_duration(requests.retry_wait) + " to repeat requests");
  }
  if (summary.retries > 0) {
    waits.push_back(human_duration(summary.retry_wait) + " to repeat pages (" +
                    counted(summary.retries, "retry", "retries") + ")");
  }
  nanoseconds reported{0};
  for (const auto& [type, wait] : summary.reported_waits) reported += wait;
  if (reported.count() > 0) waits.push_back(human_duration(reported) + " that the connector slept");
  if (waits.empty()) return;
  std::string value;
  for (const std::string& wait : waits) value += (value.empty() ? "" : ", ") + wait;
  append_line(text, "waits", value + "; summed over all that wait at once");
}

void append_expansion(std::string& text, const actors::ExpansionStatistics& expansion) {
  if (expansion.edges == 0) return;
  std::string value = counted(expansion.edges, "edge", "edges") + ", " +
                      counted(expansion.components, "component", "components") + ", " +
                      counted(expansion.cycles, "cycle", "cycles");
  append_line(text, "graph", value);
  if (!expansion.cycle_example.empty()) {
    value.clear();
    const std::size_t shown = std::min(expansion.cycle_example.size(), kShownOfCycle);
    for (std::size_t i = 0; i < shown; ++i) value += scrub(expansion.cycle_example[i], 60) + " -> ";
    // Round to where it began, or to what is left out.
    value += shown < expansion.cycle_example.size()
                 ? counted(expansion.cycle_example.size() - shown, "more", "more")
                 : scrub(expansion.cycle_example.front(), 60);
    append_line(text, "cycle", "e.g. " + value);
  }
  if (expansion.largest.empty()) return;
  append_line(text, "largest", "destinations, by rows added and changed");
  std::size_t width = 0;
  for (const auto& [id, rows] : expansion.largest) width = std::max(width, human_count(rows).size());
  for (const auto& [id, rows] : expansion.largest) {
    const std::string count = human_count(rows);
    text += "    " + std::string(width - count.size(), ' ') + count + "  " + scrub(id, 100) + "\n";
  }
}

void append_oddities(std::string& text, const SyncSummary& summary) {
  if (summary.resumed) {
    append_line(text, "resumed",
                counted(summary.resumed_pages, "page was", "pages were") + " there already, " +
                    counted(summary.resumed_cursors_left, "list was", "lists were") + " left; at most " +
                    counted(summary.asked_again, "page that was", "pages that were") +
                    " in flight asked for again");
  }
  if (summary.conflicts > 0) {
    append_line(
        text, "conflicts",
        counted(summary.conflicts, "row", "rows") + " had an identity that was seen before; the later won");
  }
  if (summary.skipped_invalid > 0) {
    append_line(text, "skipped", counted(summary.skipped_invalid, "row", "rows") + " that cannot be");
  }
  if (summary.dropped_by_filter > 0) {
    append_line(text, "dropped",
                counted(summary.dropped_by_filter, "row", "rows") + " of types that are not synced");
  }
  if (summary.expansions_dropped > 0) {
    append_line(text, "dropped",
                counted(summary.expansions_dropped, "expansion", "expansions") +
                    " of grants whose source is not there");
  }
  if (summary.external_resources > 0) {
    append_line(text, "external",
                counted(summary.external_resources, "resource", "resources") + " copied, " +
                    counted(summary.external_grants, "grant", "grants") + " made for them");
  }
  if (summary.warnings.empty()) return;
  append_line(text, "warnings", human_count(summary.warnings.size()));
  for (std::size_t i = 0; i < std::min(summary.warnings.size(), kShownWarnings); ++i) {
    text += "    " + scrub(summary.warnings[i], 500) + "\n";
  }
  if (summary.warnings.size() > kShownWarnings) {
    text += "    ... and " + human_count(summary.warnings.size() - kShownWarnings) + " more\n";
  }
}

}  // namespace

void RequestTotals::add(const http::ClientCounters& counters) {
  const auto read = [](const std::atomic<std::uint64_t>& figure) {
    return figure.load(std::memory_order_relaxed);
  };
  requests += read(counters.requests);
  retries += read(counters.retries);
  connections += read(counters.connections_opened);
  bytes_sent += read(counters.bytes_sent);
  bytes_received += read(counters.bytes_received);
  permit_wait += nanoseconds(static_cast<std::int64_t>(read(counters.permit_wait_ns)));
  retry_wait += nanoseconds(static_cast<std::int64_t>(read(counters.retry_wait_ns)));
}

std::string summary_text(const actors::SyncOutcome& outcome, const RequestTotals& requests) {
  const SyncSummary& summary = outcome.summary;
  std::string text = "sync " + summary.sync_id + (outcome.status.ok() ? "" : " is not complete") + "\n";
  append_entries(text, summary);
  append_durations(text, summary);
  append_expansion(text, summary.expansion);
  append_calls(text, summary);
  append_requests(text, summary, requests);
  append_oddities(text, summary);
  if (outcome.status.ok() && !summary.path.empty()) {
    std::string value = scrub(summary.path, 4096);
    if (summary.bytes > 0) {
      value += ", " + human_bytes(summary.bytes) + ": " +
               counted(summary.resource_types, "resource type", "resource types") + ", " +
               counted(summary.resources, "resource", "resources") + ", " +
               counted(summary.entitlements, "entitlement", "entitlements") + ", " +
               counted(summary.grants, "grant", "grants");
    }
    append_line(text, "file", value);
  }
  return text;
}

}  // namespace baton::runner
