#include "base/error_facts.hpp"

#include <gtest/gtest.h>

#include "absl/strings/cord.h"

namespace baton {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using WallTime = std::chrono::system_clock::time_point;

TEST(ErrorFacts, are_absent_until_set) {
  const absl::Status status = absl::UnavailableError("down");
  EXPECT_FALSE(retry_after(status));
  EXPECT_FALSE(retry_at(status));
  EXPECT_FALSE(http_status(status));
  EXPECT_FALSE(retryable(status));
  EXPECT_FALSE(rate_limit(status));
  EXPECT_FALSE(subject(status));
}

TEST(ErrorFacts, come_back_as_set) {
  absl::Status status = absl::UnavailableError("down");
  set_retry_after(status, milliseconds(1500));
  set_retry_at(status, WallTime(seconds(1'795'404'050)));
  set_http_status(status, 503);
  set_retryable(status, false);
  RateLimitFacts facts;
  facts.state = RateLimitFacts::State::kOverLimit;
  facts.limit = 100;
  facts.remaining = 3;
  facts.reset_at = WallTime(milliseconds(1'795'404'050'123));
  set_rate_limit(status, facts);
  set_subject(status, SubjectResource("group", std::string_view("g\0\1", 3)));

  EXPECT_EQ(retry_after(status), milliseconds(1500));
  EXPECT_EQ(retry_at(status), WallTime(seconds(1'795'404'050)));
  EXPECT_EQ(http_status(status), 503);
  EXPECT_EQ(retryable(status), false);
  EXPECT_EQ(rate_limit(status), facts);
  EXPECT_EQ(subject(status), SubjectResource("group", std::string_view("g\0\1", 3)));
}

TEST(ErrorFacts, rate_limit_without_reset) {
  absl::Status status = absl::ResourceExhaustedError("slow down");
  set_rate_limit(status, RateLimitFacts());
  ASSERT_TRUE(rate_limit(status));
  EXPECT_FALSE(rate_limit(status)->reset_at);
}

TEST(ErrorFacts, unreadable_payloads_are_absent) {
  absl::Status status = absl::UnavailableError("down");
  status.SetPayload("baton/http_status", absl::Cord("5o3"));
  status.SetPayload("baton/rate_limit", absl::Cord("1"));
  status.SetPayload("baton/subject", absl::Cord("\x01"));
  EXPECT_FALSE(http_status(status));
  EXPECT_FALSE(rate_limit(status));
  EXPECT_FALSE(subject(status));
}

TEST(RequestedWait, prefers_the_plainest_fact) {
  const FixedClock clock(WallTime(seconds(1000)));
  absl::Status status = absl::UnavailableError("down");
  EXPECT_FALSE(requested_wait(status, clock));
  RateLimitFacts facts;
  facts.reset_at = WallTime(seconds(1030));
  set_rate_limit(status, facts);
  EXPECT_EQ(requested_wait(status, clock), seconds(30));
  set_retry_at(status, WallTime(seconds(1020)));
  EXPECT_EQ(requested_wait(status, clock), seconds(20));
  set_retry_after(status, seconds(10));
  EXPECT_EQ(requested_wait(status, clock), seconds(10));
}

TEST(RequestedWait, is_never_negative) {
  const FixedClock clock(WallTime(seconds(1000)));
  absl::Status status = absl::UnavailableError("down");
  set_retry_at(status, WallTime(seconds(900)));
  EXPECT_EQ(requested_wait(status, clock), seconds(0));
}

TEST(Annotate, keeps_code_and_payloads) {
  absl::Status status = absl::NotFoundError("no such group");
  set_http_status(status, 404);
  const absl::Status annotated = annotate(status, "listing grants of group/g1");
  EXPECT_EQ(annotated.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(annotated.message(), "listing grants of group/g1: no such group");
  EXPECT_EQ(http_status(annotated), 404);
  EXPECT_TRUE(annotate(absl::OkStatus(), "context").ok());
}

}  // namespace
}  // namespace baton
