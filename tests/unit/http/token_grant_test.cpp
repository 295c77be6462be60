#include "http/token_grant.hpp"

#include <gtest/gtest.h>

#include "http/json_document.hpp"

namespace baton::http {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;

constexpr system_clock::time_point kNow{seconds(1'787'652'000)};

absl::StatusOr<AccessToken> read(std::string_view json) {
  Body body;
  EXPECT_TRUE(body.append(json));
  body.seal();
  auto document = JsonPool::create()->parse(std::move(body), "POST token");
  if (!document.ok()) return document.status();
  return read_token(*document, kNow);
}

TEST(TokenGrant, ClientCredentialsGoIntoTheHeaderOrTheForm) {
  TokenGrant grant = TokenGrant::client_credentials("https://auth.test/token", "my id", "s:cret", "a b");
  const auto by_header = token_request(grant, kNow, "1");
  ASSERT_TRUE(by_header.ok());
  EXPECT_TRUE(by_header->anonymous);
  EXPECT_TRUE(by_header->is_idempotent());
  EXPECT_EQ(by_header->headers.value("Authorization"), "Basic bXklMjBpZDpzJTNBY3JldA==");
  EXPECT_EQ(by_header->headers.value("Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(by_header->body, "grant_type=client_credentials&scope=a%20b");
  grant.secret_in_form = true;
  const auto by_form = token_request(grant, kNow, "1");
  EXPECT_EQ(by_form->body,
            "grant_type=client_credentials&scope=a%20b&client_id=my%20id&client_secret=s%3Acret");
  EXPECT_FALSE(by_form->headers.find("Authorization"));
}

TEST(TokenGrant, ARefreshTokenIsSentOnceOnly) {
  const auto request =
      token_request(TokenGrant::refresh("https://auth.test/token", "id", "secret", "r-1"), kNow, "1");
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->body, "grant_type=refresh_token&refresh_token=r-1");
  EXPECT_FALSE(request->is_idempotent());
}

TEST(TokenGrant, AnswersAreReadAsServicesWriteThem) {
  const auto usual =
      read(R"({"access_token":"a","token_type":"Bearer","expires_in":3600,"refresh_token":"r"})");
  ASSERT_TRUE(usual.ok()) << usual.status();
  EXPECT_EQ(usual->value, "a");
  EXPECT_EQ(usual->refresh_token, "r");
  EXPECT_EQ(usual->expires_at, kNow + seconds(3600));
  EXPECT_EQ(read(R"({"access_token":"a","expires_in":"60"})")->expires_at, kNow + seconds(60));
  EXPECT_EQ(read(R"({"access_token":"a"})")->expires_at, std::nullopt);
  const auto installation = read(R"({"token":"ghs","expires_at":"2026-08-25T11:00:00Z"})");
  ASSERT_TRUE(installation.ok());
  EXPECT_EQ(installation->value, "ghs");
  EXPECT_EQ(installation->expires_at, kNow + seconds(3600));
}

TEST(TokenGrant, AnswersWithoutAUsableTokenAreRefused) {
  for (const std::string_view json : {"{}", R"({"access_token":""})", R"({"access_token":"a\nb"})"}) {
    EXPECT_EQ(read(json).status().code(), absl::StatusCode::kUnauthenticated) << json;
  }
  EXPECT_FALSE(read(R"({"access_token":7})").ok());
  EXPECT_FALSE(read(R"([])").ok());
}

}  // namespace
}  // namespace baton::http
