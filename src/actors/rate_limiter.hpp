#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "absl/status/status.h"
#include "actors/interfaces.hpp"
#include "actors/permit_gate.hpp"
#include "actors/shared.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"

namespace baton::actors {

/// Someone who found no permit at the gate. `granted` is called once, from the limiter, with OK or why there
/// is none; it must not block.
class PermitWaiter {
 public:
  PermitWaiter() = default;
  PermitWaiter(std::uint64_t wait_id, bool continues, std::function<void(absl::Status)> answer)
      : id(wait_id), goes_on(continues), granted(std::move(answer)) {}

  std::uint64_t id = 0;
  bool goes_on = false;
  std::function<void(absl::Status)> granted;
};

/// RATE LIMITER: one per limit key; where those wait who found no permit at the key's gate. Grants in the
/// order in which was asked, those first who go on with something begun. A hold is shared by all who wait.
using RateLimiterActor = caf::typed_actor<
    // Asks for a permit; the gate counts this one as waiting.
    caf::reacts_to<acquire_atom, Parcel<PermitWaiter>>,
    // The waiter of this id does not want one any more; it is answered with Cancelled if it still waits.
    caf::reacts_to<cancel_atom, std::uint64_t>,
    // A permit came back, or INTERNAL: a wait is over.
    caf::reacts_to<tick_atom>,
    // Refuses all who wait, and ends.
    caf::reacts_to<stop_atom>>;

/// What a limiter is spawned with.
class RateLimiterConfig {
 public:
  RateLimiterConfig() = default;

  /// Names the key in the log.
  std::string key;
  std::shared_ptr<PermitGate> gate;
  std::shared_ptr<const Clock> clock;
  std::shared_ptr<Log> log;
  /// Told how long nothing can be asked under this key; from the limiter, must not block.
  std::function<void(std::chrono::milliseconds)> on_hold;
};

class RateLimiterState {
 public:
  static inline const char* name = "sync.rate_limiter";

  explicit RateLimiterState(RateLimiterActor::pointer self) : self_(self) {}

  RateLimiterActor::behavior_type make_behavior(RateLimiterConfig config);

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  void grant();
  void wait_until(TimePoint moment);
  void tell_of_hold(TimePoint moment, TimePoint now);
  bool cancel(std::deque<PermitWaiter>& waiting, std::uint64_t id);
  void stop();

  RateLimiterActor::pointer self_;
  RateLimiterConfig config_;
  /// Bounded by the cursors that walk at a time.
  std::deque<PermitWaiter> going_on_;
  std::deque<PermitWaiter> beginning_;
  std::optional<TimePoint> wake_at_;
  TimePoint told_until_{};
};

/// Spawn as `system.spawn(rate_limiter, config)`.
RateLimiterActor::behavior_type rate_limiter(RateLimiterActor::stateful_pointer<RateLimiterState> self,
                                             RateLimiterConfig config);

}  // namespace baton::actors
