#include <gmock/gmock.h>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "engine_test.hpp"

namespace baton::test {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class ExpansionTest : public EngineTest {
 protected:
  /// u1 and u2 are in g1, g1 is in g2, g2 has role r1.
  void script() {
    types({"user", "group", "role"});
    resources("user", {"u1", "u2"});
    resources("group", {"g1", "g2"});
    resources("role", {"r1"});
    on("entitlements group/g1").row(entitlement("group", "g1", "member"));
    on("entitlements group/g2").row(entitlement("group", "g2", "member"));
    on("entitlements role/r1").row(entitlement("role", "r1", "member"));
    on("grants group/g1").row(grant("group", "g1", "user", "u1")).row(grant("group", "g1", "user", "u2"));
    on("grants group/g2").row(expanding(grant("group", "g2", "group", "g1"), "group:g1:member"));
    on("grants role/r1").row(expanding(grant("role", "r1", "group", "g2"), "group:g2:member"));
  }
  static v2::Grant expanding(v2::Grant grant, const std::string& entitlement_id) {
    v2::GrantExpandable expandable;
    expandable.add_entitlement_ids(entitlement_id);
    grant.add_annotations()->PackFrom(expandable);
    return grant;
  }
};

TEST_F(ExpansionTest, members_of_groups_receive_what_their_groups_hold) {
  script();
  const actors::SyncOutcome outcome = run();
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  const Content content = Content::read(job.path);
  EXPECT_THAT(
      content.grant_names(),
      UnorderedElementsAre("group:g1:member user/u1", "group:g1:member user/u2", "group:g2:member group/g1",
                           "group:g2:member user/u1", "group:g2:member user/u2", "role:r1:member group/g2",
                           "role:r1:member group/g1", "role:r1:member user/u1", "role:r1:member user/u2"));
  EXPECT_THAT(content.grants.at("group:g2:member user/u1"), ElementsAre("group:g1:member"));
  EXPECT_EQ(outcome.summary.expansion.rows_added, 5U);
}

TEST_F(ExpansionTest, nothing_is_added_when_it_is_off) {
  script();
  job.options.expansion = sync::ExpansionMode::kOff;
  const Content content = sync();
  EXPECT_EQ(content.grants.size(), 4U);
}

TEST_F(ExpansionTest, a_description_whose_filter_was_emptied_expands_nothing) {
  types({"user", "group"});
  resources("user", {"u1"});
  resources("group", {"g1", "g2"});
  on("entitlements group/g1").row(entitlement("group", "g1", "member"));
  on("entitlements group/g2").row(entitlement("group", "g2", "member"));
  on("grants group/g1").row(grant("group", "g1", "user", "u1"));
  v2::Grant nested = grant("group", "g2", "group", "g1");
  v2::GrantExpandable expandable;
  expandable.add_entitlement_ids("group:g1:member");
  expandable.add_resource_type_ids("robot");
  nested.add_annotations()->PackFrom(expandable);
  on("grants group/g2").row(nested);
  const Content content = sync();
  EXPECT_THAT(content.grant_names(),
              UnorderedElementsAre("group:g1:member user/u1", "group:g2:member group/g1"));
}

TEST_F(ExpansionTest, groups_that_contain_each_other_count_as_one) {
  types({"user", "group", "role"});
  resources("user", {"u1"});
  resources("group", {"g1", "g2"});
  resources("role", {"r1"});
  on("entitlements group/g1").row(entitlement("group", "g1", "member"));
  on("entitlements group/g2").row(entitlement("group", "g2", "member"));
  on("entitlements role/r1").row(entitlement("role", "r1", "member"));
  on("grants group/g1")
      .row(grant("group", "g1", "user", "u1"))
      .row(expanding(grant("group", "g1", "group", "g2"), "group:g2:member"));
  on("grants group/g2").row(expanding(grant("group", "g2", "group", "g1"), "group:g1:member"));
  on("grants role/r1").row(expanding(grant("role", "r1", "group", "g2"), "group:g2:member"));
  const Content content = sync();
  EXPECT_TRUE(content.grants.contains("role:r1:member user/u1"));
  EXPECT_FALSE(content.grants.contains("group:g2:member user/u1")) << "not within the circle, as upstream";
  EXPECT_FALSE(log_->text().empty()) << "a circle is worth a warning";
}

TEST_F(ExpansionTest, a_description_of_a_foreign_group_ends_the_sync_and_is_named) {
  types({"user", "group"});
  resources("group", {"g1", "g2"});
  on("entitlements group/g1").row(entitlement("group", "g1", "member"));
  on("grants group/g2").row(expanding(grant("group", "g2", "group", "g2"), "group:g1:member"));
  const actors::SyncOutcome outcome = run();
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(outcome.status.message()), ::testing::HasSubstr("group:g1:member"));
  EXPECT_TRUE(outcome.resumable);
}

}  // namespace
}  // namespace baton::test
