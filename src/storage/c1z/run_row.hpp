#pragma once

#include <array>
#include <string>

#include "absl/time/time.h"
#include "storage/c1z/pages/record.hpp"
#include "storage/c1z/stats_count.hpp"
#include "storage/c1z/wall_clock.hpp"
#include "storage/c1z/writer.hpp"

namespace baton::c1z {

/// The row of `v1_sync_runs` for a finished sync.
class RunRow {
 public:
  /// `run` outlives the row.
  RunRow(const SyncRunInfo& run, const StatsCount& counted, absl::TimeZone zone)
      : run_(run), stats_(run.with_stats ? stats_text(counted.stats(run.type)) : std::string()) {
    WallClockText wall_clock(zone);
    started_ = wall_clock.format(run.started_at);
    ended_ = wall_clock.format(run.ended_at);
    // Names of checks: nothing in them needs escaping.
    for (const std::string& check : run.invariant_coverage) {
      coverage_ += (coverage_.empty() ? "[\"" : ",\"") + check + "\"";
    }
    if (!coverage_.empty()) coverage_ += "]";
  }

  /// The columns behind the row id, in the order of the table.
  std::array<Value, 13> values() const {
    return {Value::text(run_.sync_id),
            Value::text(started_),
            Value::text(ended_),
            Value::text(run_.token),
            Value::text(run_.type),
            Value::text(run_.parent_sync_id),
            Value::text({}),  // linked sync
            Value::integer(run_.supports_diff ? 1 : 0),
            Value::integer(1),  // grants have their expansion columns
            run_.with_stats ? Value::text(stats_) : Value::null(),
            Value::text(run_.invariant_generation),
            Value::text(coverage_),
            Value::text(run_.invariant_mode)};
  }

 private:
  const SyncRunInfo& run_;
  std::string stats_;
  std::string started_;
  std::string ended_;
  std::string coverage_;
};

}  // namespace baton::c1z
