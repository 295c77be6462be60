#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace baton::http {

/// A private key that signs JSON Web Tokens (RFC 7515, RFC 7519): RSA (RS256) or the curve P-256 (ES256).
/// Immutable; copies share the key. Nothing prints it.
class SigningKey {
 public:
  /// From PEM text, PKCS#8 or the older forms, without a pass phrase. InvalidArgument for anything else; the
  /// message shows nothing of the text.
  static absl::StatusOr<SigningKey> from_pem(std::string_view pem);

  std::string_view algorithm() const { return elliptic_ ? "ES256" : "RS256"; }
  /// `header.claims.signature` of two JSON texts.
  absl::StatusOr<std::string> sign(std::string_view header, std::string_view claims) const;

 private:
  class Key;
  SigningKey(std::shared_ptr<const Key> key, bool elliptic) : key_(std::move(key)), elliptic_(elliptic) {}

  std::shared_ptr<const Key> key_;
  bool elliptic_;
};

/// What an assertion says.
class JwtClaims {
 public:
  JwtClaims() = default;

  std::string issuer;
  std::string subject;
  std::string audience;
  std::string scope;
  /// Names the key at the service; may be empty.
  std::string key_id;
  std::chrono::seconds lifetime{std::chrono::minutes(5)};
};

/// A signed token with these claims, issued at `now` (a minute before, as clocks differ), with a unique
/// `jti`.
absl::StatusOr<std::string> make_jwt(const SigningKey& key, const JwtClaims& claims,
                                     std::chrono::system_clock::time_point now, std::string_view id);

}  // namespace baton::http
