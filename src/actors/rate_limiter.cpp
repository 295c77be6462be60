#include "actors/rate_limiter.hpp"

#include <algorithm>
#include <utility>

#include "base/human.hpp"

namespace baton::actors {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// Shorter holds are the normal beat of a small window and only for the debug log.
constexpr seconds kLongHold{10};

}  // namespace

void RateLimiterState::wait_until(TimePoint moment) {
  if (wake_at_ && *wake_at_ <= moment) return;
  wake_at_ = moment;
  const auto wait = std::max<nanoseconds>(moment - config_.clock->steady_now(), nanoseconds{0});
  self_->delayed_send(self_, wait, tick_atom_v);
}

void RateLimiterState::tell_of_hold(TimePoint moment, TimePoint now) {
  // A moment that creeps on by a little is the same hold.
  if (moment <= told_until_ + milliseconds(50)) return;
  told_until_ = moment;
  const nanoseconds left = moment - now;
  if (config_.on_hold) config_.on_hold(std::chrono::ceil<milliseconds>(left));
  const LogLevel level = left >= kLongHold ? LogLevel::kInfo : LogLevel::kDebug;
  if (!config_.log || !config_.log->enabled(level)) return;
  const sync::RateUse use = config_.gate->use();
  config_.log->write(level, name, "all requests hold",
                     {{"limit_key", config_.key},
                      {"for", human_duration(left)},
                      {"waiting", std::uint64_t{going_on_.size() + beginning_.size()}},
                      {"remaining", static_cast<std::uint64_t>(std::max<std::int64_t>(use.remaining, 0))},
                      {"limit", static_cast<std::uint64_t>(std::max<std::int64_t>(use.limit, 0))},
                      {"refusals", use.refusals}});
}

void RateLimiterState::grant() {
  config_.gate->look();
  while (!going_on_.empty() || !beginning_.empty()) {
    std::deque<PermitWaiter>& next = going_on_.empty() ? beginning_ : going_on_;
    const PermitGate::Verdict verdict = config_.gate->take_for_waiting(next.front().goes_on);
    if (verdict.kind == PermitGate::Verdict::Kind::kWaitForReturn) return;
    if (verdict.kind == PermitGate::Verdict::Kind::kWaitUntil) {
      tell_of_hold(verdict.at, config_.clock->steady_now());
      return wait_until(verdict.at);
    }
    PermitWaiter waiter = std::move(next.front());
    next.pop_front();
    waiter.granted(absl::OkStatus());
  }
}

bool RateLimiterState::cancel(std::deque<PermitWaiter>& waiting, std::uint64_t id) {
  const auto found = std::find_if(waiting.begin(), waiting.end(),
                                  [id](const PermitWaiter& waiter) { return waiter.id == id; });
  if (found == waiting.end()) return false;
  PermitWaiter waiter = std::move(*found);
  waiting.erase(found);
  config_.gate->leave(waiter.goes_on);
  waiter.granted(absl::CancelledError("nobody waits for the permit any more"));
  return true;
}

void RateLimiterState::stop() {
  for (std::deque<PermitWaiter>* queue : {&going_on_, &beginning_}) {
    auto waiting = std::exchange(*queue, {});
    for (PermitWaiter& waiter : waiting) {
      config_.gate->leave(waiter.goes_on);
      waiter.granted(absl::CancelledError("the sync is stopping"));
    }
  }
  self_->quit();
}

RateLimiterActor::behavior_type RateLimiterState::make_behavior(RateLimiterConfig config) {
  config_ = std::move(config);
  return {
      [this](acquire_atom, const Parcel<PermitWaiter>& parcel) {
        PermitWaiter waiter = parcel.take();
        (waiter.goes_on ? going_on_ : beginning_).push_back(std::move(waiter));
        grant();
      },
      [this](cancel_atom, std::uint64_t id) {
        if (!cancel(going_on_, id)) cancel(beginning_, id);
      },
      [this](tick_atom) {
        if (wake_at_ && *wake_at_ <= config_.clock->steady_now()) wake_at_.reset();
        grant();
      },
      [this](stop_atom) { stop(); },
  };
}

RateLimiterActor::behavior_type rate_limiter(RateLimiterActor::stateful_pointer<RateLimiterState> self,
                                             RateLimiterConfig config) {
  return self->state.make_behavior(std::move(config));
}

}  // namespace baton::actors
