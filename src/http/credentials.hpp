#pragma once

#include <string>
#include <string_view>

namespace baton::http {

/// What proves who we are to the service: the ready value of an `Authorization` header, or nothing.
///
/// The value is a secret; nothing in this room prints it, and it goes only to the host of
/// `ClientOptions::base_url` (`may_share_credentials`).
class Credentials {
 public:
  Credentials() = default;
  static Credentials bearer(std::string_view token);
  static Credentials basic(std::string_view user, std::string_view password);

  bool empty() const { return header_value_.empty(); }
  const std::string& header_value() const { return header_value_; }

 private:
  explicit Credentials(std::string header_value);

  std::string header_value_;
};

}  // namespace baton::http
