#include "base/clock.hpp"

#include <gtest/gtest.h>

#include <array>

namespace baton {
namespace {

TEST(FixedClock, moves_both_clocks_only_when_told) {
  const auto start = std::chrono::system_clock::time_point(std::chrono::seconds(1'795'404'050));
  FixedClock clock(start);
  const auto steady = clock.steady_now();
  EXPECT_EQ(clock.now(), start);
  clock.advance(std::chrono::seconds(5));
  EXPECT_EQ(clock.now() - start, std::chrono::seconds(5));
  EXPECT_EQ(clock.steady_now() - steady, std::chrono::seconds(5));
}

TEST(SeededEntropy, repeats_for_a_seed_and_differs_between_seeds) {
  std::array<std::byte, 21> first{};
  std::array<std::byte, 21> again{};
  std::array<std::byte, 21> other{};
  SeededEntropy(7).fill(first);
  SeededEntropy(7).fill(again);
  SeededEntropy(8).fill(other);
  EXPECT_EQ(first, again);
  EXPECT_NE(first, other);
}

TEST(SeededEntropy, goes_on_where_it_stopped) {
  SeededEntropy entropy(1);
  EXPECT_NE(entropy.next64(), entropy.next64());
}

TEST(SystemEntropy, fills_everything) {
  std::array<std::byte, 64> bytes{};
  SystemEntropy().fill(bytes);
  // All 32 bytes of a half being zero happens once in 2^256 runs.
  const std::array<std::byte, 32> zero{};
  EXPECT_FALSE(std::equal(zero.begin(), zero.end(), bytes.begin()));
  EXPECT_FALSE(std::equal(zero.begin(), zero.end(), bytes.begin() + 32));
}

}  // namespace
}  // namespace baton
