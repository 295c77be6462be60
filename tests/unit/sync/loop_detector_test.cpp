#include "sync/loop_detector.hpp"

#include <string>

#include <gtest/gtest.h>

namespace baton::sync {
namespace {

std::string token(const char* kind, int number) {
  return std::string(kind) + std::to_string(number);
}

TEST(LoopDetector, finds_every_period_behind_every_tail_within_a_few_laps) {
  for (int tail = 0; tail <= 60; ++tail) {
    for (int period = 1; period <= 50; ++period) {
      baton::store::v1::LoopState state;
      int steps = 0;
      bool found = false;
      // Brent's bound: the tortoise stands still for a power of two of steps that is at least as large as
      // both.
      const int limit = 4 * (tail + period) + 4;
      while (!found && steps < limit) {
        const std::string next =
            steps < tail ? token("tail-", steps) : token("loop-", (steps - tail) % period);
        found = observe_token(state, next);
        ++steps;
      }
      ASSERT_TRUE(found) << "tail " << tail << ", period " << period;
      ASSERT_GT(steps, tail + period) << "nothing had come back yet";
    }
  }
}

TEST(LoopDetector, never_takes_a_long_progressing_listing_for_a_loop) {
  baton::store::v1::LoopState state;
  for (int page = 0; page < 100'000; ++page) {
    ASSERT_FALSE(observe_token(state, token("offset=", page * 250))) << page;
  }
}

TEST(LoopDetector, goes_on_where_a_stored_state_left_off) {
  baton::store::v1::LoopState state;
  int steps = 0;
  while (true) {
    baton::store::v1::LoopState restored;
    ASSERT_TRUE(restored.ParseFromString(state.SerializeAsString()));
    const bool found = observe_token(restored, token("t", steps % 7));
    state = restored;
    ++steps;
    if (found) break;
    ASSERT_LT(steps, 40);
  }
  EXPECT_GT(steps, 7);
}

}  // namespace
}  // namespace baton::sync
