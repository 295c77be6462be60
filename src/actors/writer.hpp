#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <caf/typed_event_based_actor.hpp>

#include "actors/interfaces.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "storage/sync_store.hpp"

namespace baton::actors {

/// What a writer is spawned with. The store is the writer's alone until it yields it.
class WriterConfig {
 public:
  WriterConfig() = default;

  std::shared_ptr<storage::SyncStore> store;
  CoordinatorActor coordinator;
  ProgressActor progress;
  std::shared_ptr<const Clock> clock;
  std::shared_ptr<Log> log;
  /// The log is synced when this much was committed since, or this long ago, and at phase edges.
  std::size_t sync_bytes = 8u << 20;
  std::chrono::milliseconds sync_interval{1000};
};

class WriterState {
 public:
  static inline const char* name = "sync.writer";

  explicit WriterState(WriterActor::pointer self) : self_(self) {}

  WriterActor::behavior_type make_behavior(WriterConfig config);

 private:
  class Waiting {
   public:
    Waiting(CommitRequest request, PaginatorActor paginator)
        : request(std::move(request)), paginator(std::move(paginator)) {}
    CommitRequest request;
    PaginatorActor paginator;
  };

  void add(CommitRequest request, const PaginatorActor& paginator);
  void flush();
  absl::Status write_templates(Waiting& waiting);
  CommitSummary summarise(const std::vector<Waiting>& waiting, const std::vector<storage::PageCommit>& pages,
                          const std::vector<std::vector<storage::PlannedCount>>& planned) const;
  absl::Status sync_if_due();
  absl::Status sync_all();
  bool failed(const absl::Status& status);

  WriterActor::pointer self_;
  WriterConfig config_;
  /// Pages that gathered since the last batch; bounded by the number of live cursors.
  std::vector<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool flush_scheduled_ = false;
  bool yielded_ = false;
  bool broken_ = false;
  std::chrono::steady_clock::time_point last_sync_{};
};

/// Spawn detached: `system.spawn<caf::detached>(writer, config)`.
WriterActor::behavior_type writer(WriterActor::stateful_pointer<WriterState> self, WriterConfig config);

}  // namespace baton::actors
