#pragma once

#include <chrono>
#include <optional>

#include "base/error_facts.hpp"
#include "http/headers.hpp"

namespace baton::http {

/// What the headers of one response say about the budget and about trying again.
class RateLimitReading {
 public:
  RateLimitReading() = default;

  RateLimitFacts facts;
  /// `Retry-After` (seconds or a date), as time from now; at least zero.
  std::optional<std::chrono::milliseconds> retry_after;
  /// A 429 named no usable reset: `facts.reset_at` is our guess of a minute.
  bool reset_assumed = false;
};

/// Reads the families `X-Ratelimit-*`, `Ratelimit-*`, `X-RateLimit-Requests-*` and `X-Rate-Limit-*`, the
/// first that is not empty winning for each of limit, remaining and reset, and `Retry-After`.
///
/// Weighted forms ("100;w=60") count with their leading digits. A reset is seconds from now, or Unix time in
/// seconds or milliseconds when it is larger than thirty years, or a date. What cannot be right is ignored:
/// text without leading digits, resets more than 31 days ahead. A reset that is past reads as now (on a 429
/// as one second from now, so that a skewed clock cannot make us hammer). A 429 is always over the limit with
/// nothing remaining.
RateLimitReading read_rate_limit(int status, const Headers& headers,
                                 std::chrono::system_clock::time_point now);

}  // namespace baton::http
