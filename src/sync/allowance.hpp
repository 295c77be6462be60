#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/rate_report.hpp"

namespace baton::sync {

/// Longest time that anything is held back: a service that names a later moment is asked again after it.
inline constexpr std::chrono::minutes kLongestHold{65};

/// What is left of one budget of a service, as far as its answers tell.
///
/// Within a window nothing is paced: a request may start while the lowest count seen in it, less what is in
/// flight, is above a reserve; from there on all hold until the budget is new. A budget whose count rises
/// before that is a bucket that refills: it is then followed at its own rate. A service that announces a
/// policy (`RateLimit-Policy`) but shows no such rise is asked for one with a single request, which the
/// reserve pays for. Time comes in as an argument. Not thread-safe.
class Allowance {
 public:
  using TimePoint = RateReport::TimePoint;

  /// `reserve_share` of the limit is left unused, at least one request.
  explicit Allowance(double reserve_share) : reserve_share_(reserve_share) {}

  /// Takes in an answer that names how much remains; others are ignored, and so are figures that cannot be.
  void observe(const RateReport& report);

  /// The earliest moment for one more request while `in_flight` are out; `now` when it may start at once. An
  /// answer that comes meanwhile may bring it forward.
  TimePoint earliest(TimePoint now, std::uint32_t in_flight);
  /// A request starts.
  void start(TimePoint now);

  bool known() const { return known_; }
  std::int64_t limit() const { return limit_; }
  std::int64_t remaining() const { return remaining_; }
  /// When the budget is new, as far as is known.
  std::optional<TimePoint> reset_at() const;
  /// Whether the budget was seen to refill.
  bool refills() const { return nature_ == Nature::kBucket; }

 private:
  enum class Nature { kUnknown, kWindow, kBucket };

  void roll(TimePoint now);
  std::int64_t reserve() const;
  /// Units a second; 0 when the service says nothing.
  double rate() const;
  bool explains(std::int64_t rise, std::chrono::nanoseconds time) const;
  void begin_window(const RateReport& report, std::int64_t remaining);
  void take_reset(const RateReport& report);

  double reserve_share_;
  bool known_ = false;
  Nature nature_ = Nature::kUnknown;
  std::int64_t limit_ = 0;
  /// The lowest of this window; of a bucket, the one asked for last.
  std::int64_t remaining_ = 0;
  std::optional<Quota> quota_;
  /// The earliest and the latest moment that answers of this window named.
  std::optional<TimePoint> first_reset_;
  std::optional<TimePoint> last_reset_;
  /// Answers to what was sent before belong to the window before.
  TimePoint window_start_{};
  /// When `remaining_` was asked for and learned.
  TimePoint asked_at_{};
  TimePoint learned_at_{};
  /// A request that is to show whether the budget refills.
  std::optional<TimePoint> probe_;
};

}  // namespace baton::sync
