#include <gmock/gmock.h>

#include "c1/connector/v2/annotation_baton_id.pb.h"
#include "c1/connector/v2/annotation_grant.pb.h"
#include "engine_test.hpp"

/// Lines 7 and 8 of the checklist: resources that come with grants, and what is left out.
namespace baton::test {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

// -- 7. InsertResourceGrants: invalid resource drops grant; unscheduled type; exempt from I8.

class Line7InsertedResources : public EngineTest {
 protected:
  void script() {
    types({"user", "app"});
    resources("user", {"u1"});
    on("grants user/u1").annotation(v2::InsertResourceGrants());
  }
};

TEST_F(Line7InsertedResources, come_with_their_grants_which_need_no_entitlement_row) {
  script();
  v2::Grant row = grant("app", "a1", "user", "u1");
  row.mutable_entitlement()->mutable_resource()->set_display_name("Unlisted");
  on("grants user/u1").row(row);
  const actors::SyncOutcome outcome = run();
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_THAT(outcome.summary.warnings, IsEmpty()) << "I8 does not concern it";
  const Content content = Content::read(job.path);
  EXPECT_THAT(content.resources, UnorderedElementsAre("user/u1", "app/a1"));
  EXPECT_THAT(content.grant_names(), ElementsAre("app:a1:member user/u1"));
}

TEST_F(Line7InsertedResources, that_are_incomplete_drop_their_grant) {
  script();
  v2::Grant row = grant("app", "a1", "user", "u1");
  row.mutable_entitlement()->mutable_resource()->mutable_id()->clear_resource();
  on("grants user/u1").row(row).row(grant("app", "a2", "user", "u1"));
  const actors::SyncOutcome outcome = run();
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(outcome.summary.skipped_invalid, 1U);
  EXPECT_EQ(Content::read(job.path).grants.size(), 1U);
}

TEST_F(Line7InsertedResources, of_a_type_that_is_not_synced_stay_away_and_so_does_the_grant) {
  script();
  on("grants user/u1").row(grant("hidden", "h1", "user", "u1"));
  const actors::SyncOutcome outcome = run();
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(outcome.summary.dropped_by_filter, 1U);
  const Content content = Content::read(job.path);
  EXPECT_THAT(content.resources, ElementsAre("user/u1"));
  EXPECT_THAT(content.grants, IsEmpty());
  EXPECT_THAT(content.sync.token, HasSubstr("\"grant_resources_dropped\":1"));
  EXPECT_THAT(content.sync.token, HasSubstr("\"grants_dropped\":1"));
}

TEST_F(Line7InsertedResources, with_the_reserved_annotation_end_the_sync) {
  script();
  v2::Grant row = grant("app", "a1", "user", "u1");
  row.mutable_entitlement()->mutable_resource()->add_annotations()->PackFrom(v2::BatonID());
  on("grants user/u1").row(row);
  EXPECT_EQ(run().status.code(), absl::StatusCode::kInternal);
}

// -- 8. Filter table of §12.2 including the "emptied filter removes expansion" rule.

class Line8Filter : public EngineTest {
 protected:
  void script() {
    types({"user", "group"});
    resources("user", {"u1"});
    resources("group", {"g1", "g2"});
    on("entitlements group/g1").row(entitlement("group", "g1", "member"));
    on("entitlements group/g2").row(entitlement("group", "g2", "member"));
    on("grants group/g1").row(grant("group", "g1", "user", "u1"));
  }
  static v2::Grant expanding(std::initializer_list<const char*> filter) {
    v2::Grant row = grant("group", "g2", "group", "g1");
    v2::GrantExpandable expandable;
    expandable.add_entitlement_ids("group:g1:member");
    for (const char* type : filter) expandable.add_resource_type_ids(type);
    row.add_annotations()->PackFrom(expandable);
    return row;
  }
};

TEST_F(Line8Filter, drops_references_into_types_that_are_not_there_and_counts_them) {
  script();
  on("entitlements group/g1").row(entitlement("robot", "r1", "use"));
  on("grants group/g1").row(grant("robot", "r1", "user", "u1")).row(grant("group", "g1", "robot", "r1"));
  v2::Grant placeholder = grant("group", "g1", "elsewhere", "x");
  v2::ExternalResourceMatchID match;
  match.set_id("x");
  placeholder.add_annotations()->PackFrom(match);
  on("grants group/g1").row(placeholder);
  const Content content = sync();
  EXPECT_THAT(content.entitlement_ids(), UnorderedElementsAre("group:g1:member", "group:g2:member"));
  EXPECT_THAT(content.grant_names(),
              UnorderedElementsAre("group:g1:member user/u1", "group:g1:member elsewhere/x"))
      << "a principal that stands for an external resource is not judged";
  EXPECT_THAT(content.sync.token, HasSubstr("\"entitlements_dropped\":1,\"grants_dropped\":2"));
  EXPECT_THAT(content.sync.token, HasSubstr("\"source_cache_replay_blocked\":true"));
  EXPECT_THAT(content.sync.token, HasSubstr("\"reason_flags\":3"));
}

TEST_F(Line8Filter, takes_types_out_of_an_expandable_description) {
  script();
  on("grants group/g2").row(expanding({"robot", "user"}));
  const Content content = sync();
  EXPECT_TRUE(content.grants.contains("group:g2:member user/u1")) << "users are still expanded to";
  EXPECT_THAT(content.sync.token, HasSubstr("\"expansion_resource_types_dropped\":1"));
  EXPECT_THAT(content.sync.token, Not(HasSubstr("expansions_dropped")));
}

TEST_F(Line8Filter, takes_a_description_away_when_nothing_of_its_types_is_left) {
  script();
  on("grants group/g2").row(expanding({"robot", "drone"}));
  const Content content = sync();
  EXPECT_FALSE(content.grants.contains("group:g2:member user/u1")) << "an empty list would mean everyone";
  EXPECT_TRUE(content.grants.contains("group:g2:member group/g1"));
  EXPECT_THAT(content.sync.token, HasSubstr("\"expansions_dropped\":1"));
}

TEST_F(Line8Filter, judges_types_only_and_no_rows) {
  script();
  on("grants group/g1").row(grant("group", "g1", "user", "nobody"));
  const Content content = sync();
  EXPECT_TRUE(content.grants.contains("group:g1:member user/nobody"));
}

}  // namespace
}  // namespace baton::test
