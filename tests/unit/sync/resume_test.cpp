#include "sync/resume.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton::sync {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using ::testing::HasSubstr;
using ::testing::Not;

const auto kNow = std::chrono::system_clock::from_time_t(1'700'000'000);
const RunConfiguration kConfiguration = {{"connector", "demo"}, {"domain", "example.com"}};
const std::string kNoArtifact;

baton::store::v1::RunHeader run(const RunConfiguration& configuration, std::chrono::seconds age) {
  baton::store::v1::RunHeader header;
  header.set_sync_id("2a");
  header.mutable_configuration()->insert(configuration.begin(), configuration.end());
  header.mutable_last_commit_at()->set_seconds(std::chrono::system_clock::to_time_t(kNow) - age.count());
  return header;
}

TEST(DecideStart, starts_fresh_in_an_empty_directory_whatever_else_is_asked) {
  for (const bool restart : {false, true}) {
    const auto start = decide_start(std::nullopt, kConfiguration, restart, "2a", kNow, hours(24));
    ASSERT_TRUE(start.ok());
    EXPECT_EQ(*start, Start::kFresh);
  }
}

TEST(DecideStart, goes_on_with_a_run_of_the_same_configuration) {
  const auto start =
      decide_start(run(kConfiguration, hours(23)), kConfiguration, false, kNoArtifact, kNow, hours(24));
  ASSERT_TRUE(start.ok());
  EXPECT_EQ(*start, Start::kResume);
}

TEST(DecideStart, counts_the_age_from_the_last_commit) {
  struct Case {
    std::chrono::seconds age;
    milliseconds max_age;
    Start start;
  };
  const Case cases[] = {
      {hours(24), hours(24), Start::kResume},
      {hours(24) + std::chrono::seconds(1), hours(24), Start::kExpired},
      {hours(9000), milliseconds(0), Start::kResume},
      {std::chrono::seconds(-3600), hours(1), Start::kResume},
  };
  for (const Case& one : cases) {
    const auto start =
        decide_start(run(kConfiguration, one.age), kConfiguration, false, kNoArtifact, kNow, one.max_age);
    ASSERT_TRUE(start.ok());
    EXPECT_EQ(*start, one.start) << one.age.count();
  }
}

TEST(DecideStart, refuses_another_configuration_and_names_exactly_the_fields_that_differ) {
  RunConfiguration now = kConfiguration;
  now["domain"] = "other.example";
  now["group-filter"] = "new";
  RunConfiguration then = kConfiguration;
  then["gone"] = "old";
  // However old the run is: to discard it silently would throw away what another configuration collected.
  for (const auto age : {hours(0), hours(1000)}) {
    const auto start = decide_start(run(then, age), now, false, kNoArtifact, kNow, hours(24));
    ASSERT_EQ(start.status().code(), absl::StatusCode::kFailedPrecondition);
    const std::string message(start.status().message());
    EXPECT_THAT(message, HasSubstr("domain, gone, group-filter"));
    EXPECT_THAT(message, HasSubstr("--restart"));
    EXPECT_THAT(message, Not(HasSubstr("connector,")));
    EXPECT_THAT(message, Not(HasSubstr("other.example"))) << "values are nobody's business";
  }
}

TEST(DecideStart, restarts_on_request_whatever_the_configuration) {
  const auto start =
      decide_start(run({{"other", "x"}}, hours(1000)), kConfiguration, true, kNoArtifact, kNow, hours(24));
  ASSERT_TRUE(start.ok());
  EXPECT_EQ(*start, Start::kRestart);
}

TEST(DecideStart, has_nothing_to_do_when_the_artifact_holds_the_sync) {
  const auto start =
      decide_start(run({{"other", "x"}}, hours(1000)), kConfiguration, false, "2a", kNow, hours(24));
  ASSERT_TRUE(start.ok());
  EXPECT_EQ(*start, Start::kExported);
  const auto again =
      decide_start(run({{"other", "x"}}, hours(1000)), kConfiguration, true, "2a", kNow, hours(24));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, Start::kRestart) << "whoever asks for a new sync gets one";
  const auto other =
      decide_start(run(kConfiguration, hours(1)), kConfiguration, false, "2b", kNow, hours(24));
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(*other, Start::kResume);
}

TEST(DecideStart, a_run_without_a_commit_is_as_old_as_its_start) {
  baton::store::v1::RunHeader young = run(kConfiguration, hours(1));
  *young.mutable_started_at() = young.last_commit_at();
  young.clear_last_commit_at();
  const auto start = decide_start(young, kConfiguration, false, kNoArtifact, kNow, hours(24));
  ASSERT_TRUE(start.ok());
  EXPECT_EQ(*start, Start::kResume);
}

TEST(DecideStart, starts_over_when_an_exported_artifact_was_taken_away) {
  baton::store::v1::RunHeader exported = run(kConfiguration, hours(1));
  exported.set_state(baton::store::v1::RUN_STATE_EXPORTED);
  const auto start = decide_start(exported, kConfiguration, false, kNoArtifact, kNow, hours(24));
  ASSERT_TRUE(start.ok());
  EXPECT_EQ(*start, Start::kTakenAway);
}

}  // namespace
}  // namespace baton::sync
