#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace baton::http {

class TokenGrant;

/// What proves who we are to the service: a header, a query parameter, tokens that are fetched and renewed,
/// or nothing.
///
/// All of it is secret; nothing in this room prints it, and it goes only to the host of
/// `ClientOptions::base_url` (`may_share_credentials`). Client certificates are in `ClientOptions::tls`.
class Credentials {
 public:
  Credentials() = default;
  static Credentials bearer(std::string_view token);
  static Credentials basic(std::string_view user, std::string_view password);
  /// A header of the service's own, such as `X-API-Key: value`.
  static Credentials api_key_header(std::string_view name, std::string_view value);
  /// A parameter of every request's query.
  static Credentials api_key_query(std::string_view name, std::string_view value);
  /// Tokens as `Authorization: Bearer`: asked for when first needed, renewed before they expire, once for all
  /// who wait, and after a 401.
  static Credentials tokens(TokenGrant grant);

  bool empty() const { return header_value_.empty() && parameter_value_.empty() && !grant_; }
  /// Where `header_value` goes; empty for a query parameter.
  const std::string& header_name() const { return header_name_; }
  /// The ready value of the header; empty for tokens and query parameters.
  const std::string& header_value() const { return header_value_; }
  /// "name=value", encoded; empty unless it is a query parameter.
  std::string query() const;
  const std::shared_ptr<const TokenGrant>& grant() const { return grant_; }
  /// The texts that must never be shown, longest first.
  std::vector<std::string> secrets() const;

 private:
  Credentials(std::string header_name, std::string header_value);

  std::string header_name_ = "Authorization";
  std::string parameter_name_;
  std::string header_value_;
  std::string parameter_value_;
  std::shared_ptr<const TokenGrant> grant_;
};

}  // namespace baton::http
