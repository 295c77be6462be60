#pragma once

#include <chrono>
#include <cstdint>

#include "absl/status/status.h"
#include "base/clock.hpp"
#include "base/operation.hpp"
#include "sync/options.hpp"
#include "sync/plan.hpp"

namespace baton::sync {

/// What a failed call means for its cursor.
enum class Verdict {
  /// Wait, then ask for the same page again.
  kRetry,
  /// Give this cursor up, record the loss, go on with the others.
  kDrop,
  /// The sync stops; everything committed is kept.
  kFatal,
};

/// Unavailable and DeadlineExceeded are retried, so is ResourceExhausted that tells when it ends; NotFound
/// drops the cursor of one resource or type; anything else is fatal.
Verdict judge(const absl::Status& error, Operation operation);
/// The same for a cursor of a run: with `require_all_types` the loss of a whole type's listing is fatal.
Verdict judge(const absl::Status& error, const Cursor& cursor, const SyncOptions& options);

/// How long the `attempt`-th retry (from 1) waits: what the error itself asks for, up to kLongestHold, else
/// attempt × 1 s with jitter, at most 60 s.
std::chrono::milliseconds retry_wait(const absl::Status& error, std::uint32_t attempt, const Clock& clock,
                                     Entropy& entropy);

/// How often `Validate` is retried, and how long before the `attempt`-th retry.
inline constexpr std::uint32_t kValidateRetries = 5;
std::chrono::milliseconds validate_wait(std::uint32_t attempt, Entropy& entropy);

}  // namespace baton::sync
