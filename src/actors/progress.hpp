#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include <caf/typed_event_based_actor.hpp>

#include "actors/interfaces.hpp"
#include "actors/progress_display.hpp"
#include "base/clock.hpp"

namespace baton::actors {

class ProgressState {
 public:
  static inline const char* name = "sync.progress";

  explicit ProgressState(ProgressActor::pointer self) : self_(self) {}

  ProgressActor::behavior_type make_behavior(std::shared_ptr<ProgressDisplay> display,
                                             std::shared_ptr<const Clock> clock, std::uint64_t known_cursors);

 private:
  void show();

  ProgressActor::pointer self_;
  std::shared_ptr<ProgressDisplay> display_;
  std::shared_ptr<const Clock> clock_;
  std::chrono::steady_clock::time_point started_{};
  ProgressView view_;
};

/// Spawn as `system.spawn(progress, display, clock, known_cursors)`; `known_cursors` are those that a resumed
/// run has left.
ProgressActor::behavior_type progress(ProgressActor::stateful_pointer<ProgressState> self,
                                      std::shared_ptr<ProgressDisplay> display,
                                      std::shared_ptr<const Clock> clock, std::uint64_t known_cursors);

}  // namespace baton::actors
