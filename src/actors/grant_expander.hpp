#pragma once

#include <cstdint>
#include <memory>

#include <caf/typed_event_based_actor.hpp>

#include "actors/interfaces.hpp"
#include "actors/stop_flag.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "storage/sync_store.hpp"
#include "sync/options.hpp"

namespace baton::actors {

/// What an expander is spawned with. It touches the store only while it answers, after the writer yielded it.
class ExpanderConfig {
 public:
  ExpanderConfig() = default;

  std::shared_ptr<storage::SyncStore> store;
  sync::ExpansionMode mode = sync::ExpansionMode::kUpstream;
  /// Grants that expansion may add; 0 is no bound.
  std::uint64_t max_rows = 0;
  /// To be asked between rows and destinations: the sync ends.
  std::shared_ptr<const StopFlag> stop = std::make_shared<const StopFlag>();
  std::shared_ptr<const Clock> clock;
  std::shared_ptr<Log> log;
};

class ExpanderState {
 public:
  static inline const char* name = "sync.expander";

  explicit ExpanderState(ExpanderActor::pointer self) : self_(self) {}

  ExpanderActor::behavior_type make_behavior(ExpanderConfig config);

 private:
  absl::Status expand(ExpansionResult& result);
  absl::Status record_state(baton::store::v1::RunHeader header);

  ExpanderActor::pointer self_;
  ExpanderConfig config_;
};

/// Spawn detached.
ExpanderActor::behavior_type grant_expander(ExpanderActor::stateful_pointer<ExpanderState> self,
                                            ExpanderConfig config);

}  // namespace baton::actors
