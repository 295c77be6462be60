#include "sdk/timestamps.hpp"

#include <gtest/gtest.h>

namespace baton::sdk {
namespace {

TEST(Timestamps, write_moments_before_the_epoch) {
  google::protobuf::Timestamp timestamp;
  set_timestamp(timestamp, std::chrono::system_clock::time_point(std::chrono::milliseconds(-1)));
  EXPECT_EQ(timestamp.seconds(), -1);
  EXPECT_EQ(timestamp.nanos(), 999'000'000);
}

TEST(Timestamps, read_rfc3339) {
  const auto nanos = [](std::string_view text) {
    const auto moment = parse_rfc3339(text);
    EXPECT_TRUE(moment.ok()) << moment.status();
    return std::chrono::nanoseconds(moment->time_since_epoch()).count();
  };
  EXPECT_EQ(nanos("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(nanos("2026-11-23T03:20:50Z"), 1'795'404'050'000'000'000);
  EXPECT_EQ(nanos("1970-01-01T00:00:01.5Z"), 1'500'000'000);
  EXPECT_EQ(nanos("1970-01-01t00:00:00.1234567899z"), 123'456'789);
  EXPECT_EQ(nanos("1970-01-01 02:00:00+02:00"), 0);
  EXPECT_EQ(nanos("1969-12-31T19:30:00-04:30"), 0);
  EXPECT_EQ(nanos("2024-02-29T00:00:00Z"), 1'709'164'800'000'000'000);
}

TEST(Timestamps, refuse_the_rest) {
  for (const char* text :
       {"", "2026-08-25", "2026-08-25T10:00:00", "2026-02-30T10:00:00Z", "2023-02-29T00:00:00Z",
        "2026-13-01T10:00:00Z", "2026-08-25T24:00:00Z", "2026-08-25T10:60:00Z", "2026-08-25T10:00:00.Z",
        "2026-08-25T10:00:00Zx", "0001-01-01T00:00:00Z", "2026-08-25T10:00:00+0200", "26-08-25T10:00:00Z"}) {
    EXPECT_EQ(parse_rfc3339(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace baton::sdk
