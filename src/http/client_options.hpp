#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "http/cassette.hpp"
#include "http/credentials.hpp"
#include "http/proxy.hpp"
#include "http/response_cache.hpp"

namespace baton::http {

/// Limits on time; each is measured from the start of its own step, `total` from the grant of the permit of
/// one try to its last byte. Kept by one coarse clock per client: a limit fires up to an eighth late, 250 ms
/// at most.
class Timeouts {
 public:
  Timeouts() = default;

  std::chrono::milliseconds connect = std::chrono::seconds(30);
  std::chrono::milliseconds tls = std::chrono::seconds(10);
  std::chrono::milliseconds header = std::chrono::seconds(60);
  std::chrono::milliseconds total = std::chrono::seconds(300);
  /// How long a connection may lie idle before it is closed instead of used again.
  std::chrono::milliseconds idle = std::chrono::seconds(30);
};

/// How failed requests are repeated.
class RetryOptions {
 public:
  RetryOptions() = default;

  /// Tries in all; 1 turns repeating off.
  int tries = 3;
  /// Upper bound of the random wait before the second try; doubles with each further one.
  std::chrono::milliseconds backoff = std::chrono::milliseconds(250);
  std::chrono::milliseconds longest_backoff = std::chrono::seconds(10);
  /// A service that asks for a longer wait than this is not waited for here: the error carries what it said.
  std::chrono::milliseconds longest_requested_wait = std::chrono::seconds(30);
};

/// What a client shows and trusts when it sets up TLS, as PEM texts; the key is a secret.
class TlsOptions {
 public:
  TlsOptions() = default;

  /// Client certificate with its chain, and the private key; both or none.
  std::string certificate;
  std::string key;
  /// Certificates to trust beside the system's.
  std::string authorities;
};

/// How a client talks to its service.
class ClientOptions {
 public:
  explicit ClientOptions(std::string url) : base_url(std::move(url)) {}

  /// `http://` or `https://`, with or without a path prefix.
  std::string base_url;
  Credentials credentials;
  TlsOptions tls;
  /// Nothing means what `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` say.
  std::optional<ProxySettings> proxies;
  /// For tests: records what is asked and answered, or answers in the place of the service.
  std::shared_ptr<Cassette> cassette;
  /// Answers to GET that are used again.
  CacheOptions cache;
  /// Ask for compressed bodies.
  bool compression = true;
  std::string user_agent = "baton-cxx/" BATON_VERSION;
  Timeouts timeouts;
  RetryOptions retry;
  std::size_t max_connections_per_host = 64;
  /// A longer body, after decompression, ends the request with ResourceExhausted.
  std::size_t max_body_bytes = std::size_t{256} * 1024 * 1024;
  int max_redirects = 10;
  /// What the body of an error answer says, for the message; nothing, or the empty text, where it says
  /// nothing that this function knows: then the message shows how the body begins. The result is cut and
  /// scrubbed like the body itself.
  std::function<std::string(std::string_view body)> error_text;
  /// The budget of requests that name none; empty means the origin of `base_url` and the credentials.
  std::string limit_key;
  /// Where time (for dates in headers) and jitter come from; null means the system. Outlive the client.
  const Clock* clock = nullptr;
  Entropy* entropy = nullptr;
};

}  // namespace baton::http
