#include "tenant/limiter.hpp"

#include <gtest/gtest.h>

namespace tenant {
namespace {

using namespace std::chrono_literals;

const Limiter::Clock::time_point kStart{std::chrono::hours(1)};

TEST(Limiter, AdmitsTheLimitAndRefusesTheRest) {
  Limiter limiter(3, 10s);
  for (std::uint64_t left : {2u, 1u, 0u}) {
    const auto verdict = limiter.admit(kStart);
    EXPECT_TRUE(verdict.admitted);
    EXPECT_EQ(verdict.limit, 3u);
    EXPECT_EQ(verdict.remaining, left);
    EXPECT_EQ(verdict.reset, 10s);
  }
  const auto refused = limiter.admit(kStart + 3500ms);
  EXPECT_FALSE(refused.admitted);
  EXPECT_EQ(refused.remaining, 0u);
  EXPECT_EQ(refused.reset, 7s);  // 6.5 s, rounded up
  EXPECT_FALSE(limiter.admit(kStart + 10s - 1ns).admitted);
  EXPECT_TRUE(limiter.admit(kStart + 10s).admitted);
}

TEST(Limiter, LateRequestsDoNotMoveTheNextWindow) {
  Limiter limiter(1, 10s);
  EXPECT_TRUE(limiter.admit(kStart).admitted);
  EXPECT_TRUE(limiter.admit(kStart + 14s).admitted);  // window 10 to 20
  EXPECT_FALSE(limiter.admit(kStart + 19s).admitted);
  EXPECT_TRUE(limiter.admit(kStart + 20s).admitted);
}

TEST(Limiter, AnIdleWindowIsFollowedByAFreshOne) {
  Limiter limiter(1, 10s);
  EXPECT_TRUE(limiter.admit(kStart).admitted);
  EXPECT_TRUE(limiter.admit(kStart + 25s).admitted);
  EXPECT_FALSE(limiter.admit(kStart + 34s).admitted);
  EXPECT_TRUE(limiter.admit(kStart + 35s).admitted);
}

TEST(Limiter, ResetOpensAFreshWindow) {
  Limiter limiter(1, 10s);
  EXPECT_TRUE(limiter.admit(kStart).admitted);
  EXPECT_FALSE(limiter.admit(kStart).admitted);
  limiter.reset();
  EXPECT_TRUE(limiter.admit(kStart).admitted);
}

TEST(Limiter, EarliestFinishIsWhatAGreedyClientReaches) {
  const std::chrono::nanoseconds window = 250ms;
  for (const std::uint64_t limit : {1u, 3u, 7u}) {
    for (const std::uint64_t requests : {1u, 3u, 7u, 8u, 50u}) {
      // A client that tries again every millisecond.
      Limiter limiter(limit, window);
      auto now = kStart;
      for (std::uint64_t done = 0; done < requests;) {
        if (limiter.admit(now).admitted) {
          ++done;
        } else {
          now += 1ms;
        }
      }
      EXPECT_EQ(limiter.earliest_finish(requests), now - kStart) << requests << " at " << limit;
    }
  }
}

TEST(Limiter, ALimitOfZeroIsNone) {
  Limiter limiter(0, 1s);
  EXPECT_FALSE(limiter.enabled());
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limiter.admit(kStart).admitted);
  EXPECT_EQ(limiter.earliest_finish(1'000'000), 0s);
}

TEST(Limiter, ABucketRefillsAllTheTime) {
  Limiter limiter(10, 5s, LimitStyle::kBucket);  // two a second
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(limiter.admit(kStart).admitted);
  const auto refused = limiter.admit(kStart);
  EXPECT_FALSE(refused.admitted);
  EXPECT_EQ(refused.reset, 5s);
  EXPECT_EQ(refused.again, 1s);
  EXPECT_FALSE(limiter.admit(kStart + 499ms).admitted);
  EXPECT_TRUE(limiter.admit(kStart + 501ms).admitted);
  EXPECT_EQ(limiter.admit(kStart + 60s).remaining, 9u);
  EXPECT_EQ(limiter.earliest_finish(10), 0s);
  EXPECT_EQ(limiter.earliest_finish(30), 10s);
}

}  // namespace
}  // namespace tenant
