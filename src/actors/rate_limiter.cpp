#include "actors/rate_limiter.hpp"

#include <algorithm>
#include <utility>

namespace baton::actors {

void RateLimiterState::wake_at(std::chrono::steady_clock::time_point moment) {
  if (wake_scheduled_) return;
  wake_scheduled_ = true;
  const auto wait =
      std::max<std::chrono::nanoseconds>(moment - clock_->steady_now(), std::chrono::nanoseconds{0});
  self_->delayed_send(self_, wait, tick_atom_v);
}

void RateLimiterState::grant() {
  while (!waiting_.empty() && in_flight_ < limit_.concurrency) {
    const auto now = clock_->steady_now();
    const auto earliest = std::max(next_start_, hold_until_);
    if (earliest > now) return wake_at(earliest);
    PermitWaiter waiter = std::move(waiting_.front());
    waiting_.pop_front();
    ++in_flight_;
    if (limit_.requests_per_second > 0) {
      const auto gap = std::chrono::duration_cast<std::chrono::nanoseconds>(
          std::chrono::duration<double>(1.0 / limit_.requests_per_second));
      next_start_ = std::max(next_start_, now) + gap;
    }
    waiter.granted(absl::OkStatus());
  }
}

RateLimiterActor::behavior_type RateLimiterState::make_behavior(RateLimit limit,
                                                                std::shared_ptr<const Clock> clock) {
  limit_ = limit;
  clock_ = std::move(clock);
  return {
      [this](acquire_atom, const Parcel<PermitWaiter>& waiter) {
        waiting_.push_back(waiter.take());
        grant();
      },
      [this](release_atom) {
        in_flight_ -= std::min<std::uint32_t>(in_flight_, 1);
        grant();
      },
      [this](cancel_atom, std::uint64_t id) {
        const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                        [id](const PermitWaiter& waiter) { return waiter.id == id; });
        if (found == waiting_.end()) return;
        PermitWaiter waiter = std::move(*found);
        waiting_.erase(found);
        waiter.granted(absl::CancelledError("nobody waits for the permit any more"));
      },
      [this](hold_atom, std::uint64_t milliseconds) {
        hold_until_ = std::max(hold_until_, clock_->steady_now() + std::chrono::milliseconds(milliseconds));
      },
      [this](tick_atom) {
        wake_scheduled_ = false;
        grant();
      },
      [this](stop_atom) {
        auto waiting = std::exchange(waiting_, {});
        for (PermitWaiter& waiter : waiting) waiter.granted(absl::CancelledError("the sync is stopping"));
        self_->quit();
      },
  };
}

RateLimiterActor::behavior_type rate_limiter(RateLimiterActor::stateful_pointer<RateLimiterState> self,
                                             RateLimit limit, std::shared_ptr<const Clock> clock) {
  return self->state.make_behavior(limit, std::move(clock));
}

}  // namespace baton::actors
