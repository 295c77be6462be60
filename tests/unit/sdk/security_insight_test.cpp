#include "sdk/security_insight.hpp"

#include <gtest/gtest.h>

#include "sdk/annotations.hpp"

namespace baton::sdk {
namespace {

namespace v2 = c1::connector::v2;

class SecurityInsightTest : public ::testing::Test {
 protected:
  v2::SecurityInsightTrait written() const {
    const auto trait = pick_annotation<v2::SecurityInsightTrait>(row_.annotations());
    EXPECT_TRUE(trait.ok() && trait->has_value());
    return **trait;
  }

  FixedClock clock_{TimePoint(std::chrono::seconds(1000))};
  v2::Resource row_;
};

TEST_F(SecurityInsightTest, a_score_with_factors_is_observed_now) {
  SecurityInsightTrait insight(row_, clock_);
  insight.normalized_score(90, "A-")
      .factor("no MFA", v2::RiskFactor::SEVERITY_HIGH)
      .about_user("a@example.com");
  ASSERT_TRUE(insight.apply().ok());
  EXPECT_EQ(written().risk_score().normalized_score(), 90U);
  EXPECT_EQ(written().risk_score().source_score(), "A-");
  EXPECT_EQ(written().risk_score().risk_factors(0).description(), "no MFA");
  EXPECT_EQ(written().observed_at().seconds(), 1000);
  EXPECT_EQ(written().user().email(), "a@example.com");
}

TEST_F(SecurityInsightTest, an_issue_with_severity) {
  SecurityInsightTrait insight(row_, clock_);
  insight.issue("leaked key").severity("critical").observed_at(TimePoint(std::chrono::seconds(5)));
  insight.about_user("a@example.com").about_resource(ResourceRef("secret", "s1"));
  ASSERT_TRUE(insight.apply().ok());
  EXPECT_EQ(written().issue().severity(), "critical");
  EXPECT_EQ(written().observed_at().seconds(), 5);
  EXPECT_EQ(written().resource_id().resource(), "s1") << "the last target counts";
}

TEST_F(SecurityInsightTest, misuse_is_an_error_and_writes_nothing) {
  const auto expect_refused = [this](SecurityInsightTrait& insight, const char* part) {
    const absl::Status status = insight.apply();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(status.message().find(part), absl::string_view::npos) << status;
    EXPECT_EQ(row_.annotations_size(), 0);
  };
  SecurityInsightTrait high(row_, clock_);
  expect_refused(high.normalized_score(101).about_user("a"), "at most 100");
  SecurityInsightTrait factor(row_, clock_);
  expect_refused(factor.factor("x", v2::RiskFactor::SEVERITY_LOW).risk_score("1").about_user("a"),
                 "after its risk score");
  SecurityInsightTrait severity(row_, clock_);
  expect_refused(severity.severity("x").issue("y").about_user("a"), "after its issue");
  SecurityInsightTrait both(row_, clock_);
  expect_refused(both.issue("y").normalized_score(1).about_user("a"), "not both");
  SecurityInsightTrait neither(row_, clock_);
  expect_refused(neither.about_app_user("a", "b"), "needs a risk score or an issue");
  SecurityInsightTrait aimless(row_, clock_);
  expect_refused(aimless.issue("y"), "needs a target");
}

}  // namespace
}  // namespace baton::sdk
