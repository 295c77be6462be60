#include "http/retry.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace baton::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::chrono::system_clock::time_point kNow{seconds(1'787'652'000)};

TEST(Retry, WhatWasNeverSentMayAlwaysBeTriedAgain) {
  EXPECT_TRUE(is_worth_retrying(Fault::kUnreachable, true));
  EXPECT_TRUE(is_worth_retrying(Fault::kUnreachable, false));
}

TEST(Retry, WhatMayHaveArrivedOnlyWhenIdempotent) {
  for (const Fault fault : {Fault::kConnectionLost, Fault::kTruncated, Fault::kUndecodable}) {
    EXPECT_TRUE(is_worth_retrying(fault, true));
    EXPECT_FALSE(is_worth_retrying(fault, false));
  }
  EXPECT_TRUE(is_worth_retrying(503, true));
  EXPECT_FALSE(is_worth_retrying(503, false));
}

TEST(Retry, SomeFailuresAreFinal) {
  for (const Fault fault : {Fault::kNone, Fault::kCancelled, Fault::kTimeout, Fault::kNoSuchHost,
                            Fault::kCertificate, Fault::kTls, Fault::kTooLarge, Fault::kLocal}) {
    EXPECT_FALSE(is_worth_retrying(fault, true)) << static_cast<int>(fault);
  }
  for (const int status : {200, 301, 400, 401, 403, 404, 408, 409, 422, 501, 505, 600}) {
    EXPECT_FALSE(is_worth_retrying(status, true)) << status;
  }
  for (const int status : {429, 500, 502, 503, 504, 520})
    EXPECT_TRUE(is_worth_retrying(status, true)) << status;
}

TEST(Retry, BackoffDoublesWithinItsBounds) {
  RetryOptions options;
  options.backoff = milliseconds(100);
  options.longest_backoff = milliseconds(1000);
  EXPECT_EQ(backoff_before(2, 0.0, options), milliseconds(50));
  EXPECT_EQ(backoff_before(2, 0.5, options), milliseconds(75));
  EXPECT_EQ(backoff_before(3, 0.5, options), milliseconds(150));
  EXPECT_EQ(backoff_before(50, 0.0, options), milliseconds(500));
  EXPECT_LE(backoff_before(50, 0.999, options), milliseconds(1000));
}

TEST(Retry, TheServicesOwnWaitIsFollowed) {
  RateLimitReading reading;
  EXPECT_EQ(requested_wait(503, reading, kNow), std::nullopt);
  reading.facts.reset_at = kNow + seconds(9);
  EXPECT_EQ(requested_wait(503, reading, kNow), std::nullopt);
  EXPECT_EQ(requested_wait(429, reading, kNow), seconds(9));
  reading.reset_assumed = true;
  EXPECT_EQ(requested_wait(429, reading, kNow), std::nullopt);
  reading.retry_after = seconds(4);
  EXPECT_EQ(requested_wait(429, reading, kNow), seconds(4));
}

TEST(NetworkFailure, FaultsMapToTheCodesThatRetryRulesSpeak) {
  EXPECT_EQ(NetworkFailure(Fault::kUnreachable, "").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(NetworkFailure(Fault::kConnectionLost, "").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(NetworkFailure(Fault::kTruncated, "").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(NetworkFailure(Fault::kNoSuchHost, "").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(NetworkFailure(Fault::kTimeout, "").code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(NetworkFailure(Fault::kCertificate, "").code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(NetworkFailure(Fault::kUndecodable, "").code(), absl::StatusCode::kInternal);
  EXPECT_FALSE(static_cast<bool>(NetworkFailure()));
}

}  // namespace
}  // namespace baton::http
