#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <absl/status/status.h>

#include "tenant/options.hpp"

typedef struct evp_pkey_st EVP_PKEY;

namespace tenant {

/// Who may pass: a fixed bearer token, a user and password, an API key, or a token that it gave out itself
/// and that is good for so many requests. Not thread-safe.
class Gatekeeper {
 public:
  /// What a token endpoint answers (RFC 6749 §5).
  struct Answer {
    int status;
    std::string json;
  };

  explicit Gatekeeper(const Options& options);

  /// Reads the public key. InvalidArgument when that is none.
  absl::Status prepare(const Options& options);

  /// Whether a request may pass; counts as a use of the token that it shows.
  bool admits(std::string_view authorization, std::string_view api_key);
  /// Answers `POST /oauth/token`: client_credentials (by Basic or in the form), refresh_token, and assertions
  /// (RFC 7523) by RS256 or ES256.
  Answer answer_token(std::string_view authorization, std::string_view form);
  /// Forgets the tokens it gave out.
  void reset() { uses_left_.clear(); }

 private:
  bool open() const;
  bool verifies(std::string_view assertion) const;
  Answer issue(bool with_refresh);

  std::string token_;
  std::string basic_;
  std::string api_key_;
  std::string client_;
  std::string refresh_;
  std::uint64_t uses_;
  std::uint64_t seed_;
  std::uint64_t issued_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> uses_left_;
  std::shared_ptr<EVP_PKEY> jwt_key_;
};

}  // namespace tenant
