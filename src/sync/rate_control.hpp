#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/rate_report.hpp"
#include "sync/allowance.hpp"
#include "sync/concurrency_window.hpp"

namespace baton::sync {

/// Bounds that the operator sets for every limit key.
class RateLimit {
 public:
  RateLimit() = default;

  /// Requests in flight at a time.
  std::uint32_t concurrency = 64;
  /// Requests started a second; 0 is no bound.
  double requests_per_second = 0;
  /// Share of a budget that is left unused, at least one request.
  double reserve = 0.02;
};

/// What one limit key has done so far.
class RateUse {
 public:
  RateUse() = default;

  std::uint64_t started = 0;
  std::uint64_t refusals = 0;
  /// How long somebody could not start because of a limit, a refusal or a fixed rate.
  std::chrono::nanoseconds held{0};
  /// How much longer, if all hold now; 0 otherwise.
  std::chrono::nanoseconds hold_left{0};
  /// The tightest budget that the service has told of; 0 when none.
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  std::uint32_t in_flight = 0;
  std::uint32_t window = 0;
};

/// Decides when a request under one limit key may start: the fixed bounds, the budgets that answers tell of
/// (told apart by their limit, as services give dear calls a smaller one), holds after refusals, and the
/// concurrency window. Pure: time comes in as an argument, never going backwards. Not thread-safe.
class RateControl {
 public:
  using TimePoint = RateReport::TimePoint;

  /// Whether a request may start.
  class Verdict {
   public:
    enum class Kind {
      kGo,
      /// Not before `at`; an answer may change that.
      kWaitUntil,
      /// When a permit comes back.
      kWaitForReturn,
    };

    Verdict(Kind verdict, TimePoint moment) : kind(verdict), at(moment) {}

    Kind kind;
    TimePoint at;
  };

  explicit RateControl(const RateLimit& limit);

  /// Starts a request if one may start.
  Verdict start(TimePoint now);
  /// A permit comes back; one that was not `spent` cost the service nothing.
  void finish();
  /// Takes in an answer; before its permit comes back.
  void report(const RateReport& report);
  /// Nobody waits any more.
  void nobody_waits(TimePoint now);

  std::uint32_t in_flight() const { return in_flight_; }
  RateUse use(TimePoint now) const;

 private:
  TimePoint earliest(TimePoint now);
  Allowance& allowance_of(std::int64_t limit);

  RateLimit limit_;
  ConcurrencyWindow window_;
  /// By their limits; 0 stands for "not named".
  std::vector<std::pair<std::int64_t, Allowance>> allowances_;
  std::uint32_t in_flight_ = 0;
  TimePoint next_start_{};
  TimePoint hold_until_{};
  std::uint32_t blind_refusals_ = 0;
  TimePoint last_refusal_{};
  std::optional<TimePoint> held_since_;
  TimePoint held_until_{};
  RateUse use_;
};

}  // namespace baton::sync
