#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "baton/store/v1/plan.pb.h"
#include "sync/options.hpp"

namespace baton::sync {

/// The sync token that a sealed file carries: the members of upstream's token that a finished plan has, and
/// our own member `baton_cxx` for rows that are missing because a list was given up, so that they can be told
/// from deleted ones: `incomplete_types`, and each list in `dropped` (the first 1,000).
std::string sealed_token(const baton::store::v1::RunCounters& counters,
                         const std::vector<baton::store::v1::WarningRow>& warnings,
                         const SyncOptions& options = {});

}  // namespace baton::sync
