#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "baton/store/v1/plan.pb.h"

namespace baton::sync {

/// The sync token that a sealed file carries: the members of upstream's token that a finished plan has, and
/// our own member `baton_cxx.incomplete_types` for types whose rows were partly given up, so that a missing
/// row can be told from a deleted one.
std::string sealed_token(const baton::store::v1::RunCounters& counters,
                         const std::vector<baton::store::v1::WarningRow>& warnings);

}  // namespace baton::sync
