#include "sync/concurrency_window.hpp"

#include <gtest/gtest.h>

namespace baton::sync {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using TimePoint = ConcurrencyWindow::TimePoint;

class ConcurrencyWindowTest : public ::testing::Test {
 protected:
  /// Rounds of a full window, each answer taking `latency`.
  void rounds(int count, milliseconds latency) {
    for (int round = 0; round < count; ++round) {
      const std::uint32_t size = window_.size();
      for (std::uint32_t i = 0; i < 2 * size; ++i) window_.answered(now_, now_ + latency, window_.size());
      now_ += latency;
    }
  }

  ConcurrencyWindow window_{64};
  TimePoint now_{seconds(100)};
};

TEST_F(ConcurrencyWindowTest, DoublesUpToTheCapWhileNothingIsStrained) {
  EXPECT_EQ(window_.size(), 16u);
  rounds(4, milliseconds(50));
  EXPECT_EQ(window_.size(), 64u);
  rounds(4, milliseconds(50));
  EXPECT_EQ(window_.size(), 64u);
}

TEST_F(ConcurrencyWindowTest, ACapBelowTheFirstSizeHolds) {
  EXPECT_EQ(ConcurrencyWindow(3).size(), 3u);
  ConcurrencyWindow one(1);
  one.strained(now_, now_);
  EXPECT_EQ(one.size(), 1u);
}

TEST_F(ConcurrencyWindowTest, AWindowThatNobodyFillsStaysAsItIs) {
  for (int i = 0; i < 1000; ++i) window_.answered(now_, now_ + milliseconds(5), 3);
  EXPECT_EQ(window_.size(), 16u);
}

TEST_F(ConcurrencyWindowTest, RefusalsOfOneRoundShrinkItOnceAndItGrowsByOneARound) {
  rounds(4, milliseconds(50));
  for (int i = 0; i < 64; ++i) window_.strained(now_, now_ + milliseconds(50));
  EXPECT_EQ(window_.size(), 42u);
  now_ += milliseconds(60);
  // Two for the 84 answers that the test counts as a round.
  rounds(1, milliseconds(50));
  EXPECT_EQ(window_.size(), 44u);
  for (int i = 0; i < 50; ++i) {
    window_.strained(now_, now_ + milliseconds(50));
    now_ += milliseconds(60);
  }
  EXPECT_EQ(window_.size(), 4u) << "never down to a standstill";
}

TEST_F(ConcurrencyWindowTest, SlownessThatFewerRequestsCureShrinksIt) {
  rounds(6, milliseconds(50));
  ASSERT_EQ(window_.size(), 64u);
  rounds(1, milliseconds(400));
  const std::uint32_t shrunk = window_.size();
  EXPECT_LT(shrunk, 64u);
  rounds(1, milliseconds(300));
  EXPECT_LT(window_.size(), 64u);
}

TEST_F(ConcurrencyWindowTest, SlownessOfAnotherCauseTakesTheShrinkBack) {
  rounds(6, milliseconds(50));
  rounds(2, milliseconds(400));
  EXPECT_EQ(window_.size(), 64u);
  rounds(20, milliseconds(400));
  EXPECT_EQ(window_.size(), 64u) << "what has been found out is not tried again";
}

TEST_F(ConcurrencyWindowTest, NoiseOfAFewMillisecondsIsNoSlowness) {
  rounds(6, milliseconds(1));
  rounds(6, milliseconds(60));
  EXPECT_EQ(window_.size(), 64u);
}

}  // namespace
}  // namespace baton::sync
