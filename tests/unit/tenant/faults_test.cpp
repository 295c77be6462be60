#include "tenant/faults.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tenant {
namespace {

// The faults that the first `count` requests to one path meet; "" where there is none.
std::vector<std::string> met(FaultSchedule& schedule, int count, std::string_view path = "/v1/users") {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) {
    const Fault* fault = schedule.next(path);
    out.push_back(fault == nullptr ? "" : fault->name);
  }
  return out;
}

using Names = std::vector<std::string>;

TEST(Faults, EmptyTextMeansNone) {
  auto schedule = FaultSchedule::parse("");
  ASSERT_TRUE(schedule.ok());
  EXPECT_EQ(met(*schedule, 3), Names({"", "", ""}));
}

TEST(Faults, EveryStrikesEachNth) {
  auto schedule = FaultSchedule::parse("500@every:3");
  ASSERT_TRUE(schedule.ok());
  EXPECT_EQ(met(*schedule, 7), Names({"", "", "500", "", "", "500", ""}));
}

TEST(Faults, AtStrikesOnceFirstStrikesTheBeginning) {
  auto schedule = FaultSchedule::parse("reset@at:4,503@first:2");
  ASSERT_TRUE(schedule.ok());
  EXPECT_EQ(met(*schedule, 6), Names({"503", "503", "", "reset", "", ""}));
}

TEST(Faults, TwoDueAtOnceStrikeOneAfterTheOther) {
  auto schedule = FaultSchedule::parse("500@every:2,slow@every:4");
  ASSERT_TRUE(schedule.ok());
  EXPECT_EQ(met(*schedule, 8), Names({"", "500", "", "500", "slow", "500", "", "500"}));
}

TEST(Faults, PathsAreCountedOnTheirOwn) {
  auto schedule = FaultSchedule::parse("503@path:/v1/users:first:1,404@path:/v1/groups/*:every:2");
  ASSERT_TRUE(schedule.ok());
  EXPECT_EQ(met(*schedule, 1, "/v1/groups"), Names({""}));
  EXPECT_EQ(met(*schedule, 2, "/v1/users"), Names({"503", ""}));
  EXPECT_EQ(met(*schedule, 1, "/v1/groups/g-00001/members"), Names({""}));
  EXPECT_EQ(met(*schedule, 1, "/v1/groups/g-00002/members"), Names({"404"}));
}

TEST(Faults, ResetStartsTheCountAgain) {
  auto schedule = FaultSchedule::parse("500@at:2");
  ASSERT_TRUE(schedule.ok());
  EXPECT_EQ(met(*schedule, 3), Names({"", "500", ""}));
  schedule->reset();
  EXPECT_EQ(met(*schedule, 3), Names({"", "500", ""}));
}

TEST(Faults, RetryAfterGoesWithPlain429Only) {
  auto schedule = FaultSchedule::parse("429@at:1,429-noretry@at:2,503@at:3");
  ASSERT_TRUE(schedule.ok());
  const Fault* plain = schedule->next("/");
  ASSERT_NE(plain, nullptr);
  EXPECT_TRUE(plain->status == 429 && plain->retry_after);
  const Fault* silent = schedule->next("/");
  ASSERT_NE(silent, nullptr);
  EXPECT_TRUE(silent->status == 429 && !silent->retry_after);
  const Fault* unavailable = schedule->next("/");
  ASSERT_NE(unavailable, nullptr);
  EXPECT_TRUE(unavailable->status == 503 && !unavailable->retry_after);
}

TEST(Faults, RefusesWhatItDoesNotUnderstandAndQuotesIt) {
  for (const std::string text :
       {"500", "500@", "500@every", "500@every:", "500@every:0", "500@every:x", "200@every:2", "600@at:1",
        "boom@at:1", "500@often:3", "500@path:first:3", "500@path:users:first:3", "500@path:/v1/users:3",
        "429-never@at:1", "500@at:1,,", "@at:1", "500@at:99999999999999999999"}) {
    const auto schedule = FaultSchedule::parse("slow@at:1," + text);
    ASSERT_FALSE(schedule.ok()) << text;
    EXPECT_NE(std::string(schedule.status().message()).find("--faults: \""), std::string::npos);
  }
}

}  // namespace
}  // namespace tenant
