#include "expansion/report.hpp"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace baton::expansion {
namespace {

constexpr std::size_t kMaxShownBytes = 200;

std::string join(const std::vector<std::string>& ids, std::string_view separator) {
  std::string text;
  const std::size_t shown = std::min(ids.size(), GraphReport::kMaxExamples);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += separator;
    text += quoted_id(ids[i]);
  }
  if (shown < ids.size()) absl::StrAppend(&text, " and ", ids.size() - shown, " more");
  return text;
}

}  // namespace

void Statistics::count(EntitlementIndex entitlement, uint64_t synthesised, uint64_t changed) {
  ++destinations;
  rows_synthesised += synthesised;
  rows_changed += changed;
  rank({entitlement, synthesised + changed});
}

void Statistics::add(const Statistics& other) {
  destinations += other.destinations;
  rows_synthesised += other.rows_synthesised;
  rows_changed += other.rows_changed;
  for (const Destination& destination : other.largest) rank(destination);
}

void Statistics::rank(const Destination& candidate) {
  if (candidate.rows == 0) return;
  const auto place = std::upper_bound(
      largest.begin(), largest.end(), candidate, [](const Destination& a, const Destination& b) {
        return a.rows != b.rows ? a.rows > b.rows : a.entitlement < b.entitlement;
      });
  largest.insert(place, candidate);
  if (largest.size() > kLargest) largest.pop_back();
}

std::string warning_text(const GraphReport& report) {
  std::string text;
  const uint64_t dropped = report.edges_source_missing + report.edges_destination_missing;
  if (dropped > 0) {
    absl::StrAppend(&text, "expansion dropped ", dropped, " of ", dropped + report.edges,
                    " edges: ", report.edges_source_missing, " with a missing source entitlement, ",
                    report.edges_destination_missing, " with a missing destination entitlement; ",
                    report.distinct_missing_ids, " distinct missing ids, e.g. ",
                    join(report.missing_examples, ", "));
  }
  if (report.cycles > 0) {
    if (!text.empty()) text += "; ";
    absl::StrAppend(&text, "expansion ", report.cycles_collapsed ? "collapsed " : "met ", report.cycles,
                    report.cycles == 1 ? " cycle" : " cycles", " of entitlements, e.g. ",
                    join(report.cycle_example, " -> "));
  }
  return text;
}

std::string quoted_id(std::string_view id) {
  std::size_t size = std::min(id.size(), kMaxShownBytes);
  // Do not cut through a UTF-8 sequence: step back over its continuation bytes.
  while (size < id.size() && size > 0 && (static_cast<unsigned char>(id[size]) & 0xC0U) == 0x80U) --size;
  const absl::string_view shown(id.data(), size);
  return absl::StrCat("\"", absl::Utf8SafeCEscape(shown), shown.size() < id.size() ? "…\"" : "\"");
}

}  // namespace baton::expansion
