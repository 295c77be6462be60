#include "sync/allowance.hpp"

#include <algorithm>
#include <cmath>

namespace baton::sync {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

/// Larger figures are a mistake; below, sums cannot overflow.
constexpr std::int64_t kLargestLimit = 1'000'000'000'000;
/// For a service that counts down without saying until when.
constexpr seconds kUnnamedReset{1};
/// How many units a probe waits for: one would not tell a refill from a window.
constexpr double kProbeUnits = 2;

nanoseconds time_for(double units, double rate) {
  const double longest = std::chrono::duration<double>(kLongestHold).count();
  return std::chrono::ceil<nanoseconds>(
      std::chrono::duration<double>(std::clamp(units / rate, 0.0, longest)));
}

}  // namespace

std::int64_t Allowance::reserve() const {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(reserve_share_ * static_cast<double>(limit_)));
}

double Allowance::rate() const {
  if (!quota_) return 0;
  return static_cast<double>(quota_->units) / std::chrono::duration<double>(quota_->window).count();
}

bool Allowance::explains(std::int64_t rise, nanoseconds time) const {
  return static_cast<double>(rise) <= rate() * std::chrono::duration<double>(time).count() + 1;
}

void Allowance::take_reset(const RateReport& report) {
  const TimePoint latest = report.received + kLongestHold;
  TimePoint named = report.received + (quota_ ? nanoseconds(quota_->window) : nanoseconds(kUnnamedReset));
  if (report.reset_at) named = std::clamp(*report.reset_at, report.received, latest);
  last_reset_ = last_reset_ ? std::max(*last_reset_, named) : named;
  // Services round up to whole seconds, and every answer of a window rounds the same moment: the earliest
  // is the closest. Where none is named, the last answer counts.
  first_reset_ = first_reset_ && report.reset_at ? std::min(*first_reset_, named) : named;
}

std::optional<Allowance::TimePoint> Allowance::reset_at() const {
  // What is full again sooner after the first request than after the last may be a bucket.
  return quota_ && nature_ == Nature::kUnknown ? last_reset_ : first_reset_;
}

void Allowance::begin_window(const RateReport& report, std::int64_t remaining) {
  window_start_ = report.sent;
  remaining_ = remaining;
  asked_at_ = report.sent;
  learned_at_ = report.received;
  first_reset_.reset();
  last_reset_.reset();
  probe_.reset();
  take_reset(report);
}

void Allowance::observe(const RateReport& report) {
  if (!report.remaining || *report.remaining < 0 || *report.remaining > kLargestLimit) return;
  if (report.limit && (*report.limit <= 0 || *report.limit > kLargestLimit)) return;
  if (known_ && report.sent < window_start_) return;
  limit_ = report.limit ? *report.limit : std::max(limit_, *report.remaining + 1);
  const std::int64_t remaining = std::min(*report.remaining, limit_);
  if (report.quota && report.quota->units > 0 && report.quota->units <= kLargestLimit &&
      report.quota->window.count() > 0) {
    quota_ = report.quota;
  }
  if (!known_) {
    known_ = true;
    begin_window(report, remaining);
    return;
  }
  if (nature_ == Nature::kBucket) {
    if (report.sent < asked_at_) return;
    remaining_ = remaining;
    asked_at_ = report.sent;
    learned_at_ = report.received;
    return;
  }
  const bool answers_probe = probe_ && report.sent >= *probe_;
  const std::int64_t expected = remaining_ - (answers_probe ? 1 : 0);
  if (remaining > expected && report.sent >= learned_at_) {
    // More than there can be of a window that only runs down. A refilling bucket says at what rate.
    if (nature_ == Nature::kUnknown && explains(remaining - expected, report.received - asked_at_)) {
      nature_ = Nature::kBucket;
      remaining_ = remaining;
      asked_at_ = report.sent;
      learned_at_ = report.received;
      probe_.reset();
    } else {
      begin_window(report, remaining);
    }
    return;
  }
  if (answers_probe) {
    probe_.reset();
    nature_ = Nature::kWindow;
  }
  if (remaining <= remaining_) {
    remaining_ = remaining;
    asked_at_ = std::max(asked_at_, report.sent);
    learned_at_ = std::max(learned_at_, report.received);
  }
  take_reset(report);
}

void Allowance::roll(TimePoint now) {
  const std::optional<TimePoint> reset = reset_at();
  if (nature_ == Nature::kBucket || !reset || now < *reset) return;
  window_start_ = *reset;
  remaining_ = limit_;
  asked_at_ = learned_at_ = window_start_;
  first_reset_.reset();
  last_reset_.reset();
  probe_.reset();
}

Allowance::TimePoint Allowance::earliest(TimePoint now, std::uint32_t in_flight) {
  if (!known_) return now;
  roll(now);
  const std::int64_t needed = reserve() + 1 + in_flight;
  if (remaining_ >= needed) return now;
  if (nature_ == Nature::kBucket) {
    // More than it holds never comes in; an answer has to make room.
    if (needed > limit_ && in_flight > 0) return now + kUnnamedReset;
    const double units = static_cast<double>(std::min(needed, limit_) - remaining_);
    return std::max(now, learned_at_ + time_for(units, rate()));
  }
  const TimePoint reset = reset_at().value_or(now + kUnnamedReset);
  if (nature_ == Nature::kUnknown && rate() > 0 && !probe_ && in_flight == 0 && remaining_ > 0) {
    return std::min(reset, std::max(now, learned_at_ + time_for(kProbeUnits, rate())));
  }
  return reset;
}

void Allowance::start(TimePoint now) {
  if (!known_ || nature_ != Nature::kUnknown || rate() <= 0 || probe_) return;
  if (remaining_ <= reserve()) probe_ = now;
}

}  // namespace baton::sync
