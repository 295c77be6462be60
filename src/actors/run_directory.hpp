#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "actors/engine.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "baton/store/v1/plan.pb.h"
#include "storage/sync_store.hpp"

namespace baton::actors {

/// A run directory, opened and ready to go on with.
class OpenedRun {
 public:
  OpenedRun() = default;

  std::shared_ptr<storage::SyncStore> store;
  baton::store::v1::RunHeader header;
  bool resumed = false;
  /// The artifact holds this sync already; the directory was removed.
  bool already_exported = false;
};

/// Opens the run directory of a job: a fresh run, or the one that an earlier process left, by the rules of
/// `sync::decide_start`. Checks first that the artifact can be written, so that a long sync does not end in a
/// refusal.
absl::StatusOr<OpenedRun> open_run(const SyncJob& job, const Clock& clock, Entropy& entropy, Log& log);

}  // namespace baton::actors
