#include "http/token_grant.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "http/credentials.hpp"
#include "http/http_date.hpp"
#include "http/json.hpp"
#include "http/url.hpp"

namespace baton::http {
namespace {

constexpr std::string_view kJwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr std::int64_t kLongestLifeSeconds = std::int64_t{10} * 365 * 24 * 3600;

}  // namespace

TokenGrant TokenGrant::client_credentials(std::string url, std::string id, std::string secret,
                                          std::string scope) {
  TokenGrant grant;
  grant.kind = Kind::kClientCredentials;
  grant.token_url = std::move(url);
  grant.client_id = std::move(id);
  grant.client_secret = std::move(secret);
  grant.scope = std::move(scope);
  return grant;
}

TokenGrant TokenGrant::refresh(std::string url, std::string id, std::string secret, std::string refresh_token,
                               std::string scope) {
  TokenGrant grant = client_credentials(std::move(url), std::move(id), std::move(secret), std::move(scope));
  grant.kind = Kind::kRefreshToken;
  grant.refresh_token = std::move(refresh_token);
  return grant;
}

TokenGrant TokenGrant::assertion(std::string url, SigningKey signing_key, JwtClaims claims) {
  TokenGrant grant;
  grant.kind = Kind::kAssertion;
  if (claims.audience.empty()) claims.audience = url;
  grant.token_url = std::move(url);
  grant.key = std::move(signing_key);
  grant.claims = std::move(claims);
  return grant;
}

TokenGrant TokenGrant::self_signed(SigningKey signing_key, JwtClaims claims) {
  TokenGrant grant;
  grant.kind = Kind::kSelfSigned;
  grant.key = std::move(signing_key);
  grant.claims = std::move(claims);
  return grant;
}

TokenGrant TokenGrant::exchange(std::string url, SigningKey signing_key, JwtClaims claims) {
  TokenGrant grant = self_signed(std::move(signing_key), std::move(claims));
  grant.kind = Kind::kExchange;
  grant.token_url = std::move(url);
  return grant;
}

absl::StatusOr<Request> token_request(const TokenGrant& grant, std::chrono::system_clock::time_point now,
                                      std::string_view id) {
  Request request(Method::kPost, grant.token_url);
  request.anonymous = true;
  request.goes_on = true;
  // Asking twice costs nothing, but a refresh token may be good for one use only.
  request.idempotent = grant.kind != TokenGrant::Kind::kRefreshToken;
  std::string signed_token;
  if (grant.key) {
    absl::StatusOr<std::string> jwt = make_jwt(*grant.key, grant.claims, now, id);
    if (!jwt.ok()) return jwt.status();
    signed_token = *std::move(jwt);
  }
  std::vector<std::pair<std::string, std::string>> form;
  switch (grant.kind) {
    case TokenGrant::Kind::kSelfSigned:
    case TokenGrant::Kind::kExchange:
      request.header("Authorization", Credentials::bearer(signed_token).header_value());
      return request;
    case TokenGrant::Kind::kAssertion:
      form.emplace_back("grant_type", kJwtBearer);
      form.emplace_back("assertion", signed_token);
      break;
    case TokenGrant::Kind::kClientCredentials:
      form.emplace_back("grant_type", "client_credentials");
      if (!grant.scope.empty()) form.emplace_back("scope", grant.scope);
      if (!grant.audience.empty()) form.emplace_back("audience", grant.audience);
      break;
    case TokenGrant::Kind::kRefreshToken:
      form.emplace_back("grant_type", "refresh_token");
      form.emplace_back("refresh_token", grant.refresh_token);
      if (!grant.scope.empty()) form.emplace_back("scope", grant.scope);
      break;
  }
  if (!grant.client_id.empty()) {
    if (grant.secret_in_form || grant.client_secret.empty()) {
      form.emplace_back("client_id", grant.client_id);
      if (!grant.client_secret.empty()) form.emplace_back("client_secret", grant.client_secret);
    } else {
      // RFC 6749 §2.3.1: both are form-encoded before they become a user and a password.
      request.header("Authorization",
                     Credentials::basic(percent_encode(grant.client_id), percent_encode(grant.client_secret))
                         .header_value());
    }
  }
  request.form(form);
  return request;
}

absl::StatusOr<AccessToken> read_token(JsonDocument& answer, std::chrono::system_clock::time_point now) {
  JsonObject json = json_root(answer);
  AccessToken token;
  token.value = json.string_or("access_token", "");
  if (token.value.empty()) token.value = json.string_or("token", "");
  token.refresh_token = json.string_or("refresh_token", "");
  if (const auto seconds = json.find("expires_in"); seconds && !seconds->is_null()) {
    // A number, or one in quotes, as some services write it.
    const std::string_view text = seconds->id();
    std::int64_t life = 0;
    for (const char c : text.substr(0, 12)) {
      if (c < '0' || c > '9') break;
      life = life * 10 + (c - '0');
    }
    if (life > 0) token.expires_at = now + std::chrono::seconds(std::min(life, kLongestLifeSeconds));
  } else if (const std::string_view moment = json.string_or("expires_at", ""); !moment.empty()) {
    token.expires_at = parse_http_date(moment);
  }
  if (!json.status().ok()) return json.status();
  if (token.value.empty() || !is_valid_field("Authorization", token.value)) {
    return absl::UnauthenticatedError("the answer of the token endpoint holds no token");
  }
  return token;
}

}  // namespace baton::http
