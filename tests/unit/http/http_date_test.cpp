#include "http/http_date.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace baton::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::system_clock;

/// 2026-08-25T10:00:00Z.
constexpr system_clock::time_point kMoment{seconds(1'787'652'000)};

TEST(HttpDate, AllFourFormsMeanTheSameMoment) {
  for (const char* text : {"Tue, 25 Aug 2026 10:00:00 GMT", "Tuesday, 25-Aug-26 10:00:00 GMT",
                           "Tue Aug 25 10:00:00 2026", "2026-08-25T10:00:00Z", "2026-08-25T12:00:00+02:00",
                           "2026-08-25t04:30:00-05:30", "2026-08-25T10:00:00.000000000z"}) {
    EXPECT_EQ(parse_http_date(text), kMoment) << text;
  }
}

TEST(HttpDate, FractionsKeepMilliseconds) {
  EXPECT_EQ(parse_http_date("2026-08-25T10:00:00.1239Z"), kMoment + milliseconds(123));
  EXPECT_EQ(parse_http_date("2026-08-25T10:00:00.5Z"), kMoment + milliseconds(500));
}

TEST(HttpDate, SingleDigitDaysAndTwoDigitYearsAreUnderstood) {
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"));
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"),
            parse_http_date("Sun, 6 Nov 1994 08:49:37 GMT"));
}

TEST(HttpDate, NonsenseIsNoDate) {
  for (const char* text :
       {"", "soon", "Tue, 25 Aug 2026 10:00:00", "Tue, 25 Aug 2026 10:00:00 CET",
        "Tue, 31 Feb 2026 10:00:00 GMT", "Tue, 25 Aug 2026 25:00:00 GMT", "2026-08-25",
        "2026-13-25T10:00:00Z", "2026-08-25T10:00:00", "2026-08-25T10:00:00.Z", "2026-08-25T10:00:00+0200",
        "2026-08-25T10:00:00Zx", "1960-08-25T10:00:00Z", "0001-01-01T00:00:00Z",
        "Tue, 25 Aug 4052 10:00:00 GMT", "9999-12-31T23:59:59Z", "Tue Aug 25 10:00:00 2026 "}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace baton::http
