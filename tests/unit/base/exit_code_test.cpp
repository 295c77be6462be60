#include "base/exit_code.hpp"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(ExitCode, is_the_grpc_number) {
  EXPECT_EQ(exit_code(absl::OkStatus()), 0);
  EXPECT_EQ(exit_code(absl::CancelledError("")), 1);
  EXPECT_EQ(exit_code(absl::UnknownError("")), 2);
  EXPECT_EQ(exit_code(absl::FailedPreconditionError("")), 9);
  EXPECT_EQ(exit_code(absl::UnimplementedError("")), 12);
  EXPECT_EQ(exit_code(absl::UnavailableError("")), 14);
  EXPECT_EQ(exit_code(absl::UnauthenticatedError("")), 16);
}

TEST(ExitCode, comes_back) {
  for (int code = 0; code <= 16; ++code) {
    EXPECT_EQ(exit_code(absl::Status(status_code_from(code), "x")), code);
  }
  EXPECT_EQ(status_code_from(17), absl::StatusCode::kUnknown);
  EXPECT_EQ(status_code_from(-1), absl::StatusCode::kUnknown);
  EXPECT_EQ(status_code_from(139), absl::StatusCode::kUnknown);
}

}  // namespace
}  // namespace baton
