#include "storage/totals.hpp"

namespace baton::storage {
namespace {

using baton::store::v1::CounterEntry;
using baton::store::v1::RunCounters;

/// A run has tens of entries: a walk is cheaper than an index.
CounterEntry& entry_of(RunCounters& totals, std::uint32_t phase, const std::string& type) {
  for (CounterEntry& entry : *totals.mutable_entries()) {
    if (entry.phase() == phase && entry.resource_type_id() == type) return entry;
  }
  CounterEntry& entry = *totals.add_entries();
  entry.set_phase(phase);
  entry.set_resource_type_id(type);
  return entry;
}

}  // namespace

void add_counted(RunCounters& totals, const RunCounters& more) {
  for (const CounterEntry& counted : more.entries()) {
    CounterEntry& entry = entry_of(totals, counted.phase(), counted.resource_type_id());
    entry.set_rows(entry.rows() + counted.rows());
    entry.set_pages(entry.pages() + counted.pages());
    entry.set_warnings(entry.warnings() + counted.warnings());
    entry.set_rows_skipped_invalid(entry.rows_skipped_invalid() + counted.rows_skipped_invalid());
    entry.set_rows_dropped_by_filter(entry.rows_dropped_by_filter() + counted.rows_dropped_by_filter());
  }
  totals.set_pages(totals.pages() + more.pages());
  totals.set_requests(totals.requests() + more.requests());
  totals.set_bytes(totals.bytes() + more.bytes());
  totals.set_rows_skipped_invalid(totals.rows_skipped_invalid() + more.rows_skipped_invalid());
  totals.set_rows_dropped_by_filter(totals.rows_dropped_by_filter() + more.rows_dropped_by_filter());
  totals.set_expansions_dropped(totals.expansions_dropped() + more.expansions_dropped());
  totals.set_grant_resources_dropped(totals.grant_resources_dropped() + more.grant_resources_dropped());
  totals.set_expansion_types_dropped(totals.expansion_types_dropped() + more.expansion_types_dropped());
  totals.set_external_matches(totals.external_matches() + more.external_matches());
  totals.set_conflicts(totals.conflicts() + more.conflicts());
}

void add_planned(RunCounters& totals, const PlanTable::Change& change) {
  for (const auto& [key, count] : change.added_by_type()) {
    CounterEntry& entry = entry_of(totals, key.first, key.second);
    entry.set_cursors_planned(entry.cursors_planned() + count);
  }
  for (const auto& [key, count] : change.done_by_type()) {
    CounterEntry& entry = entry_of(totals, key.first, key.second);
    entry.set_cursors_done(entry.cursors_done() + count);
  }
  totals.set_cursors_planned(totals.cursors_planned() + change.added());
  totals.set_cursors_done(totals.cursors_done() + change.done());
  totals.set_in_flight(change.in_flight());
  totals.set_next_sequence(change.next_sequence());
  totals.clear_lanes();
  for (auto& lane : change.lanes()) *totals.add_lanes() = std::move(lane);
}

}  // namespace baton::storage
