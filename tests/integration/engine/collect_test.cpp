#include <algorithm>

#include <gmock/gmock.h>

#include "c1/connector/v2/annotation_exclusion_group.pb.h"
#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "c1/connector/v2/annotation_type_scoped_entitlements.pb.h"
#include "c1/connector/v2/annotation_type_scoped_grants.pb.h"
#include "engine_test.hpp"
#include "world.hpp"

namespace baton::test {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class CollectTest : public EngineTest {
 protected:
  std::ptrdiff_t position(const std::string& request) const {
    const auto requests = connector_->requests();
    return std::find(requests.begin(), requests.end(), request) - requests.begin();
  }
};

class WorkersTest : public CollectTest, public ::testing::WithParamInterface<std::size_t> {};

TEST_P(WorkersTest, keep_the_phases_apart_and_their_number) {
  job.workers = GetParam();
  script_world(*connector_);
  connector_->shuffle(GetParam());
  const Content content = sync();  // The barrier is checked there.
  EXPECT_LE(connector_->most_in_flight(), GetParam());
  EXPECT_EQ(connector_->count("types"), 2U);
  EXPECT_EQ(connector_->count("types@p1"), 2U);
  auto requests = connector_->requests();
  std::sort(requests.begin(), requests.end());
  requests.erase(std::unique(requests.begin(), requests.end()), requests.end());
  EXPECT_EQ(requests.size() + 2, connector_->requests().size()) << "nothing else is asked twice";
  EXPECT_EQ(content.resources.size(), 60U + 12U + 4U + 4U + 1U);
  EXPECT_EQ(content.entitlements.size(), 12U + 4U);
}

INSTANTIATE_TEST_SUITE_P(Workers, WorkersTest, ::testing::Values(1, 4, 16));

TEST_F(CollectTest, an_empty_service_makes_an_empty_sync) {
  const Content content = sync();
  EXPECT_THAT(content.types, IsEmpty());
  EXPECT_EQ(content.sync.type, "full");
  EXPECT_THAT(connector_->requests(), ElementsAre("validate", "types", "types", "cleanup"));
}

TEST_F(CollectTest, a_skipped_sync_validates_and_is_empty) {
  script_world(*connector_);
  job.options.skip_full_sync = true;
  const Content content = sync();
  EXPECT_THAT(content.types, IsEmpty());
  EXPECT_THAT(content.resources, IsEmpty());
  EXPECT_THAT(connector_->requests(), ElementsAre("validate", "cleanup"));
}

TEST_F(CollectTest, child_listings_follow_their_parents_once_each) {
  types({"org", "team"});
  v2::ChildResourceType child;
  child.set_resource_type_id("team");
  v2::Resource org = resource("org", "o1");
  org.add_annotations()->PackFrom(child);
  org.add_annotations()->PackFrom(child);
  on("resources org").row(org).row(org);
  v2::Resource team = resource("team", "t1");
  *team.mutable_parent_resource_id() = org.id();
  // A child that has children of its own.
  v2::ChildResourceType grandchild;
  grandchild.set_resource_type_id("team");
  team.add_annotations()->PackFrom(grandchild);
  on("resources team<org/o1").row(team);
  v2::Resource squad = resource("team", "t2");
  *squad.mutable_parent_resource_id() = team.id();
  on("resources team<team/t1").row(squad);

  const Content content = sync();
  EXPECT_THAT(content.resources, UnorderedElementsAre("org/o1", "team/t1<org/o1", "team/t2<team/t1"));
  EXPECT_EQ(connector_->count("resources team<org/o1"), 1U);
  EXPECT_LT(position("resources org"), position("resources team<org/o1"));
  EXPECT_LT(position("resources team<org/o1"), position("resources team<team/t1"));
  EXPECT_EQ(connector_->count("resources team"), 1U) << "the type is listed by itself as well";
  EXPECT_EQ(connector_->count("entitlements team/t2"), 1U);
}

TEST_F(CollectTest, static_entitlements_apply_to_every_resource_of_their_type) {
  on("types").row(type("app")).row(marked_type<v2::SkipEntitlementsAndGrants>("group"));
  v2::Resource named = resource("app", "a1");
  named.set_display_name("Payroll");
  on("resources app").row(named).row(resource("app", "a2"));
  v2::Entitlement access;
  access.set_slug("access");
  v2::Entitlement admin;
  admin.set_slug("admin");
  admin.set_display_name("Administrator");
  v2::EntitlementExclusionGroup level;
  level.set_exclusion_group_id("level");
  level.set_scope_to_resource(true);
  admin.add_annotations()->PackFrom(level);
  on("static app").row(access).next("p1");
  on("static app@p1").row(admin);
  // Skip markers do not concern them.
  resources("group", {"g1"});
  on("static group").row(access);

  const Content content = sync();
  EXPECT_THAT(content.entitlement_ids(),
              UnorderedElementsAre("app:a1:access", "app:a1:admin", "app:a2:access", "app:a2:admin",
                                   "group:g1:access"));
  EXPECT_EQ(content.entitlements.at("app:a1:access").display_name(), "Payroll");
  EXPECT_EQ(content.entitlements.at("app:a2:admin").display_name(), "Administrator");
  v2::EntitlementExclusionGroup scoped;
  ASSERT_EQ(content.entitlements.at("app:a2:admin").annotations_size(), 1);
  ASSERT_TRUE(content.entitlements.at("app:a2:admin").annotations(0).UnpackTo(&scoped));
  EXPECT_EQ(scoped.exclusion_group_id(), "level-a2");
}

TEST_F(CollectTest, static_entitlements_of_many_resources_are_all_made) {
  types({"user"});
  for (int i = 0; i < 5000; ++i) on("resources user").row(resource("user", "u" + std::to_string(i)));
  v2::Entitlement fixed;
  fixed.set_slug("login");
  on("static user").row(fixed);
  job.options.skip_grants = true;
  // One answer for all of them.
  v2::ResourceType scoped = marked_type<v2::TypeScopedEntitlements>("user");
  new_connector();
  on("types").row(scoped);
  for (int i = 0; i < 5000; ++i) on("resources user").row(resource("user", "u" + std::to_string(i)));
  on("static user").row(fixed);
  EXPECT_EQ(sync().entitlements.size(), 5000U);
}

TEST_F(CollectTest, a_type_scoped_listing_is_asked_once_even_without_resources) {
  on("types")
      .row(marked_type<v2::TypeScopedGrants>("group"))
      .row(marked_type<v2::TypeScopedEntitlements, v2::TypeScopedGrants>("empty"));
  resources("group", {"g1", "g2"});
  on("grants group*").row(grant("group", "g1", "group", "g2")).next("p1");
  on("grants group*@p1").row(grant("group", "g2", "group", "g1"));
  const Content content = sync();
  EXPECT_THAT(content.grant_names(),
              UnorderedElementsAre("group:g1:member group/g2", "group:g2:member group/g1"));
  EXPECT_EQ(connector_->count("entitlements empty*"), 1U);
  EXPECT_EQ(connector_->count("grants empty*"), 1U);
  EXPECT_EQ(connector_->count("grants group/g1"), 0U);
  EXPECT_EQ(connector_->count("entitlements group/g1"), 1U);
}

TEST_F(CollectTest, siblings_are_walked_once_however_often_they_are_announced) {
  types({"user", "group"});
  resources("user", {"u0", "u1", "u2", "u3"});
  resources("group", {"g1"});
  // Beside the message, as the SDK does it, and inside, as upstream does.
  on("grants group/g1").row(grant("group", "g1", "user", "u0")).sibling("s1");
  v2::EnqueuePageTokens enqueue;
  enqueue.add_page_tokens("s2");
  on("grants group/g1").annotation(enqueue);
  on("grants group/g1@s1").row(grant("group", "g1", "user", "u1")).sibling("s2").next("s1-next");
  on("grants group/g1@s2").row(grant("group", "g1", "user", "u2")).sibling("s1").sibling("s3");
  on("grants group/g1@s3").row(grant("group", "g1", "user", "u3"));
  const Content content = sync();
  EXPECT_EQ(content.grants.size(), 4U);
  for (const char* token : {"s1", "s2", "s3", "s1-next"}) {
    EXPECT_EQ(connector_->count(std::string("grants group/g1@") + token), 1U) << token;
  }
}

TEST_F(CollectTest, every_listing_may_announce_siblings) {
  on("types").row(type("user")).sibling("more");
  on("types@more").row(type("group"));
  on("resources user").row(resource("user", "u1")).sibling("100");
  on("resources user@100").row(resource("user", "u101"));
  on("entitlements user/u1").row(entitlement("user", "u1", "a")).sibling("x");
  on("entitlements user/u1@x").row(entitlement("user", "u1", "b"));
  const Content content = sync();
  EXPECT_THAT(content.types, UnorderedElementsAre("user", "group"));
  EXPECT_THAT(content.resources, UnorderedElementsAre("user/u1", "user/u101"));
  EXPECT_THAT(content.entitlement_ids(), UnorderedElementsAre("user:u1:a", "user:u1:b"));
}

TEST_F(CollectTest, grants_of_an_independent_type_start_as_soon_as_their_resource_is_committed) {
  types({"user", "repo"});
  connector_->independent("repo");
  on("resources repo").row(resource("repo", "r1")).next("p1");
  // The listing of the repositories ends only after the first one's grants were asked for.
  on("resources repo@p1").row(resource("repo", "r2")).next("p2");
  on("resources repo@p2").row(resource("repo", "r3")).after("grants repo/r1");
  resources("user", {"u1"});
  on("grants repo/r1").row(grant("repo", "r1", "user", "u1"));
  on("entitlements user/u1").row(entitlement("user", "u1", "x"));
  const Content content = sync();
  EXPECT_THAT(content.grant_names(), ElementsAre("repo:r1:member user/u1"));
  EXPECT_LT(position("grants repo/r1"), position("entitlements user/u1"));
  EXPECT_LT(position("resources repo@p2"), position("entitlements user/u1")) << "others keep the barrier";
}

TEST_F(CollectTest, resources_come_along_with_grants_that_say_so) {
  types({"user", "app"});
  resources("user", {"u1"});
  v2::Grant carrying = grant("app", "unlisted", "user", "u1");
  carrying.mutable_entitlement()->mutable_resource()->set_display_name("Unlisted");
  on("grants user/u1").row(carrying).annotation(v2::InsertResourceGrants());
  const Content content = sync();
  EXPECT_THAT(content.resources, UnorderedElementsAre("user/u1", "app/unlisted"));
  EXPECT_THAT(content.grant_names(), ElementsAre("app:unlisted:member user/u1"));
}

TEST_F(CollectTest, skip_flags_leave_whole_phases_out) {
  script_world(*connector_);
  job.options.skip_grants = true;
  const Content without_grants = sync();
  EXPECT_EQ(without_grants.sync.type, "full");
  EXPECT_THAT(without_grants.grants, IsEmpty());
  EXPECT_EQ(without_grants.entitlements.size(), 16U);
  EXPECT_THAT(connector_->requests(), Not(Contains(HasSubstr("grants"))));

  new_connector();
  script_world(*connector_);
  job.options.skip_entitlements_and_grants = true;
  const Content resources_only = sync();
  EXPECT_EQ(resources_only.sync.type, "resources_only");
  EXPECT_THAT(resources_only.entitlements, IsEmpty());
  EXPECT_EQ(resources_only.resources.size(), 81U);
  EXPECT_EQ(connector_->count("types"), 1U);
  EXPECT_THAT(connector_->requests(), Not(Contains(HasSubstr("static"))));
}

TEST_F(CollectTest, the_type_filter_keeps_everything_else_out) {
  script_world(*connector_);
  job.options.resource_types = {"user", "role"};
  const Content content = sync();
  EXPECT_THAT(content.types, UnorderedElementsAre("user", "role"));
  EXPECT_EQ(content.resources.size(), 64U);
  EXPECT_THAT(content.entitlement_ids(),
              UnorderedElementsAre("role:r0:member", "role:r1:member", "role:r2:member", "role:r3:member"));
  EXPECT_THAT(content.grants, IsEmpty()) << "all of them were to groups";
  EXPECT_EQ(connector_->count("resources group"), 0U);
  EXPECT_EQ(connector_->count("types@p1"), 2U);
}

TEST_F(CollectTest, the_type_filter_is_judged_over_all_pages_of_the_types) {
  script_world(*connector_);
  job.options.resource_types = {"user", "rolle"};
  const actors::SyncOutcome outcome = run();
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("'rolle'"));
}

}  // namespace
}  // namespace baton::test
