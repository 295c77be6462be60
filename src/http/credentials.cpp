#include "http/credentials.hpp"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace baton::http {

Credentials::Credentials(std::string header_value) : header_value_(std::move(header_value)) {}

Credentials Credentials::bearer(std::string_view token) {
  if (token.empty()) return Credentials();
  return Credentials(absl::StrCat("Bearer ", absl::string_view(token.data(), token.size())));
}

Credentials Credentials::basic(std::string_view user, std::string_view password) {
  std::string pair(user);
  pair += ':';
  pair += password;
  return Credentials(absl::StrCat("Basic ", absl::Base64Escape(pair)));
}

}  // namespace baton::http
