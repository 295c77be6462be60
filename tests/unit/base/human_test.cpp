#include "base/human.hpp"

#include <gtest/gtest.h>

namespace baton {
namespace {

using namespace std::chrono_literals;

TEST(HumanDuration, picks_a_scale) {
  EXPECT_EQ(human_duration(0s), "0.00 s");
  EXPECT_EQ(human_duration(-1s), "0.00 s");
  EXPECT_EQ(human_duration(420ms), "0.42 s");
  EXPECT_EQ(human_duration(9996ms), "10.0 s");
  EXPECT_EQ(human_duration(12'340ms), "12.3 s");
  EXPECT_EQ(human_duration(59'970ms), "1 m 00 s");
  EXPECT_EQ(human_duration(187s), "3 m 07 s");
  EXPECT_EQ(human_duration(2h + 5min + 59s), "2 h 05 m");
}

TEST(HumanBytes, picks_a_unit) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(1023), "1023 B");
  EXPECT_EQ(human_bytes(1536), "1.5 KiB");
  EXPECT_EQ(human_bytes((1 << 20) - 1), "1.0 MiB");
  EXPECT_EQ(human_bytes(~0ULL), "16.0 EiB");
}

TEST(HumanCount, groups_by_thousands) {
  EXPECT_EQ(human_count(0), "0");
  EXPECT_EQ(human_count(999), "999");
  EXPECT_EQ(human_count(1000), "1,000");
  EXPECT_EQ(human_count(1234567), "1,234,567");
}

}  // namespace
}  // namespace baton
