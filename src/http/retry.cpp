#include "http/retry.hpp"

#include <algorithm>

namespace baton::http {

bool is_worth_retrying(Fault fault, bool idempotent) {
  switch (fault) {
    case Fault::kUnreachable:
      return true;
    case Fault::kConnectionLost:
    case Fault::kTruncated:
    case Fault::kUndecodable:
      return idempotent;
    case Fault::kNone:
    case Fault::kCancelled:
    case Fault::kTimeout:
    case Fault::kNoSuchHost:
    case Fault::kCertificate:
    case Fault::kTls:
    case Fault::kProxy:
    case Fault::kTooLarge:
    case Fault::kLocal:
      return false;
  }
  return false;
}

bool is_worth_retrying(int http_status, bool idempotent) {
  if (!idempotent || http_status == 501 || http_status == 505) return false;
  return http_status == 429 || (http_status >= 500 && http_status <= 599);
}

std::chrono::milliseconds backoff_before(int next_try, double jitter, const RetryOptions& options) {
  std::chrono::milliseconds bound = options.backoff;
  for (int i = 2; i < next_try && bound < options.longest_backoff; ++i) bound *= 2;
  bound = std::min(bound, options.longest_backoff);
  // At least half of the bound: a wait of nearly nothing would not give a struggling service any room.
  return std::chrono::milliseconds(
      static_cast<std::int64_t>(static_cast<double>(bound.count()) * (0.5 + jitter / 2)));
}

std::optional<std::chrono::milliseconds> requested_wait(int http_status, const RateLimitReading& reading,
                                                        std::chrono::system_clock::time_point now) {
  if (reading.retry_after) return reading.retry_after;
  const bool refused = http_status == 429 || reading.refused;
  if (!refused || reading.reset_assumed || !reading.facts.reset_at) return std::nullopt;
  return std::max(std::chrono::milliseconds(0),
                  std::chrono::ceil<std::chrono::milliseconds>(*reading.facts.reset_at - now));
}

}  // namespace baton::http
