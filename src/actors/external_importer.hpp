#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include <caf/typed_event_based_actor.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "actors/engine.hpp"
#include "actors/interfaces.hpp"
#include "actors/stop_flag.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "storage/c1z/reader.hpp"
#include "storage/sync_store.hpp"
#include "sync/external_match.hpp"

namespace baton::actors {

/// The sync of an external file that a run draws from: its latest finished one, and of it the resource types
/// that carry one of the configured traits. One owner at a time.
class ExternalSource {
 public:
  /// FailedPrecondition when the file holds no finished sync; otherwise as `c1z::open_reader`.
  static absl::StatusOr<ExternalSource> open(const ExternalSync& external);

  const std::string& sync_id() const { return sync_id_; }
  /// Types whose resources may be copied.
  const std::set<std::string, std::less<>>& types() const { return types_; }
  const ExternalSync& external() const { return external_; }
  c1z::Reader& reader() { return *reader_; }

 private:
  ExternalSource() = default;

  ExternalSync external_;
  std::unique_ptr<c1z::Reader> reader_;
  std::string sync_id_;
  std::set<std::string, std::less<>> types_;
};

/// What an importer is spawned with. It touches the store only while it answers, after the writer yielded it.
class ImporterConfig {
 public:
  ImporterConfig() = default;

  std::shared_ptr<storage::SyncStore> store;
  std::shared_ptr<ExternalSource> source;
  std::shared_ptr<const StopFlag> stop = std::make_shared<const StopFlag>();
  std::shared_ptr<const Clock> clock;
  std::shared_ptr<Log> log;
};

class ImporterState {
 public:
  static inline const char* name = "sync.external";

  explicit ImporterState(ImporterActor::pointer self) : self_(self) {}

  ImporterActor::behavior_type make_behavior(ImporterConfig config);

 private:
  ImporterActor::pointer self_;
  ImporterConfig config_;
};

/// Spawn detached.
ImporterActor::behavior_type external_importer(ImporterActor::stateful_pointer<ImporterState> self,
                                               ImporterConfig config);

}  // namespace baton::actors
