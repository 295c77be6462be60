#include "http/rate_limit_headers.hpp"

#include <chrono>
#include <initializer_list>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace baton::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::system_clock;
using State = RateLimitFacts::State;

/// 2026-08-25T10:00:00Z.
constexpr system_clock::time_point kNow{seconds(1'787'652'000)};

RateLimitReading read(int status, std::initializer_list<std::pair<std::string, std::string>> fields) {
  Headers headers;
  headers.add("Content-Type", "application/json");
  for (const auto& [name, value] : fields) headers.add(name, value);
  return read_rate_limit(status, headers, kNow);
}

TEST(RateLimitHeaders, EveryFamilyIsRead) {
  for (const std::string family :
       {"X-Ratelimit-", "x-ratelimit-", "RateLimit-", "X-RateLimit-Requests-", "X-Rate-Limit-"}) {
    const RateLimitFacts facts =
        read(200, {{family + "Limit", "100"}, {family + "Remaining", "42"}, {family + "Reset", "30"}}).facts;
    EXPECT_EQ(facts.limit, 100) << family;
    EXPECT_EQ(facts.remaining, 42) << family;
    EXPECT_EQ(facts.reset_at, kNow + seconds(30)) << family;
    EXPECT_EQ(facts.state, State::kOk) << family;
  }
}

TEST(RateLimitHeaders, TheFirstThatIsNotEmptyWins) {
  const RateLimitFacts facts =
      read(200, {{"Ratelimit-Limit", "7"}, {"X-Ratelimit-Limit", " "}, {"X-Rate-Limit-Limit", "9"}}).facts;
  EXPECT_EQ(facts.limit, 7);
}

TEST(RateLimitHeaders, WeightedFormsCountWithTheirLeadingDigits) {
  EXPECT_EQ(read(200, {{"RateLimit-Limit", "100;w=60"}}).facts.limit, 100);
  EXPECT_EQ(read(200, {{"RateLimit-Limit", " 500, 500;w=1"}}).facts.limit, 500);
}

TEST(RateLimitHeaders, ResetsComeInEveryForm) {
  for (const std::string reset :
       {"60", "60.0", "1787652060", "1787652060000", "Tue, 25 Aug 2026 10:01:00 GMT",
        "Tuesday, 25-Aug-26 10:01:00 GMT", "2026-08-25T12:01:00+02:00"}) {
    EXPECT_EQ(read(200, {{"X-RateLimit-Reset", reset}}).facts.reset_at, kNow + seconds(60)) << reset;
  }
}

TEST(RateLimitHeaders, NonsenseIsIgnored) {
  for (const std::string nonsense : {"abc", "-5", "99999999999999999999999", "1e9", "20000000",
                                     "9223372036854775807", "Tue, 25 Aug 2099 10:01:00 GMT", "946080000"}) {
    const RateLimitReading reading = read(
        200,
        {{"X-RateLimit-Limit", "many"}, {"X-RateLimit-Remaining", "?"}, {"X-RateLimit-Reset", nonsense}});
    EXPECT_EQ(reading.facts, RateLimitFacts()) << nonsense;
    EXPECT_FALSE(reading.retry_after.has_value());
  }
}

TEST(RateLimitHeaders, AnUnreadableResetGivesWayToTheNext) {
  const RateLimitReading reading = read(200, {{"X-RateLimit-Reset", "later"}, {"Retry-After", "12"}});
  EXPECT_EQ(reading.facts.reset_at, kNow + seconds(12));
}

TEST(RateLimitHeaders, RetryAfterIsSecondsOrADate) {
  EXPECT_EQ(read(503, {{"Retry-After", "120"}}).retry_after, milliseconds(120'000));
  EXPECT_EQ(read(503, {{"retry-after", "Tue, 25 Aug 2026 10:00:05 GMT"}}).retry_after, milliseconds(5000));
  EXPECT_EQ(read(503, {{"Retry-After", "Tue, 25 Aug 2026 09:00:00 GMT"}}).retry_after, milliseconds(0));
  EXPECT_EQ(read(503, {{"Retry-After", "soon"}}).retry_after, std::nullopt);
}

TEST(RateLimitHeaders, TooManyRequestsIsOverTheLimitWithNothingLeft) {
  const RateLimitReading reading =
      read(429, {{"X-RateLimit-Limit", "10"}, {"X-RateLimit-Remaining", "3"}, {"X-RateLimit-Reset", "20"}});
  EXPECT_EQ(reading.facts.state, State::kOverLimit);
  EXPECT_EQ(reading.facts.limit, 10);
  EXPECT_EQ(reading.facts.remaining, 0);
  EXPECT_EQ(reading.facts.reset_at, kNow + seconds(20));
  EXPECT_FALSE(reading.reset_assumed);
}

TEST(RateLimitHeaders, TooManyRequestsWithoutAResetAssumesAMinute) {
  const RateLimitReading reading = read(429, {});
  EXPECT_EQ(reading.facts.limit, 1);
  EXPECT_EQ(reading.facts.reset_at, kNow + seconds(60));
  EXPECT_TRUE(reading.reset_assumed);
}

TEST(RateLimitHeaders, APastResetCannotMakeUsHammer) {
  EXPECT_EQ(read(429, {{"X-RateLimit-Reset", "1787650000"}}).facts.reset_at, kNow + seconds(1));
  EXPECT_EQ(read(200, {{"X-RateLimit-Reset", "1787650000"}}).facts.reset_at, kNow);
}

TEST(RateLimitHeaders, FractionsOfASecondAreKeptAndRoundedUp) {
  EXPECT_EQ(read(200, {{"X-RateLimit-Reset", "2.713"}}).facts.reset_at, kNow + milliseconds(2713));
  EXPECT_EQ(read(200, {{"X-RateLimit-Reset", "0.0001"}}).facts.reset_at, kNow + milliseconds(1));
  EXPECT_EQ(read(429, {{"Retry-After", "1.5"}}).retry_after, milliseconds(1500));
}

TEST(RateLimitHeaders, AbsoluteMomentsAreReadByTheServicesClock) {
  // The service is an hour behind.
  const std::string date = "Tue, 25 Aug 2026 09:00:00 GMT";
  EXPECT_EQ(read(200, {{"Date", date}, {"X-Rate-Limit-Reset", "1787648430"}}).facts.reset_at,
            kNow + seconds(30));
  EXPECT_EQ(read(429, {{"Date", date}, {"Retry-After", "Tue, 25 Aug 2026 09:00:07 GMT"}}).retry_after,
            milliseconds(7000));
  EXPECT_EQ(read(200, {{"Date", date}, {"X-Rate-Limit-Reset", "30"}}).facts.reset_at, kNow + seconds(30));
}

TEST(RateLimitHeaders, MicrosoftCountsMillisecondsAndSaysWhenItIsStrained) {
  EXPECT_EQ(read(429, {{"x-ms-retry-after-ms", "2500"}, {"Retry-After", "9"}}).retry_after,
            milliseconds(2500));
  EXPECT_TRUE(read(200, {{"x-ms-throttle-limit-percentage", "0.8"}}).strained);
  EXPECT_TRUE(read(200, {{"x-ms-throttle-limit-percentage", "1.72"}}).strained);
  EXPECT_FALSE(read(200, {{"x-ms-throttle-limit-percentage", "0.79"}}).strained);
  EXPECT_FALSE(read(200, {{"x-ms-throttle-limit-percentage", "high"}}).strained);
}

TEST(RateLimitHeaders, GitHubRefusesWith403) {
  const RateLimitReading primary = read(
      403,
      {{"x-ratelimit-limit", "60"}, {"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1787652060"}});
  EXPECT_TRUE(primary.refused);
  EXPECT_EQ(primary.facts.state, State::kOverLimit);
  const RateLimitReading secondary =
      read(403, {{"x-ratelimit-limit", "60"}, {"x-ratelimit-remaining", "59"}, {"retry-after", "60"}});
  EXPECT_TRUE(secondary.refused);
  EXPECT_EQ(secondary.retry_after, milliseconds(60'000));
  EXPECT_FALSE(read(403, {{"x-ratelimit-limit", "60"}, {"x-ratelimit-remaining", "59"}}).refused)
      << "not allowed is not refused for a limit";
  EXPECT_FALSE(read(200, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "60"}}).refused);
}

TEST(RateLimitHeaders, StructuredFieldsAreRead) {
  const RateLimitReading reading =
      read(200, {{"RateLimit-Policy", "\"hour\";q=1000;w=3600, \"burst\";q=100;w=60"},
                 {"RateLimit", "\"hour\";r=700;t=1800, \"burst\";r=12;t=30"}});
  EXPECT_TRUE(reading.has_remaining);
  EXPECT_EQ(reading.facts.remaining, 12);
  EXPECT_EQ(reading.facts.limit, 100);
  EXPECT_EQ(reading.facts.reset_at, kNow + seconds(30));
  EXPECT_EQ(reading.quota, Quota(100, seconds(60)));
}

TEST(RateLimitHeaders, BudgetsOfOtherUnitsArePassedOver) {
  const RateLimitReading reading =
      read(200, {{"RateLimit-Policy", "\"bytes\";q=9;w=10;qu=\"content-bytes\", \"calls\";q=100;w=60"},
                 {"RateLimit", "\"bytes\";r=1;t=5, \"calls\";r=50;t=30"}});
  EXPECT_EQ(reading.facts.remaining, 50);
  EXPECT_EQ(reading.quota, Quota(100, seconds(60)));
}

TEST(RateLimitHeaders, TheFieldsOfEarlierDraftsAreReadToo) {
  const RateLimitReading dictionary =
      read(200, {{"RateLimit", "limit=100, remaining=40, reset=20"}, {"RateLimit-Policy", "100;w=60"}});
  EXPECT_EQ(dictionary.facts.limit, 100);
  EXPECT_EQ(dictionary.facts.remaining, 40);
  EXPECT_EQ(dictionary.facts.reset_at, kNow + seconds(20));
  EXPECT_EQ(dictionary.quota, Quota(100, seconds(60)));
  const RateLimitReading listed =
      read(200, {{"RateLimit-Limit", "100, 100;w=60;comment=\"a, b; c\", 5000;w=3600"},
                 {"RateLimit-Remaining", "40"},
                 {"RateLimit-Reset", "20"}});
  EXPECT_EQ(listed.facts.limit, 100);
  EXPECT_EQ(listed.facts.remaining, 40);
  EXPECT_EQ(listed.quota, Quota(100, seconds(60)));
}

TEST(RateLimitHeaders, HostileStructuredFieldsReadAsNothing) {
  for (const std::string field :
       {"\"", "\"\\", ";;;;", ",,,,", "=", "\"a\";r=-1;t=5", "\"a\";r=1e9", "\"a\";r=99999999999999999999",
        "r=1", "\"a\";q=0;w=0", "0;w=0", "1;w=99999999999"}) {
    const RateLimitReading reading = read(200, {{"RateLimit", field}, {"RateLimit-Policy", field}});
    EXPECT_FALSE(reading.has_remaining) << field;
    EXPECT_FALSE(reading.quota) << field;
  }
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "\"x\";r=5,";
  EXPECT_EQ(read(200, {{"RateLimit", many}}).facts.remaining, 5);
}

TEST(RateLimitHeaders, AResponseThatSaysNothingReadsAsNothing) {
  EXPECT_EQ(read(200, {{"Date", "Tue, 25 Aug 2026 10:00:00 GMT"}}).facts, RateLimitFacts());
}

}  // namespace
}  // namespace baton::http
