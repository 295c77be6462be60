#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <caf/typed_event_based_actor.hpp>

#include "actors/interfaces.hpp"
#include "actors/stop_flag.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "storage/c1z/writer.hpp"
#include "storage/sync_store.hpp"
#include "sync/invariants.hpp"
#include "sync/options.hpp"

namespace baton::actors {

/// What an exporter is spawned with. It touches the store only while it answers, after the writer yielded it.
class ExporterConfig {
 public:
  ExporterConfig() = default;

  std::shared_ptr<storage::SyncStore> store;
  /// The artifact.
  std::string path;
  /// The run directory; removed once the artifact is in place.
  std::string directory;
  c1z::FileVersion version = c1z::FileVersion::kV1;
  c1z::WriteMethod write_method = c1z::WriteMethod::kPages;
  c1z::Retention retention;
  sync::SyncOptions options;
  /// Looked at between rows: the sync ends, and the artifact's place stays as it was.
  std::shared_ptr<const StopFlag> stop = std::make_shared<const StopFlag>();
  /// Told before each step, by its name; for tests that end the process there. May be empty.
  std::function<void(std::string_view)> at_step;
  std::shared_ptr<const Clock> clock;
  std::shared_ptr<Log> log;
};

class ExporterState {
 public:
  static inline const char* name = "sync.exporter";

  explicit ExporterState(ExporterActor::pointer self) : self_(self) {}

  ExporterActor::behavior_type make_behavior(ExporterConfig config);

 private:
  absl::Status check(ExportResult& result);
  absl::Status seal(baton::store::v1::RunHeader& header);
  void at(std::string_view step) const;
  /// The artifact; `conflicts` are those that the rows had.
  absl::StatusOr<c1z::WriteSummary> write_artifact(const c1z::SyncRunInfo& run, std::uint64_t& conflicts);
  absl::Status write(const baton::store::v1::RunHeader& header, ExportResult& result);
  absl::Status clean_up(baton::store::v1::RunHeader header);

  ExporterActor::pointer self_;
  ExporterConfig config_;
  sync::InvariantVerdict verdict_;
};

/// Spawn detached.
ExporterActor::behavior_type exporter(ExporterActor::stateful_pointer<ExporterState> self,
                                      ExporterConfig config);

}  // namespace baton::actors
