#include "sync/rate_control.hpp"

#include <algorithm>
#include <utility>

namespace baton::sync {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// Budgets that are told apart; a service with more is treated as one that changes its limits.
constexpr std::size_t kMostAllowances = 8;
/// A refusal that names no time: at first a second, then twice as long each time, until a request passes.
constexpr seconds kFirstBlindHold{1};
constexpr seconds kLongestBlindHold{60};

}  // namespace

RateControl::RateControl(const RateLimit& limit) : limit_(limit), window_(limit.concurrency) {}

Allowance& RateControl::allowance_of(std::int64_t limit) {
  const auto found = std::find_if(allowances_.begin(), allowances_.end(),
                                  [limit](const auto& entry) { return entry.first == limit; });
  if (found != allowances_.end()) return found->second;
  if (allowances_.size() == kMostAllowances) allowances_.erase(allowances_.begin());
  return allowances_.emplace_back(limit, Allowance(limit_.reserve)).second;
}

RateControl::TimePoint RateControl::earliest(TimePoint now) {
  TimePoint moment = std::max({now, next_start_, hold_until_});
  for (auto& [limit, allowance] : allowances_) moment = std::max(moment, allowance.earliest(now, in_flight_));
  return moment;
}

RateControl::Verdict RateControl::start(TimePoint now) {
  const TimePoint moment = earliest(now);
  if (moment > now) {
    if (!held_since_) held_since_ = now;
    held_until_ = moment;
    return Verdict(Verdict::Kind::kWaitUntil, moment);
  }
  nobody_waits(now);
  if (in_flight_ >= window_.size()) return Verdict(Verdict::Kind::kWaitForReturn, now);
  for (auto& [limit, allowance] : allowances_) allowance.start(now);
  if (limit_.requests_per_second > 0) {
    const auto gap = std::chrono::duration_cast<nanoseconds>(
        std::chrono::duration<double>(1.0 / limit_.requests_per_second));
    next_start_ = std::max(next_start_, now) + gap;
  }
  ++in_flight_;
  ++use_.started;
  return Verdict(Verdict::Kind::kGo, now);
}

void RateControl::finish() {
  in_flight_ -= std::min<std::uint32_t>(in_flight_, 1);
}

void RateControl::nobody_waits(TimePoint now) {
  if (held_since_) use_.held += now - *std::exchange(held_since_, std::nullopt);
}

void RateControl::report(const RateReport& report) {
  if (report.remaining) allowance_of(report.limit.value_or(0)).observe(report);
  if (report.outcome == RateReport::Outcome::kAnswered) {
    window_.answered(report.sent, report.received, in_flight_);
    if (report.sent > last_refusal_) blind_refusals_ = 0;
  } else {
    window_.strained(report.sent, report.received);
  }
  std::optional<nanoseconds> wait;
  if (report.retry_after) wait = *report.retry_after;
  if (report.outcome == RateReport::Outcome::kRefused) {
    ++use_.refusals;
    if (!wait && report.reset_at && *report.reset_at > report.received) {
      wait = *report.reset_at - report.received;
    }
    if (!wait || wait->count() <= 0) {
      // Those who were in flight together count as one.
      if (blind_refusals_ == 0 || report.sent >= last_refusal_) {
        wait =
            std::min<nanoseconds>(kLongestBlindHold, kFirstBlindHold * (1 << std::min(blind_refusals_, 6u)));
        ++blind_refusals_;
        last_refusal_ = report.received;
      }
    }
  }
  if (wait) hold_until_ = std::max(hold_until_, report.received + std::min<nanoseconds>(*wait, kLongestHold));
}

RateUse RateControl::use(TimePoint now) const {
  RateUse use = use_;
  if (held_since_) {
    use.held += now - *held_since_;
    use.hold_left = std::max(nanoseconds(0), nanoseconds(held_until_ - now));
  }
  use.in_flight = in_flight_;
  use.window = window_.size();
  for (const auto& [limit, allowance] : allowances_) {
    if (!allowance.known()) continue;
    // The one that is used up furthest.
    const bool tighter = use.limit == 0 || static_cast<double>(allowance.remaining()) * use.limit <
                                               static_cast<double>(use.remaining) * allowance.limit();
    if (!tighter) continue;
    use.limit = allowance.limit();
    use.remaining = allowance.remaining();
  }
  return use;
}

}  // namespace baton::sync
