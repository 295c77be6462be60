#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/rate_report.hpp"
#include "http/headers.hpp"

namespace baton::http {

/// What the IETF's rate-limit fields say of the budget of requests.
class RateLimitPolicy {
 public:
  RateLimitPolicy() = default;

  std::optional<std::int64_t> limit;
  std::optional<std::int64_t> remaining;
  /// From now until the budget is new.
  std::optional<std::chrono::milliseconds> reset;
  std::optional<Quota> quota;
};

/// Reads `RateLimit` and `RateLimit-Policy` as structured fields (`"hour";r=50;t=30`, `"hour";q=100;w=3600`),
/// as the earlier drafts had them (`limit=100, remaining=50, reset=30`, `100;w=3600`), and the policies that
/// `RateLimit-Limit` and `X-RateLimit-Limit` may list behind the limit (`100, 100;w=60`).
///
/// Of several budgets the one with the least remaining counts, or the first. Budgets of other units than
/// requests (`qu`) and figures that cannot be (negative, more than 15 digits, windows over 31 days) are
/// passed over. Looks at the first 2 KiB and 16 members of a field.
RateLimitPolicy read_rate_limit_policy(const Headers& headers);

}  // namespace baton::http
