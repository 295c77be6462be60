#include "sync/invariants.hpp"

#include <gmock/gmock.h>

#include "base/error_facts.hpp"

namespace baton::sync {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

InvariantFindings dangling_principals(int synced, int unsynced) {
  InvariantFindings findings;
  for (int i = 0; i < synced; ++i) findings.grant_principals.add(true, "user/lost");
  for (int i = 0; i < unsynced; ++i) findings.grant_principals.add(false, "robot/r1");
  return findings;
}

TEST(Invariants, a_clean_run_has_nothing_to_tell) {
  const InvariantVerdict verdict = judge_invariants(InvariantFindings(), SyncOptions());
  EXPECT_TRUE(verdict.violation.ok());
  EXPECT_THAT(verdict.warnings, IsEmpty());
  EXPECT_THAT(verdict.coverage, ElementsAre("I5", "I10", "I7", "I3", "I8", "I9"));
  EXPECT_EQ(verdict.mode, "connector");
}

TEST(Invariants, a_warning_tells_a_gap_of_the_configuration_from_a_connector_that_makes_up_ids) {
  EXPECT_THAT(judge_invariants(dangling_principals(0, 2), SyncOptions()).warnings,
              ElementsAre(HasSubstr("all of types that this sync does not have")));
  EXPECT_THAT(judge_invariants(dangling_principals(2, 0), SyncOptions()).warnings,
              ElementsAre(HasSubstr("the connector's listings never return them")));
  EXPECT_THAT(judge_invariants(dangling_principals(300, 2), SyncOptions()).warnings,
              ElementsAre(AllOf(HasSubstr("I9: 302 "), HasSubstr("2 of types that this sync does not have"),
                                HasSubstr("300 of synced types"), HasSubstr("and 299 more"))));
}

TEST(Invariants, fail_fast_makes_violations_of_warnings) {
  SyncOptions options;
  options.strict_invariants = true;
  const InvariantVerdict verdict = judge_invariants(dangling_principals(1, 0), options);
  EXPECT_EQ(verdict.violation.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(retryable(verdict.violation), false);
  EXPECT_THAT(verdict.warnings, IsEmpty());
  EXPECT_THAT(verdict.coverage, ::testing::Contains("I4"));
  EXPECT_EQ(verdict.mode, "connector_fail_fast");
}

TEST(Invariants, a_grant_that_should_have_brought_its_resource_is_a_violation_at_once) {
  InvariantFindings findings;
  findings.inserted_grant_resources.add(true, "app:a1:member on app/a1");
  EXPECT_THAT(std::string(judge_invariants(findings, SyncOptions()).violation.message()), HasSubstr("I3"));
}

TEST(Invariants, references_are_judged_in_full_syncs_only_the_rest_in_all) {
  SyncOptions options;
  options.targeted = true;
  InvariantFindings findings = dangling_principals(1, 1);
  EXPECT_THAT(judge_invariants(findings, options).warnings, IsEmpty());
  findings.exclusion_groups.emplace_back("group g has more than one default");
  findings.open_cursors = 3;
  const std::string message(judge_invariants(findings, options).violation.message());
  EXPECT_THAT(message, AllOf(HasSubstr("I5"), Not(HasSubstr("I10")))) << "the first one is named";
}

}  // namespace
}  // namespace baton::sync
