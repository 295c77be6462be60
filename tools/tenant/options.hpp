#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <absl/status/status.h>

#include "tenant/directory.hpp"
#include "tenant/limiter.hpp"
#include "tenant/paging.hpp"

namespace tenant {

/// How answers tell of the rate limit.
enum class RateHeaders {
  kX,           ///< `X-RateLimit-Limit`, `-Remaining`, `-Reset`; refusals have `Retry-After`
  kIetf,        ///< `RateLimit` and `RateLimit-Policy` as structured fields; refusals have `Retry-After`
  kRetryAfter,  ///< only refusals say something: `Retry-After`
  kNone,
};

/// Everything a tenant can be told, with the defaults of the command line.
struct Options {
  Shape shape;
  PagingStyle paging = PagingStyle::kCursor;
  std::uint64_t page_size = 200;
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
  /// Every answer under /v1 comes `latency` plus up to `jitter` after its request.
  std::chrono::nanoseconds latency{0};
  std::chrono::nanoseconds jitter{0};
  std::uint64_t rate_limit = 0;  ///< requests per window; 0: unlimited
  std::chrono::nanoseconds rate_window = std::chrono::seconds(1);
  LimitStyle rate_style = LimitStyle::kWindow;
  RateHeaders rate_headers = RateHeaders::kX;
  std::string faults;  ///< see FaultSchedule
  /// Pause between the pieces of a slow body.
  std::chrono::nanoseconds slow_pause = std::chrono::milliseconds(20);
  std::string tls_cert;  ///< PEM files; both or none
  std::string tls_key;
  std::string log;            ///< path of the request log; empty: none
  std::string tls_client_ca;  ///< PEM file; clients must then show a certificate that it signed
  /// What a request under /v1 may show to pass; with none of them set, anything goes.
  std::string basic;             ///< USER:PASSWORD
  std::string api_key;           ///< as `X-API-Key`, or as the parameter `api_key`
  std::string oauth_client;      ///< ID:SECRET; turns on `POST /oauth/token`
  std::string oauth_refresh;     ///< the refresh token that is taken there
  std::string oauth_jwt_key;     ///< PEM file of the public key that signed assertions are checked with
  std::uint64_t token_uses = 0;  ///< requests that an issued token is good for; 0: any number
  std::string token;             ///< what `Authorization: Bearer` must carry under /v1; empty: anything goes
};

/// Whether a tenant can be started with these options, as far as that shows without touching the system.
/// InvalidArgument names the flag at fault.
absl::Status check_options(const Options& options);

/// A command line, understood or not.
struct CommandLine {
  Options options;
  /// Set when the process should print `text` and end with this code: 0 (help, version) or 2 (a bad flag).
  std::optional<int> exit_code;
  std::string text;
};

CommandLine parse_command_line(int argc, const char* const* argv);

}  // namespace tenant
