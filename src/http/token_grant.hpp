#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <type_traits>

#include "absl/status/statusor.h"
#include "http/json_document.hpp"
#include "http/json_web_token.hpp"
#include "http/request.hpp"

namespace baton::http {

/// A token for the API, as a token endpoint gives it out.
class AccessToken {
 public:
  AccessToken() = default;

  std::string value;
  /// Nothing when the service names no end.
  std::optional<std::chrono::system_clock::time_point> expires_at;
  /// The refresh token to use from now on; empty when it stays.
  std::string refresh_token;
};
static_assert(!std::is_aggregate_v<AccessToken>);

/// How a client comes by tokens (RFC 6749, RFC 7523). All texts but the URL and the scope are secrets.
class TokenGrant {
 public:
  enum class Kind {
    /// `client_credentials`.
    kClientCredentials,
    /// `refresh_token`.
    kRefreshToken,
    /// `urn:ietf:params:oauth:grant-type:jwt-bearer`, as Google's service accounts do.
    kAssertion,
    /// The signed token is itself the bearer token, as a GitHub app shows it.
    kSelfSigned,
    /// A signed token is shown to an endpoint that gives out another, as for a GitHub app's installation.
    kExchange,
  };

  static TokenGrant client_credentials(std::string url, std::string id, std::string secret,
                                       std::string scope = {});
  static TokenGrant refresh(std::string url, std::string id, std::string secret, std::string refresh_token,
                            std::string scope = {});
  /// An empty audience means the URL.
  static TokenGrant assertion(std::string url, SigningKey signing_key, JwtClaims claims);
  static TokenGrant self_signed(SigningKey signing_key, JwtClaims claims);
  static TokenGrant exchange(std::string url, SigningKey signing_key, JwtClaims claims);

  /// The client's id and secret go into the form instead of `Authorization: Basic`.
  bool secret_in_form = false;
  Kind kind = Kind::kClientCredentials;
  std::string token_url;
  std::string client_id;
  std::string client_secret;
  std::string refresh_token;
  std::string scope;
  /// Of services that want to know what the token is for; client credentials only.
  std::string audience;
  std::optional<SigningKey> key;
  JwtClaims claims;

 private:
  TokenGrant() = default;
};
static_assert(!std::is_aggregate_v<TokenGrant>);

/// The request that a grant asks its endpoint with. `id` makes an assertion unique.
absl::StatusOr<Request> token_request(const TokenGrant& grant, std::chrono::system_clock::time_point now,
                                      std::string_view id);

/// Reads the answer: `access_token` or `token`, `expires_in` (seconds) or `expires_at` (RFC 3339),
/// `refresh_token`. Unauthenticated when there is no token in it.
absl::StatusOr<AccessToken> read_token(JsonDocument& answer, std::chrono::system_clock::time_point now);

}  // namespace baton::http
