#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace baton {

/// A budget of `units` requests that is given anew, or refilled, over `window`.
class Quota {
 public:
  Quota() = default;
  Quota(std::int64_t quota_units, std::chrono::milliseconds quota_window)
      : units(quota_units), window(quota_window) {}
  friend bool operator==(const Quota&, const Quota&) = default;

  std::int64_t units = 0;
  std::chrono::milliseconds window{0};
};

/// What one response tells the limiter of its key, in monotonic time. Foreign figures are not yet checked
/// for sense; whoever reads them does.
class RateReport {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  enum class Outcome {
    /// Any answer that is no refusal.
    kAnswered,
    /// The service wants fewer requests: 429, or another status that says so.
    kRefused,
    /// The service is near its limits and asks, without refusing, to slow down.
    kStrained,
  };

  RateReport() = default;

  Outcome outcome = Outcome::kAnswered;
  /// When the request went out and when its answer was there.
  TimePoint sent;
  TimePoint received;
  std::optional<std::int64_t> limit;
  std::optional<std::int64_t> remaining;
  /// When the budget is full again.
  std::optional<TimePoint> reset_at;
  /// How long after `received` nothing should be sent.
  std::optional<std::chrono::milliseconds> retry_after;
  /// What the service says about how its budget comes back.
  std::optional<Quota> quota;
};

}  // namespace baton
