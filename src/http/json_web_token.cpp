#include "http/json_web_token.hpp"

#include <algorithm>
#include <cstdint>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace baton::http {
namespace {

/// Bytes of each of the two numbers of an ES256 signature.
constexpr int kHalf = 32;
constexpr int kSmallestRsaBits = 2048;

std::string base64url(std::string_view bytes) {
  return absl::WebSafeBase64Escape(absl::string_view(bytes.data(), bytes.size()));
}

void append_member(std::string& json, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  if (json.back() != '{') json += ',';
  absl::StrAppend(&json, "\"", absl::string_view(name.data(), name.size()), "\":\"");
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (byte < 0x20) {
      absl::StrAppend(&json, "\\u", absl::Hex(byte, absl::kZeroPad4));
    } else {
      json += c;
    }
  }
  json += '"';
}

/// OpenSSL writes an ECDSA signature in DER; JWS wants its two numbers side by side (RFC 7518 §3.4).
absl::StatusOr<std::string> side_by_side(const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(
      d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())), &ECDSA_SIG_free);
  std::string pair(2 * kHalf, '\0');
  auto* out = reinterpret_cast<unsigned char*>(pair.data());
  if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, kHalf) != kHalf ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + kHalf, kHalf) != kHalf) {
    return absl::InternalError("signing a token failed: no ES256 signature");
  }
  return pair;
}

/// Without a terminal to ask on: a key with a pass phrase is refused instead.
int no_pass_phrase(char*, int, int, void*) {
  return 0;
}

}  // namespace

class SigningKey::Key {
 public:
  explicit Key(EVP_PKEY* key) : key_(key, &EVP_PKEY_free) {}
  EVP_PKEY* get() const { return key_.get(); }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

absl::StatusOr<SigningKey> SigningKey::from_pem(std::string_view pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(
      BIO_new_mem_buf(pem.data(), static_cast<int>(std::min<std::size_t>(pem.size(), 64 * 1024))), &BIO_free);
  EVP_PKEY* raw = memory ? PEM_read_bio_PrivateKey(memory.get(), nullptr, &no_pass_phrase, nullptr) : nullptr;
  // OpenSSL keeps its reasons in a queue of the thread, where TLS would find them.
  ERR_clear_error();
  if (raw == nullptr) {
    return absl::InvalidArgumentError(
        "the private key cannot be read: PEM without a pass phrase is expected (BEGIN PRIVATE KEY)");
  }
  auto key = std::make_shared<const Key>(raw);
  const int kind = EVP_PKEY_base_id(raw);
  if (kind == EVP_PKEY_RSA && EVP_PKEY_bits(raw) >= kSmallestRsaBits)
    return SigningKey(std::move(key), false);
  if (kind == EVP_PKEY_EC && EVP_PKEY_bits(raw) == 256) return SigningKey(std::move(key), true);
  return absl::InvalidArgumentError(
      "the private key is neither RSA of 2048 bits or more nor on the curve P-256");
}

absl::StatusOr<std::string> SigningKey::sign(std::string_view header, std::string_view claims) const {
  std::string text = absl::StrCat(base64url(header), ".", base64url(claims));
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  std::string signature;
  bool ok = context != nullptr &&
            EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_->get()) == 1 &&
            EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1;
  if (ok) {
    signature.resize(size);
    ok = EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                        text.size()) == 1;
    signature.resize(size);
  }
  ERR_clear_error();
  if (!ok) return absl::InternalError("signing a token failed");
  if (elliptic_) {
    absl::StatusOr<std::string> pair = side_by_side(signature);
    if (!pair.ok()) return pair.status();
    signature = *std::move(pair);
  }
  return absl::StrCat(text, ".", base64url(signature));
}

absl::StatusOr<std::string> make_jwt(const SigningKey& key, const JwtClaims& claims,
                                     std::chrono::system_clock::time_point now, std::string_view id) {
  std::string header = "{";
  append_member(header, "alg", key.algorithm());
  append_member(header, "typ", "JWT");
  append_member(header, "kid", claims.key_id);
  header += '}';
  std::string body = "{";
  append_member(body, "iss", claims.issuer);
  append_member(body, "sub", claims.subject);
  append_member(body, "aud", claims.audience);
  append_member(body, "scope", claims.scope);
  append_member(body, "jti", id);
  const auto issued = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count() - 60;
  absl::StrAppend(&body, body.size() > 1 ? "," : "", "\"iat\":", issued,
                  ",\"exp\":", issued + 60 + claims.lifetime.count(), "}");
  return key.sign(header, body);
}

}  // namespace baton::http
