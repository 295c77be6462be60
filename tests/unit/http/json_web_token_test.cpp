#include "http/json_web_token.hpp"

#include <memory>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"

namespace baton::http {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;

constexpr system_clock::time_point kNow{seconds(1'787'652'000)};

std::string pem_of(EVP_PKEY* key) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), &BIO_free);
  EXPECT_EQ(PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr), 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

class Pair {
 public:
  explicit Pair(EVP_PKEY* made) : key(made, &EVP_PKEY_free), pem(pem_of(made)) {}
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key;
  std::string pem;
};

Pair rsa(unsigned bits) {
  return Pair(EVP_RSA_gen(bits));
}

std::string part(const std::string& token, std::size_t index) {
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  EXPECT_EQ(parts.size(), 3u);
  std::string bytes;
  EXPECT_TRUE(absl::WebSafeBase64Unescape(parts.at(index), &bytes));
  return bytes;
}

JwtClaims some_claims() {
  JwtClaims claims;
  claims.issuer = "svc@example.test";
  claims.audience = "https://auth.test/token";
  claims.scope = "read \"all\"";
  claims.key_id = "k1";
  claims.lifetime = seconds(300);
  return claims;
}

TEST(JsonWebToken, AnRsaKeySignsWhatItsPublicKeyVerifies) {
  const Pair pair = rsa(2048);
  const auto key = SigningKey::from_pem(pair.pem);
  ASSERT_TRUE(key.ok()) << key.status();
  const auto token = make_jwt(*key, some_claims(), kNow, "id-1");
  ASSERT_TRUE(token.ok());
  EXPECT_EQ(part(*token, 0), R"({"alg":"RS256","typ":"JWT","kid":"k1"})");
  EXPECT_EQ(part(*token, 1),
            R"({"iss":"svc@example.test","aud":"https://auth.test/token","scope":"read \"all\"",)"
            R"("jti":"id-1","iat":1787651940,"exp":1787652300})");
  const std::string signature = part(*token, 2);
  const std::string text = token->substr(0, token->rfind('.'));
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  ASSERT_EQ(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, pair.key.get()), 1);
  EXPECT_EQ(
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                       signature.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size()),
      1);
}

TEST(JsonWebToken, AnEllipticKeySignsWithTwoNumbersSideBySide) {
  const Pair pair(EVP_EC_gen("P-256"));
  const auto key = SigningKey::from_pem(pair.pem);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->algorithm(), "ES256");
  for (int i = 0; i < 20; ++i) {
    const auto token = make_jwt(*key, some_claims(), kNow, "id");
    ASSERT_TRUE(token.ok());
    EXPECT_EQ(part(*token, 2).size(), 64u) << "also when a number begins with a zero";
  }
}

TEST(JsonWebToken, WeakAndUnreadableKeysAreRefusedAndNotShown) {
  EXPECT_EQ(SigningKey::from_pem(rsa(1024).pem).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(SigningKey::from_pem(Pair(EVP_EC_gen("P-384")).pem).ok());
  const auto nonsense =
      SigningKey::from_pem("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
  EXPECT_EQ(nonsense.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(nonsense.status().message().find("c2Vj"), std::string::npos);
  EXPECT_FALSE(SigningKey::from_pem("").ok());
}

}  // namespace
}  // namespace baton::http
