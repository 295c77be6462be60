#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "baton/store/v1/plan.pb.h"

namespace baton::sync {

/// The part of a run's configuration that decides its result: connector, fields that are neither secret nor
/// operational, filters, skip flags. Name to value.
using RunConfiguration = std::map<std::string, std::string>;

/// How a start relates to the run that its directory holds.
enum class Start {
  kFresh,
  kResume,
  /// The run is too old to go on with; it is discarded, with a line that says so.
  kExpired,
  /// `--restart`: discarded on request.
  kRestart,
  /// The artifact is already in place; only the directory is left to remove.
  kExported,
  /// The run was exported, but its artifact is not in place any more; the rest of it is discarded.
  kTakenAway,
};

/// `found`: the header in the directory, nothing when it is new. `artifact_sync_id`: the sync that the target
/// file holds, empty when unknown. FailedPrecondition, naming the fields that differ, when the run was begun
/// under another configuration.
absl::StatusOr<Start> decide_start(const std::optional<baton::store::v1::RunHeader>& found,
                                   const RunConfiguration& configuration, bool restart,
                                   const std::string& artifact_sync_id,
                                   std::chrono::system_clock::time_point now,
                                   std::chrono::milliseconds max_age);

}  // namespace baton::sync
