#pragma once

#include <chrono>
#include <optional>

#include "http/client_options.hpp"
#include "http/network_failure.hpp"
#include "http/rate_limit_headers.hpp"

namespace baton::http {

/// Whether a failure below HTTP is worth another try. One before anything was sent always is, a later one
/// only for an idempotent request; a certificate that cannot be verified, a name that does not exist and
/// everything that ran into its time limit never.
bool is_worth_retrying(Fault fault, bool idempotent);

/// The same for a response: 429 and 5xx except 501 and 505, idempotent requests only.
bool is_worth_retrying(int http_status, bool idempotent);

/// How long to wait before try number `next_try` (2 is the first repetition): a random share of a bound that
/// doubles with each try, `jitter` being from [0, 1).
std::chrono::milliseconds backoff_before(int next_try, double jitter, const RetryOptions& options);

/// The wait that a response asks for; nothing when it asks for none. `now` is when it was read.
std::optional<std::chrono::milliseconds> requested_wait(int http_status, const RateLimitReading& reading,
                                                        std::chrono::system_clock::time_point now);

}  // namespace baton::http
