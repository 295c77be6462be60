#include "base/ksuid.hpp"

#include <gtest/gtest.h>

namespace baton {
namespace {

// The example of the file format's description.
constexpr std::string_view kText = "3MUTGS9iMbfUzFLf670qZKIi8Ae";
const Ksuid::Bytes kBytes = {0x17, 0x91, 0x63, 0x12, 0x29, 0x5a, 0xdd, 0x3a, 0xaa, 0xe1,
                             0x04, 0x86, 0xbe, 0xc9, 0x4f, 0x9b, 0xba, 0x2b, 0xcc, 0xb4};

TEST(Ksuid, reads_and_writes_the_known_example) {
  const auto parsed = Ksuid::parse(kText);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->bytes(), kBytes);
  EXPECT_EQ(Ksuid(kBytes).str(), kText);
  EXPECT_EQ(parsed->time().time_since_epoch(), std::chrono::seconds(1'795'404'050));
}

TEST(Ksuid, writes_the_edges) {
  EXPECT_EQ(Ksuid().str(), std::string(27, '0'));
  EXPECT_TRUE(Ksuid().is_nil());
  Ksuid::Bytes highest;
  highest.fill(0xff);
  EXPECT_EQ(Ksuid(highest).str(), "aWgEPTl1tmebfsQzFP4bxwgy80V");
  EXPECT_EQ(*Ksuid::parse("aWgEPTl1tmebfsQzFP4bxwgy80V"), Ksuid(highest));
}

TEST(Ksuid, refuses_what_is_none) {
  EXPECT_FALSE(Ksuid::parse("").ok());
  EXPECT_FALSE(Ksuid::parse("3MUTGS9iMbfUzFLf670qZKIi8A").ok());
  EXPECT_FALSE(Ksuid::parse("3MUTGS9iMbfUzFLf670qZKIi8A-").ok());
  EXPECT_FALSE(Ksuid::parse("aWgEPTl1tmebfsQzFP4bxwgy80W").ok()) << "one more than 160 bits hold";
  EXPECT_FALSE(Ksuid::parse(std::string(27, 'z')).ok());
}

TEST(Ksuid, mints_the_clocks_second) {
  FixedClock clock(std::chrono::system_clock::time_point(std::chrono::milliseconds(1'795'404'050'999)));
  SeededEntropy entropy(1);
  const Ksuid first = Ksuid::mint(clock, entropy);
  const Ksuid second = Ksuid::mint(clock, entropy);
  EXPECT_EQ(first.time().time_since_epoch(), std::chrono::seconds(1'795'404'050));
  EXPECT_NE(first, second);
  EXPECT_EQ(*Ksuid::parse(first.str()), first);
  clock.advance(std::chrono::seconds(1));
  const Ksuid later = Ksuid::mint(clock, entropy);
  EXPECT_LT(first, later);
  EXPECT_LT(first.str(), later.str());
}

TEST(Ksuid, clamps_a_clock_before_the_epoch) {
  FixedClock clock(std::chrono::system_clock::time_point{});
  SeededEntropy entropy(1);
  EXPECT_EQ(Ksuid::mint(clock, entropy).time().time_since_epoch(), std::chrono::seconds(1'400'000'000));
}

}  // namespace
}  // namespace baton
