#include "storage/c1z/wall_clock.hpp"

#include <gtest/gtest.h>

namespace baton::c1z {
namespace {

std::string formatted(std::int64_t nanos, const absl::TimeZone& zone = absl::UTCTimeZone()) {
  return std::string(WallClockText(zone).format(nanos));
}

TEST(WallClock, DropsTrailingZerosOfTheFraction) {
  EXPECT_EQ(formatted(1'795'404'050'572'029'490), "2026-11-23 03:20:50.57202949");
  EXPECT_EQ(formatted(1'795'404'050'000'000'000), "2026-11-23 03:20:50");
  EXPECT_EQ(formatted(1'795'404'050'000'000'001), "2026-11-23 03:20:50.000000001");
  EXPECT_EQ(formatted(1'795'404'050'500'000'000), "2026-11-23 03:20:50.5");
}

TEST(WallClock, ShowsTheWriterLocalTimeWithoutSayingSo) {
  EXPECT_EQ(formatted(1'795'404'050'000'000'000, absl::FixedTimeZone(-5 * 3600)), "2026-11-22 22:20:50");
}

TEST(WallClock, CountsBackwardsBeforeTheEpoch) {
  EXPECT_EQ(formatted(-1), "1969-12-31 23:59:59.999999999");
}

TEST(WallClock, OneFormatterServesManyInstants) {
  WallClockText text(absl::UTCTimeZone());
  EXPECT_EQ(text.format(1'000'000'000'250'000'000), "2001-09-09 01:46:40.25");
  EXPECT_EQ(text.format(1'000'000'000'000'000'000), "2001-09-09 01:46:40");
  EXPECT_EQ(text.format(1'000'000'001'000'000'000), "2001-09-09 01:46:41");
}

class WallClockForms : public testing::TestWithParam<std::pair<const char*, std::int64_t>> {};

TEST_P(WallClockForms, IsReadAsTheInstantItSays) {
  const auto parsed = parse_wall_clock(GetParam().first);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(absl::ToUnixNanos(*parsed), GetParam().second);
}

constexpr std::int64_t kMinute = 1'714'979'280'000'000'000;  // 2024-05-06 07:08:00 UTC
INSTANTIATE_TEST_SUITE_P(
    All, WallClockForms,
    testing::Values(std::pair("2024-05-06 07:08:09.123456789", kMinute + 9'123'456'789),
                    std::pair("2024-05-06 07:08:09.5", kMinute + 9'500'000'000),
                    std::pair("2024-05-06 07:08:09.1234567899", kMinute + 9'123'456'789),
                    std::pair("2024-05-06T07:08:09", kMinute + 9'000'000'000),
                    std::pair("2024-05-06T07:08:09.25Z", kMinute + 9'250'000'000),
                    std::pair("2024-05-06 07:08:09+02:00", kMinute + 9'000'000'000 - 7'200'000'000'000),
                    std::pair("2024-05-06 07:08:09-00:30", kMinute + 9'000'000'000 + 1'800'000'000'000),
                    std::pair("2024-05-06 07:08", kMinute),
                    std::pair("2024-05-06", kMinute - (7 * 3600 + 8 * 60) * 1'000'000'000LL),
                    std::pair("2024-05-06 07:08:09.5 +0200 CEST",
                              kMinute + 9'500'000'000 - 7'200'000'000'000),
                    std::pair("2024-05-06 07:08:09 +0000 UTC m=+0.000012", kMinute + 9'000'000'000)));

TEST(WallClock, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "yesterday", "2024-13-01", "2024-02-30 00:00:00", "2024-05-06 25:00:00", "2024-05-06 07",
        "2024-05-06 07:08:09.", "2024-05-06 07:08:09x", "1714979280", "2024-05-06 07:08:09+2"}) {
    const auto parsed = parse_wall_clock(text);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace baton::c1z
