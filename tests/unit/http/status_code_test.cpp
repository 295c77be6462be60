#include "http/status_code.hpp"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace baton::http {
namespace {

TEST(StatusCode, FollowsTheTable) {
  using Code = absl::StatusCode;
  const std::vector<std::pair<int, Code>> table = {
      {400, Code::kInvalidArgument}, {401, Code::kUnauthenticated},  {403, Code::kPermissionDenied},
      {404, Code::kNotFound},        {408, Code::kDeadlineExceeded}, {409, Code::kAlreadyExists},
      {410, Code::kInvalidArgument}, {422, Code::kInvalidArgument},  {429, Code::kUnavailable},
      {500, Code::kUnavailable},     {501, Code::kUnimplemented},    {502, Code::kUnavailable},
      {503, Code::kUnavailable},     {504, Code::kUnavailable},      {599, Code::kUnavailable},
      {302, Code::kUnknown},         {600, Code::kUnknown},          {0, Code::kUnknown}};
  for (const auto& [http, code] : table) EXPECT_EQ(status_code_of_http(http), code) << http;
}

TEST(StatusCode, PhrasesAreTheUsualOnes) {
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(299), "");
}

}  // namespace
}  // namespace baton::http
