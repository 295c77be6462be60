#pragma once

#include <chrono>
#include <cstdint>

namespace tenant {

/// What a limit counts.
enum class LimitStyle {
  /// A budget that is new in each window.
  kWindow,
  /// A budget that refills all the time, `limit` per `window`, and starts full.
  kBucket,
};

/// A rate limit: `limit` requests per `window`, the rest is refused.
///
/// As a window: the first request opens one; further windows follow it without gaps, and after a whole window
/// without a request the next one opens a fresh window of its own. So a client that comes late in a window
/// loses nothing of the next one. Time comes in as an argument. Not thread-safe.
class Limiter {
 public:
  using Clock = std::chrono::steady_clock;

  /// What one request is told, admitted or not.
  struct Verdict {
    bool admitted;
    std::uint64_t limit;
    std::uint64_t remaining;     ///< requests left now
    std::chrono::seconds reset;  ///< until the budget is whole again, rounded up
    std::chrono::seconds again;  ///< until the next request is admitted, if nobody else comes; rounded up
  };

  /// A limit of 0 admits everything.
  Limiter(std::uint64_t limit, std::chrono::nanoseconds window, LimitStyle style = LimitStyle::kWindow)
      : limit_(limit), window_(window), style_(style) {}

  bool enabled() const { return limit_ > 0; }
  /// Counts a request at `now`, which never goes backwards.
  Verdict admit(Clock::time_point now);
  /// Forgets all windows.
  void reset() { open_ = false; }
  /// How long after the first of `requests` requests the last one can be admitted at the earliest, if the
  /// first one opens a window.
  std::chrono::nanoseconds earliest_finish(std::uint64_t requests) const;

 private:
  Verdict admit_from_bucket(Clock::time_point now);

  std::uint64_t limit_;
  std::chrono::nanoseconds window_;
  LimitStyle style_;
  /// Requests that the bucket holds, with fractions.
  double level_ = 0;
  bool open_ = false;
  Clock::time_point start_;
  std::uint64_t used_ = 0;
};

}  // namespace tenant
