#pragma once

#include <chrono>
#include <optional>

#include "base/error_facts.hpp"
#include "base/rate_report.hpp"
#include "http/headers.hpp"

namespace baton::http {

/// What the headers of one response say about the budget and about trying again.
class RateLimitReading {
 public:
  RateLimitReading() = default;

  RateLimitFacts facts;
  /// The service named what remains; without it `facts.remaining` is no figure.
  bool has_remaining = false;
  /// `Retry-After` (seconds or a date) or `Retry-After-Ms`, as time from now; at least zero.
  std::optional<std::chrono::milliseconds> retry_after;
  /// A 429 named no usable reset: `facts.reset_at` is our guess of a minute.
  bool reset_assumed = false;
  /// How the budget comes back, where the service announces a policy: of several the one that is used up
  /// furthest, or the first.
  std::optional<Quota> quota;
  /// The status is no 429, yet the service refuses for a limit: a 403 as GitHub answers it, with nothing
  /// remaining or with `Retry-After`.
  bool refused = false;
  /// The service says that it is near its limit (`x-ms-throttle-limit-percentage` from 0.8).
  bool strained = false;
};

/// Reads the families `X-Ratelimit-*`, `Ratelimit-*`, `X-RateLimit-Requests-*` and `X-Rate-Limit-*`, the
/// first that is not empty winning for each of limit, remaining and reset; `RateLimit` and `RateLimit-Policy`
/// (draft-ietf-httpapi-ratelimit-headers, as structured fields and in the older forms), `Retry-After`,
/// `Retry-After-Ms` and `x-ms-retry-after-ms`.
///
/// Weighted forms ("100;w=60") count with their leading digits. A reset is seconds from now, fractions
/// allowed, or Unix time in seconds or milliseconds when it is larger than thirty years, or a date. Absolute
/// moments are read by the service's own clock, where a `Date` header tells it. What cannot be right is
/// ignored: text without leading digits, resets more than 31 days ahead. A reset that is past reads as now
/// (on a 429 as one second from now, so that a skewed clock cannot make us hammer). A 429 is always over the
/// limit with nothing remaining.
RateLimitReading read_rate_limit(int status, const Headers& headers,
                                 std::chrono::system_clock::time_point now);

}  // namespace baton::http
