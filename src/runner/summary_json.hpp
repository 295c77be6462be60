#pragma once

#include <string>

#include "absl/status/status.h"
#include "actors/sync_summary.hpp"
#include "runner/summary.hpp"

namespace baton::runner {

/// The end summary as one JSON object with a newline, for benches and tests: durations in nanoseconds and
/// sizes in bytes, as integers; nothing is left out because it is zero.
std::string summary_json(const actors::SyncOutcome& outcome, const RequestTotals& requests);

/// Writes it to a file that only its owner can read, in place of one that is there.
absl::Status write_summary_json(const std::string& path, const actors::SyncOutcome& outcome,
                                const RequestTotals& requests);

}  // namespace baton::runner
