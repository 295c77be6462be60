#include "tenant/gatekeeper.hpp"

#include <chrono>
#include <cstdio>
#include <optional>

#include <absl/strings/escaping.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "tenant/hash.hpp"

namespace tenant {
namespace {

constexpr std::string_view kBearer = "Bearer ";
constexpr std::string_view kJwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr std::size_t kEs256Half = 32;

/// A field of a form, decoded; empty if it is not there.
std::string field(std::string_view form, std::string_view name) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  while (!form.empty()) {
    std::string_view pair = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(form.size(), pair.size() + 1));
    if (!pair.starts_with(name) || pair.size() <= name.size() || pair[name.size()] != '=') continue;
    pair.remove_prefix(name.size() + 1);
    std::string value;
    for (std::size_t i = 0; i < pair.size(); ++i) {
      if (pair[i] == '%' && i + 2 < pair.size()) {
        value += static_cast<char>(digit(pair[i + 1]) * 16 + digit(pair[i + 2]));
        i += 2;
      } else {
        value += pair[i] == '+' ? ' ' : pair[i];
      }
    }
    return value;
  }
  return {};
}

std::optional<std::string> decoded(std::string_view base64url) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(absl::string_view(base64url.data(), base64url.size()), &bytes))
    return std::nullopt;
  return bytes;
}

/// The number behind `"name":` in JSON that a client of ours wrote.
std::uint64_t number_in(std::string_view json, std::string_view name) {
  const std::size_t at = json.find("\"" + std::string(name) + "\":");
  if (at == std::string_view::npos) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = at + name.size() + 3; i < json.size() && json[i] >= '0' && json[i] <= '9'; ++i)
    value = value * 10 + static_cast<std::uint64_t>(json[i] - '0');
  return value;
}

/// JWS writes an ECDSA signature as two numbers of equal length; OpenSSL wants them in DER.
std::string der_signature(const std::string& pair) {
  if (pair.size() != 2 * kEs256Half) return {};
  const auto* bytes = reinterpret_cast<const unsigned char*>(pair.data());
  std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(ECDSA_SIG_new(), &ECDSA_SIG_free);
  BIGNUM* r = BN_bin2bn(bytes, kEs256Half, nullptr);
  BIGNUM* s = BN_bin2bn(bytes + kEs256Half, kEs256Half, nullptr);
  ECDSA_SIG_set0(signature.get(), r, s);
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  std::string result(reinterpret_cast<const char*>(der), static_cast<std::size_t>(std::max(size, 0)));
  OPENSSL_free(der);
  return result;
}

Gatekeeper::Answer refusal(int status, const char* error) {
  return Gatekeeper::Answer{status, std::string("{\"error\":\"") + error +
                                        "\",\"error_description\":\"the request was not accepted\"}"};
}

}  // namespace

Gatekeeper::Gatekeeper(const Options& options)
    : token_(options.token),
      basic_(options.basic.empty() ? "" : "Basic " + absl::Base64Escape(options.basic)),
      api_key_(options.api_key),
      client_(options.oauth_client),
      refresh_(options.oauth_refresh),
      uses_(options.token_uses),
      seed_(options.shape.seed) {}

absl::Status Gatekeeper::prepare(const Options& options) {
  if (options.oauth_jwt_key.empty()) return absl::OkStatus();
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(options.oauth_jwt_key.c_str(), "r"),
                                                       &std::fclose);
  if (file) jwt_key_.reset(PEM_read_PUBKEY(file.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  if (jwt_key_) return absl::OkStatus();
  return absl::InvalidArgumentError("--oauth-jwt-key: no public key can be read from " +
                                    options.oauth_jwt_key);
}

bool Gatekeeper::open() const {
  return token_.empty() && basic_.empty() && api_key_.empty() && client_.empty() && refresh_.empty() &&
         !jwt_key_;
}

bool Gatekeeper::admits(std::string_view authorization, std::string_view api_key) {
  if (open()) return true;
  if (!api_key_.empty() && api_key == api_key_) return true;
  if (!basic_.empty() && authorization == basic_) return true;
  if (!authorization.starts_with(kBearer)) return false;
  authorization.remove_prefix(kBearer.size());
  if (!token_.empty() && authorization == token_) return true;
  const auto found = uses_left_.find(authorization);
  if (found == uses_left_.end()) return false;
  if (uses_ == 0) return true;
  if (found->second == 0) return false;
  --found->second;
  return true;
}

Gatekeeper::Answer Gatekeeper::issue(bool with_refresh) {
  ++issued_;
  const std::uint64_t mark = draw(stream_key(seed_, Stream::kJitter), issued_);
  std::string token = "at-" + std::to_string(issued_) + "-" + std::to_string(mark);
  uses_left_.emplace(token, uses_);
  std::string json = "{\"access_token\":\"" + token + "\",\"token_type\":\"Bearer\",\"expires_in\":3600";
  if (with_refresh) json += ",\"refresh_token\":\"" + refresh_ + "\"";
  return Answer{200, json + "}"};
}

bool Gatekeeper::verifies(std::string_view assertion) const {
  const std::size_t first = assertion.find('.');
  const std::size_t last = assertion.rfind('.');
  if (!jwt_key_ || first == std::string_view::npos || first == last) return false;
  const auto head = decoded(assertion.substr(0, first));
  const auto claims = decoded(assertion.substr(first + 1, last - first - 1));
  auto signature = decoded(assertion.substr(last + 1));
  if (!head || !claims || !signature) return false;
  const bool elliptic = EVP_PKEY_base_id(jwt_key_.get()) == EVP_PKEY_EC;
  if (head->find(elliptic ? "\"alg\":\"ES256\"" : "\"alg\":\"RS256\"") == std::string::npos) return false;
  if (elliptic) signature = der_signature(*signature);
  const auto now = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
  if (number_in(*claims, "exp") <= now || number_in(*claims, "iat") > now + 60) return false;
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const std::string_view text = assertion.substr(0, last);
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, jwt_key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature->data()),
                          signature->size(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size()) == 1;
}

Gatekeeper::Answer Gatekeeper::answer_token(std::string_view authorization, std::string_view form) {
  const std::string grant = field(form, "grant_type");
  if (grant == kJwtGrant) {
    if (!verifies(field(form, "assertion"))) return refusal(400, "invalid_grant");
    return issue(false);
  }
  const std::string by_form = field(form, "client_id") + ":" + field(form, "client_secret");
  const bool known =
      !client_.empty() && (authorization == "Basic " + absl::Base64Escape(client_) || by_form == client_);
  if (!known) return refusal(401, "invalid_client");
  if (grant == "client_credentials") return issue(false);
  if (grant != "refresh_token") return refusal(400, "unsupported_grant_type");
  if (refresh_.empty() || field(form, "refresh_token") != refresh_) return refusal(400, "invalid_grant");
  return issue(true);
}

}  // namespace tenant
