#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "baton/store/v1/plan.pb.h"
#include "sync/plan.hpp"

namespace baton::sync {

/// The warning that records a cursor given up because its subject is gone.
baton::store::v1::WarningRow dropped_cursor(const Cursor& cursor, const absl::Status& error);

/// Judged at the end of a phase: more than 10 warnings and more than a tenth of all finished cursors end the
/// sync with Aborted. What was given up stays so: going on would end the same.
absl::Status check_warning_share(std::uint64_t warnings, std::uint64_t finished_cursors);

}  // namespace baton::sync
