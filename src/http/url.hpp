#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace baton::http {

/// Longest URL that is parsed; page tokens travel in URLs, so this is generous.
inline constexpr std::size_t kMaxUrlBytes = 32 * 1024;

/// An absolute `http` or `https` URL, split into what a request needs (RFC 3986 §3).
///
/// Host and scheme are lower case, an IPv6 literal is kept without its brackets, the fragment is dropped,
/// bytes outside ASCII are percent-encoded. User info is refused: credentials belong into `ClientOptions`,
/// where nothing prints them. Immutable once parsed; copies are independent.
class Url {
 public:
  /// InvalidArgument, naming the place, for anything else than what is described above.
  static absl::StatusOr<Url> parse(std::string_view text);

  bool secure() const { return secure_; }
  std::string_view scheme() const { return secure_ ? "https" : "http"; }
  const std::string& host() const { return host_; }
  std::uint16_t port() const { return port_; }
  /// Path and query as they go into the request line; never empty.
  const std::string& target() const { return target_; }

  /// What the `Host` header says: the port only when it is not the scheme's own.
  const std::string& authority() const { return authority_; }
  /// `https://host:port`, always with the port: the key of a connection pool.
  const std::string& origin() const { return origin_; }
  std::string text() const;

  /// The URL of an API call below this base. An absolute `target` stands for itself; any other is appended
  /// to this URL's path with exactly one `/` between, so that the prefix of a base like
  /// `https://host/api/v2` stays. A query of the base is dropped.
  absl::StatusOr<Url> append(std::string_view target) const;

  /// The URL that `reference` means when it is read at this one (RFC 3986 §5.2): for `Location` and links.
  absl::StatusOr<Url> resolve(std::string_view reference) const;

 private:
  Url() = default;
  absl::StatusOr<Url> with_target(std::string_view target) const;

  bool secure_ = false;
  std::uint16_t port_ = 0;
  std::string host_;
  std::string target_;
  std::string authority_;
  std::string origin_;
};

/// Whether credentials for `from` may be sent to `to`: the same host, and the same port or both the default
/// ports of their schemes; never from https down to http.
bool may_share_credentials(const Url& from, const Url& to);

/// `text` with everything but RFC 3986's unreserved characters percent-encoded: for query values and path
/// segments.
std::string percent_encode(std::string_view text);

}  // namespace baton::http
