#include "connectors/ldap/result_code.hpp"

#include <ldap.h>

#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace baton::connectors::ldap {
namespace {

TEST(ResultStatus, SpeaksCanonicalCodes) {
  using Code = absl::StatusCode;
  const std::pair<int, Code> cases[] = {
      {LDAP_SUCCESS, Code::kOk},
      {LDAP_INVALID_CREDENTIALS, Code::kUnauthenticated},
      {LDAP_INSUFFICIENT_ACCESS, Code::kPermissionDenied},
      {LDAP_CONFIDENTIALITY_REQUIRED, Code::kFailedPrecondition},
      {LDAP_BUSY, Code::kUnavailable},
      {LDAP_UNAVAILABLE, Code::kUnavailable},
      {LDAP_SERVER_DOWN, Code::kUnavailable},
      {LDAP_TIMELIMIT_EXCEEDED, Code::kDeadlineExceeded},
      {LDAP_SIZELIMIT_EXCEEDED, Code::kResourceExhausted},
      {LDAP_NO_SUCH_OBJECT, Code::kNotFound},
      {LDAP_FILTER_ERROR, Code::kInvalidArgument},
      {LDAP_OTHER, Code::kUnknown},
  };
  for (const auto& [code, wanted] : cases) EXPECT_EQ(result_status(code, "x", "").code(), wanted) << code;
}

TEST(ResultStatus, SaysWhatWhyAndWhatToDoInOneLine) {
  const std::string message(
      result_status(LDAP_SIZELIMIT_EXCEEDED, "searching dc=x", "line one\nline two").message());
  EXPECT_EQ(message.rfind("searching dc=x: ", 0), 0u) << message;
  EXPECT_NE(message.find("LDAP result 4"), std::string::npos) << message;
  EXPECT_NE(message.find("--filter"), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

TEST(LostSearch, IsWhatServersSayOfACookieTheyDoNotKnow) {
  EXPECT_TRUE(is_lost_search(LDAP_UNWILLING_TO_PERFORM));
  EXPECT_TRUE(is_lost_search(LDAP_PROTOCOL_ERROR));
  EXPECT_FALSE(is_lost_search(LDAP_BUSY));
}

}  // namespace
}  // namespace baton::connectors::ldap
