#pragma once

#include <string>

#include "baton/store/v1/plan.pb.h"
#include "storage/plan_table.hpp"

namespace baton::storage {

/// Adds what a caller counted to a run's counters. What only the store knows (cursors planned and done, work
/// in flight, lanes, sequence numbers, warnings, expandable grants) is ignored in `more`.
void add_counted(baton::store::v1::RunCounters& totals, const baton::store::v1::RunCounters& more);

/// Adds what a batch does to the plan, and sets what it makes of lanes and sequence numbers.
void add_planned(baton::store::v1::RunCounters& totals, const PlanTable::Change& change);

}  // namespace baton::storage
