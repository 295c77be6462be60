#include "sync/allowance.hpp"

#include <gtest/gtest.h>

namespace baton::sync {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using TimePoint = Allowance::TimePoint;

constexpr TimePoint kStart{seconds(1000)};

RateReport answer(TimePoint sent, std::int64_t limit, std::int64_t remaining, milliseconds reset) {
  RateReport report;
  report.sent = sent;
  report.received = sent + milliseconds(10);
  report.limit = limit;
  report.remaining = remaining;
  report.reset_at = report.received + reset;
  return report;
}

class AllowanceTest : public ::testing::Test {
 protected:
  bool free_at(TimePoint now, std::uint32_t in_flight) { return allowance_.earliest(now, in_flight) <= now; }

  Allowance allowance_{0.02};
};

TEST_F(AllowanceTest, NothingIsHeldBeforeTheServiceNamesABudget) {
  EXPECT_TRUE(free_at(kStart, 1000));
  RateReport silent;
  silent.sent = silent.received = kStart;
  allowance_.observe(silent);
  EXPECT_FALSE(allowance_.known());
}

TEST_F(AllowanceTest, RunsAtFullSpeedDownToTheReserveThenHoldsUntilTheReset) {
  allowance_.observe(answer(kStart, 150, 20, seconds(3)));
  const TimePoint now = kStart + milliseconds(10);
  EXPECT_TRUE(free_at(now, 16));
  EXPECT_FALSE(free_at(now, 17)) << "20 remaining less 17 in flight is the reserve of 3";
  allowance_.observe(answer(kStart + milliseconds(20), 150, 3, seconds(3)));
  EXPECT_EQ(allowance_.earliest(kStart + milliseconds(30), 0), now + seconds(3));
  EXPECT_TRUE(free_at(now + seconds(3), 0));
}

TEST_F(AllowanceTest, TheReserveIsAtLeastOneRequest) {
  allowance_.observe(answer(kStart, 10, 1, seconds(3)));
  EXPECT_FALSE(free_at(kStart + milliseconds(10), 0));
  allowance_.observe(answer(kStart + seconds(4), 10, 2, seconds(3)));
  EXPECT_TRUE(free_at(kStart + seconds(4) + milliseconds(10), 0));
}

TEST_F(AllowanceTest, TheLowestCountOfAWindowStands) {
  allowance_.observe(answer(kStart, 100, 50, seconds(9)));
  // Sent before the first answer was there: it may well have been counted before.
  allowance_.observe(answer(kStart + milliseconds(5), 100, 60, seconds(9)));
  EXPECT_EQ(allowance_.remaining(), 50);
}

TEST_F(AllowanceTest, ManyRoundedResetsOfOneMomentNarrowItDown) {
  // The window ends at +2.5 s; a service that rounds up says 3 twice, and 2 after a while.
  allowance_.observe(answer(kStart, 100, 50, seconds(3)));
  allowance_.observe(answer(kStart + milliseconds(300), 100, 2, seconds(3)));
  EXPECT_EQ(allowance_.earliest(kStart + milliseconds(400), 0), kStart + milliseconds(3010));
}

TEST_F(AllowanceTest, AnswersToTheWindowBeforeAreNotCountedAgainstTheNew) {
  allowance_.observe(answer(kStart, 100, 2, seconds(1)));
  EXPECT_TRUE(free_at(kStart + milliseconds(1010), 0));
  RateReport late = answer(kStart + milliseconds(900), 100, 1, seconds(1));
  late.received = kStart + milliseconds(1200);
  allowance_.observe(late);
  EXPECT_TRUE(free_at(kStart + milliseconds(1200), 40));
}

TEST_F(AllowanceTest, AResetThatComesEarlierThanSaidBeginsANewWindow) {
  allowance_.observe(answer(kStart, 100, 40, seconds(60)));
  allowance_.observe(answer(kStart + seconds(1), 100, 99, seconds(60)));
  EXPECT_EQ(allowance_.remaining(), 99);
  EXPECT_FALSE(allowance_.refills());
}

TEST_F(AllowanceTest, NoHoldIsLongerThan65Minutes) {
  allowance_.observe(answer(kStart, 100, 0, std::chrono::hours(24)));
  EXPECT_EQ(allowance_.earliest(kStart + seconds(1), 0), kStart + milliseconds(10) + kLongestHold);
}

TEST_F(AllowanceTest, FiguresThatCannotBeAreIgnored) {
  allowance_.observe(answer(kStart, 0, 0, seconds(60)));
  allowance_.observe(answer(kStart, -5, 3, seconds(60)));
  allowance_.observe(answer(kStart, 100, -1, seconds(60)));
  allowance_.observe(answer(kStart, std::int64_t{1} << 60, 5, seconds(60)));
  EXPECT_FALSE(allowance_.known());
  allowance_.observe(answer(kStart, 10, 500, seconds(60)));
  EXPECT_EQ(allowance_.remaining(), 10);
}

TEST_F(AllowanceTest, ACountWithoutAResetIsTriedAgainAfterASecond) {
  RateReport report = answer(kStart, 50, 0, seconds(0));
  report.reset_at.reset();
  allowance_.observe(report);
  EXPECT_FALSE(free_at(kStart + milliseconds(500), 0));
  EXPECT_TRUE(free_at(kStart + milliseconds(1010), 0));
}

class BucketTest : public AllowanceTest {
 protected:
  RateReport policy_answer(TimePoint sent, std::int64_t remaining) {
    RateReport report = answer(sent, 100, remaining, seconds(10));
    report.quota = Quota(100, seconds(10));
    return report;
  }
};

TEST_F(BucketTest, ABucketThatRefillsIsFollowedAtItsRate) {
  allowance_.observe(policy_answer(kStart, 2));
  // Ten units a second. One request, which the reserve pays for, is to show whether they come.
  const TimePoint probe = kStart + milliseconds(210);
  EXPECT_EQ(allowance_.earliest(kStart + milliseconds(50), 0), probe);
  EXPECT_FALSE(free_at(probe, 1));
  ASSERT_TRUE(free_at(probe, 0));
  allowance_.start(probe);
  EXPECT_FALSE(free_at(probe, 0)) << "one is enough";
  allowance_.observe(policy_answer(probe, 3));
  EXPECT_TRUE(allowance_.refills());
  const TimePoint known = probe + milliseconds(10);
  EXPECT_TRUE(free_at(known, 0));
  EXPECT_EQ(allowance_.earliest(known, 3), known + milliseconds(300));
  EXPECT_TRUE(free_at(known + seconds(20), 90));
  EXPECT_FALSE(free_at(known + seconds(20), 100)) << "a bucket holds no more than its limit";
}

TEST_F(BucketTest, AWindowWithAPolicyIsHeldUntilItsReset) {
  allowance_.observe(policy_answer(kStart, 2));
  const TimePoint probe = kStart + milliseconds(210);
  ASSERT_TRUE(free_at(probe, 0));
  allowance_.start(probe);
  RateReport report = policy_answer(probe, 1);
  report.reset_at = kStart + seconds(10);
  allowance_.observe(report);
  EXPECT_FALSE(allowance_.refills());
  EXPECT_EQ(allowance_.earliest(probe + milliseconds(20), 0), kStart + seconds(10));
  // What has been found out once needs no probe in the next window.
  RateReport next = policy_answer(kStart + seconds(10), 2);
  allowance_.observe(next);
  EXPECT_EQ(allowance_.earliest(kStart + seconds(11), 0), kStart + seconds(20) + milliseconds(10));
}

}  // namespace
}  // namespace baton::sync
