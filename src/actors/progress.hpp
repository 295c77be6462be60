#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <caf/typed_event_based_actor.hpp>

#include "actors/interfaces.hpp"
#include "actors/progress_display.hpp"
#include "base/clock.hpp"

namespace baton::actors {

/// What a progress actor is spawned with.
class ProgressConfig {
 public:
  ProgressConfig() = default;

  std::shared_ptr<ProgressDisplay> display;
  std::shared_ptr<const Clock> clock;
  /// Those that a resumed run has left.
  std::uint64_t known_cursors = 0;
  /// What the limiters say when asked; thread-safe. May be empty.
  std::function<std::vector<LimitUse>()> limit_use;
};

class ProgressState {
 public:
  static inline const char* name = "sync.progress";

  explicit ProgressState(ProgressActor::pointer self) : self_(self) {}

  ProgressActor::behavior_type make_behavior(ProgressConfig config);

 private:
  void show();

  ProgressActor::pointer self_;
  ProgressConfig config_;
  std::chrono::steady_clock::time_point started_{};
  ProgressView view_;
};

/// Spawn as `system.spawn(progress, config)`.
ProgressActor::behavior_type progress(ProgressActor::stateful_pointer<ProgressState> self,
                                      ProgressConfig config);

}  // namespace baton::actors
