#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "actors/expansion_statistics.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "storage/sync_store.hpp"
#include "sync/options.hpp"

namespace baton::actors {

class ExpansionOptions {
 public:
  ExpansionOptions() = default;

  /// kOff only forgets what an earlier expansion made.
  sync::ExpansionMode mode = sync::ExpansionMode::kUpstream;
  /// Threads that work out and write destinations; 0 takes one per core.
  std::size_t workers = 0;
  /// Grants that expansion may add; 0 is no bound.
  std::uint64_t max_rows = 0;
  /// About how many rows are committed at a time; 0 chooses. Part of what an expansion goes on with.
  std::uint64_t rows_per_segment = 0;
  /// Asked now and then while the input is read and between destinations; anything but OK ends the expansion
  /// and is returned, and what is committed by then is gone on from. May be empty. From any of the threads.
  std::function<absl::Status()> go_on;
  /// Warnings and steps; may be null.
  std::shared_ptr<Log> log;
  /// For durations; the system's when null.
  std::shared_ptr<const Clock> clock;
};

/// Expands the collected grants of `store` into its family `expanded`, in place of whatever an earlier
/// expansion made; collected rows stay as they are. An expansion of the same rows in the same mode that was
/// interrupted goes on where it stopped. The run header is not touched.
///
/// Blocks until done; nothing else may use the store meanwhile. InvalidArgument when the graph is refused
/// (a source entitlement of another resource, an ambiguous id), ResourceExhausted, naming the largest
/// destinations, when `max_rows` would be passed; nothing is written then. Errors of the store as it gives
/// them.
absl::StatusOr<ExpansionStatistics> run_expansion(storage::SyncStore& store, const ExpansionOptions& options);

}  // namespace baton::actors
