#pragma once

#include <chrono>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.hpp"
#include "runner/settings.hpp"

namespace baton::runner {

/// `baton-<name> status`: what the run directory that these settings name holds, for people or as one JSON
/// object. Only looks; the run may go on meanwhile.
///
/// Ends with a newline. DataLoss for a directory that cannot be read.
absl::StatusOr<std::string> run_status(const std::string& binary, const Settings& settings,
                                       const Clock& clock, bool json);

}  // namespace baton::runner
