#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "absl/status/status.h"
#include "actors/interfaces.hpp"
#include "actors/shared.hpp"
#include "base/clock.hpp"

namespace baton::actors {

/// Bounds of one limit key.
class RateLimit {
 public:
  RateLimit() = default;

  /// Requests in flight at a time.
  std::uint32_t concurrency = 64;
  /// Requests started a second; 0 is no bound.
  double requests_per_second = 0;
};

/// Someone who waits for a permit. `granted` is called once, from the limiter, with OK or why there is none;
/// it must not block.
class PermitWaiter {
 public:
  PermitWaiter() = default;
  PermitWaiter(std::uint64_t id, std::function<void(absl::Status)> granted)
      : id(id), granted(std::move(granted)) {}

  std::uint64_t id = 0;
  std::function<void(absl::Status)> granted;
};

/// RATE LIMITER: one per limit key; grants permits in the order in which they were asked for, within a
/// concurrency window and a fixed rate. A hold after a refusal is shared by all who wait.
using RateLimiterActor = caf::typed_actor<
    // Asks for a permit.
    caf::reacts_to<acquire_atom, Parcel<PermitWaiter>>,
    // A permit goes back.
    caf::reacts_to<release_atom>,
    // The waiter of this id does not want one any more; it is answered with Cancelled if it still waits.
    caf::reacts_to<cancel_atom, std::uint64_t>,
    // The service refused: nothing starts for so many milliseconds.
    caf::reacts_to<hold_atom, std::uint64_t>,
    // INTERNAL: a wait is over.
    caf::reacts_to<tick_atom>,
    // Refuses all who wait, and ends.
    caf::reacts_to<stop_atom>>;

class RateLimiterState {
 public:
  static inline const char* name = "sync.rate_limiter";

  explicit RateLimiterState(RateLimiterActor::pointer self) : self_(self) {}

  RateLimiterActor::behavior_type make_behavior(RateLimit limit, std::shared_ptr<const Clock> clock);

 private:
  void grant();
  void wake_at(std::chrono::steady_clock::time_point moment);

  RateLimiterActor::pointer self_;
  RateLimit limit_;
  std::shared_ptr<const Clock> clock_;
  /// Bounded by the cursors that walk at a time.
  std::deque<PermitWaiter> waiting_;
  std::uint32_t in_flight_ = 0;
  std::chrono::steady_clock::time_point next_start_{};
  std::chrono::steady_clock::time_point hold_until_{};
  bool wake_scheduled_ = false;
};

/// Spawn as `system.spawn(rate_limiter, limit, clock)`.
RateLimiterActor::behavior_type rate_limiter(RateLimiterActor::stateful_pointer<RateLimiterState> self,
                                             RateLimit limit, std::shared_ptr<const Clock> clock);

}  // namespace baton::actors
