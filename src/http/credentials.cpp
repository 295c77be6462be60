#include "http/credentials.hpp"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "http/token_grant.hpp"
#include "http/url.hpp"

namespace baton::http {

Credentials::Credentials(std::string header_name, std::string header_value)
    : header_name_(std::move(header_name)), header_value_(std::move(header_value)) {}

Credentials Credentials::bearer(std::string_view token) {
  if (token.empty()) return Credentials();
  return Credentials("Authorization", absl::StrCat("Bearer ", absl::string_view(token.data(), token.size())));
}

Credentials Credentials::basic(std::string_view user, std::string_view password) {
  std::string pair(user);
  pair += ':';
  pair += password;
  return Credentials("Authorization", absl::StrCat("Basic ", absl::Base64Escape(pair)));
}

Credentials Credentials::api_key_header(std::string_view name, std::string_view value) {
  return Credentials(std::string(name), std::string(value));
}

Credentials Credentials::api_key_query(std::string_view name, std::string_view value) {
  Credentials credentials;
  credentials.parameter_name_ = name;
  credentials.parameter_value_ = value;
  return credentials;
}

Credentials Credentials::tokens(TokenGrant grant) {
  Credentials credentials;
  credentials.grant_ = std::make_shared<const TokenGrant>(std::move(grant));
  return credentials;
}

std::string Credentials::query() const {
  if (parameter_value_.empty()) return {};
  return percent_encode(parameter_name_) + "=" + percent_encode(parameter_value_);
}

std::vector<std::string> Credentials::secrets() const {
  std::vector<std::string> secrets = {header_value_, parameter_value_};
  if (const std::size_t space = header_value_.find(' '); space != std::string::npos) {
    secrets.push_back(header_value_.substr(space + 1));
    std::string pair;
    if (absl::Base64Unescape(secrets.back(), &pair)) {
      if (const std::size_t colon = pair.find(':'); colon != std::string::npos) {
        secrets.push_back(pair.substr(colon + 1));
      }
    }
  }
  if (grant_) {
    secrets.push_back(grant_->client_secret);
    secrets.push_back(grant_->refresh_token);
  }
  // What is shorter than this would be found in every second text.
  std::erase_if(secrets, [](const std::string& secret) { return secret.size() < 4; });
  std::sort(secrets.begin(), secrets.end(),
            [](const std::string& left, const std::string& right) { return left.size() > right.size(); });
  return secrets;
}

}  // namespace baton::http
