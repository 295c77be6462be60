#include "sync/retry.hpp"

#include <gtest/gtest.h>

#include "base/error_facts.hpp"

namespace baton::sync {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Operation kListings[] = {Operation::kListResources, Operation::kListStaticEntitlements,
                                   Operation::kListEntitlements, Operation::kListGrants};
constexpr Operation kOthers[] = {Operation::kUnspecified, Operation::kListResourceTypes,
                                 Operation::kListExternalResources, Operation::kGrantExpansion};

absl::Status error(absl::StatusCode code) {
  return absl::Status(code, "said the service");
}

class RetryTest : public ::testing::Test {
 protected:
  milliseconds wait(const absl::Status& status, std::uint32_t attempt) {
    return retry_wait(status, attempt, clock_, entropy_);
  }

  FixedClock clock_{std::chrono::system_clock::from_time_t(1'700'000'000)};
  SeededEntropy entropy_{7};
};

TEST(Judge, gives_every_code_its_verdict_in_every_operation) {
  struct Case {
    absl::StatusCode code;
    Verdict listing;
    Verdict other;
  };
  const Case cases[] = {
      {absl::StatusCode::kCancelled, Verdict::kFatal, Verdict::kFatal},
      {absl::StatusCode::kUnknown, Verdict::kFatal, Verdict::kFatal},
      {absl::StatusCode::kInvalidArgument, Verdict::kFatal, Verdict::kFatal},
      {absl::StatusCode::kDeadlineExceeded, Verdict::kRetry, Verdict::kRetry},
      {absl::StatusCode::kNotFound, Verdict::kDrop, Verdict::kFatal},
      {absl::StatusCode::kAlreadyExists, Verdict::kFatal, Verdict::kFatal},
      {absl::StatusCode::kPermissionDenied, Verdict::kFatal, Verdict::kFatal},
      {absl::StatusCode::kResourceExhausted, Verdict::kFatal, Verdict::kFatal},
      {absl::StatusCode::kFailedPrecondition, Verdict::kFatal, Verdict::kFatal},
      {absl::StatusCode::kAborted, Verdict::kFatal, Verdict::kFatal},
      {absl::StatusCode::kOutOfRange, Verdict::kFatal, Verdict::kFatal},
      {absl::StatusCode::kUnimplemented, Verdict::kFatal, Verdict::kFatal},
      {absl::StatusCode::kInternal, Verdict::kFatal, Verdict::kFatal},
      {absl::StatusCode::kUnavailable, Verdict::kRetry, Verdict::kRetry},
      {absl::StatusCode::kDataLoss, Verdict::kFatal, Verdict::kFatal},
      {absl::StatusCode::kUnauthenticated, Verdict::kFatal, Verdict::kFatal},
  };
  for (const Case& one : cases) {
    for (const Operation operation : kListings) {
      EXPECT_EQ(judge(error(one.code), operation), one.listing) << one.code << to_string(operation);
    }
    for (const Operation operation : kOthers) {
      EXPECT_EQ(judge(error(one.code), operation), one.other) << one.code << to_string(operation);
    }
  }
}

TEST(Judge, believes_the_edge_that_says_no) {
  absl::Status certificate = error(absl::StatusCode::kUnavailable);
  set_retryable(certificate, false);
  EXPECT_EQ(judge(certificate, Operation::kListGrants), Verdict::kFatal);
  set_retryable(certificate, true);
  EXPECT_EQ(judge(certificate, Operation::kListGrants), Verdict::kRetry);
}

TEST(Judge, retries_an_exhausted_budget_that_tells_when_it_ends) {
  absl::Status after = error(absl::StatusCode::kResourceExhausted);
  set_retry_after(after, seconds(3));
  EXPECT_EQ(judge(after, Operation::kListGrants), Verdict::kRetry);

  const auto moment = std::chrono::system_clock::from_time_t(1'700'000'100);
  absl::Status at = error(absl::StatusCode::kResourceExhausted);
  set_retry_at(at, moment);
  EXPECT_EQ(judge(at, Operation::kListResourceTypes), Verdict::kRetry);

  RateLimitFacts facts;
  facts.state = RateLimitFacts::State::kOverLimit;
  absl::Status budget = error(absl::StatusCode::kResourceExhausted);
  set_rate_limit(budget, facts);
  EXPECT_EQ(judge(budget, Operation::kListGrants), Verdict::kFatal) << "no end is known";
  facts.reset_at = moment;
  set_rate_limit(budget, facts);
  EXPECT_EQ(judge(budget, Operation::kListGrants), Verdict::kRetry);
}

TEST_F(RetryTest, waits_a_jittered_second_for_each_attempt_up_to_a_minute) {
  const absl::Status unavailable = error(absl::StatusCode::kUnavailable);
  struct Case {
    std::uint32_t attempt;
    milliseconds longest;
  };
  const Case cases[] = {{0, seconds(1)},   {1, seconds(1)},   {2, seconds(2)},         {30, seconds(30)},
                        {60, seconds(60)}, {61, seconds(60)}, {4'000'000, seconds(60)}};
  for (const Case& one : cases) {
    milliseconds least = milliseconds::max();
    milliseconds most{0};
    for (int i = 0; i < 300; ++i) {
      const milliseconds value = wait(unavailable, one.attempt);
      least = std::min(least, value);
      most = std::max(most, value);
    }
    EXPECT_GE(least, one.longest / 2) << one.attempt;
    EXPECT_LE(most, one.longest) << one.attempt;
    EXPECT_GT(most - least, one.longest / 5) << one.attempt << ": cursors would return together";
  }
}

TEST_F(RetryTest, waits_what_the_error_asks_for_and_a_little_more) {
  absl::Status asked = error(absl::StatusCode::kUnavailable);
  set_retry_after(asked, seconds(90));
  for (int i = 0; i < 100; ++i) {
    const milliseconds value = wait(asked, 1);
    EXPECT_GT(value, seconds(90));
    EXPECT_LE(value, seconds(90) + milliseconds(250));
  }

  RateLimitFacts facts;
  facts.reset_at = clock_.now() + minutes(64);
  absl::Status budget = error(absl::StatusCode::kResourceExhausted);
  set_rate_limit(budget, facts);
  EXPECT_GT(wait(budget, 1), minutes(64)) << "a hold may be longer than a backoff";

  facts.reset_at = clock_.now() + minutes(600);
  set_rate_limit(budget, facts);
  EXPECT_GE(wait(budget, 1), minutes(65));
  EXPECT_LE(wait(budget, 1), minutes(65) + milliseconds(250)) << "an absurd reset is not believed";
}

TEST_F(RetryTest, backs_off_when_the_moment_it_was_told_is_over) {
  absl::Status past = error(absl::StatusCode::kUnavailable);
  set_retry_at(past, clock_.now() - minutes(1));
  const milliseconds value = wait(past, 4);
  EXPECT_GE(value, seconds(2));
  EXPECT_LE(value, seconds(4));
}

TEST(ValidateWait, doubles_and_stays_bounded) {
  SeededEntropy entropy(3);
  for (std::uint32_t attempt = 1; attempt <= kValidateRetries; ++attempt) {
    const milliseconds longest = milliseconds(200) * (1U << attempt);
    for (int i = 0; i < 50; ++i) {
      const milliseconds value = validate_wait(attempt, entropy);
      EXPECT_GE(value, longest / 2);
      EXPECT_LE(value, longest);
    }
  }
  EXPECT_LE(validate_wait(4'000'000'000U, entropy), milliseconds(200) * 1024);
}

}  // namespace
}  // namespace baton::sync
