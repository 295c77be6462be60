#include <gmock/gmock.h>

#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "c1/connector/v2/annotation_trait.pb.h"
#include "engine_test.hpp"
#include "storage/sync_store.hpp"

/// Targeted (partial) and resources-only syncs.
namespace baton::test {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class PartialSync : public EngineTest {
 protected:
  void script() {
    types({"user", "group", "app"});
    v2::ChildResourceType child;
    child.set_resource_type_id("app");
    v2::Resource group = resource("group", "g1");
    group.add_annotations()->PackFrom(child);
    on("get group/g1").row(group);
    on("resources app<group/g1").row(resource("app", "a1"));
    on("entitlements group/g1").row(entitlement("group", "g1", "member"));
    on("grants group/g1").row(grant("group", "g1", "user", "u1")).row(grant("app", "a9", "user", "u1"));
    on("get app/a9").row(resource("app", "a9"));
    job.options.targeted = true;
    job.options.targets = {sync::ResourceTarget("group", "g1")};
  }
};

TEST_F(PartialSync, reads_a_target_what_is_below_it_and_what_its_grants_mention) {
  script();
  const Content content = sync();
  EXPECT_EQ(content.sync.type, "partial");
  EXPECT_THAT(content.types, UnorderedElementsAre("user", "group", "app"));
  EXPECT_THAT(content.resources, UnorderedElementsAre("group/g1", "app/a1", "app/a9"));
  EXPECT_THAT(content.grant_names(),
              UnorderedElementsAre("group:g1:member user/u1", "app:a9:member user/u1"));
  EXPECT_THAT(content.sync.token, HasSubstr("\"should_fetch_related_resources\":true"));
  EXPECT_FALSE(content.sync.supports_diff);
  const auto requests = connector_->requests();
  EXPECT_THAT(requests, Not(Contains("resources group")));
  EXPECT_THAT(requests, Not(Contains(HasSubstr("static"))));
  EXPECT_THAT(requests, Not(Contains(HasSubstr("entitlements app/a1")))) << "what is below comes as rows";
  EXPECT_EQ(connector_->count("types"), 1U);
  EXPECT_EQ(connector_->count("get app/a9"), 1U);
}

TEST_F(PartialSync, of_what_is_not_there_is_empty) {
  types({"group"});
  job.options.targeted = true;
  job.options.targets = {sync::ResourceTarget("group", "gone")};
  const Content content = sync();
  EXPECT_THAT(content.resources, IsEmpty());
  EXPECT_EQ(connector_->count("get group/gone"), 1U);
}

TEST_F(PartialSync, whose_targets_are_all_filtered_out_collects_nothing_instead_of_everything) {
  script();
  resources("user", {"u1"});
  job.options.resource_types = {"user"};
  const Content content = sync();
  EXPECT_EQ(content.sync.type, "partial");
  EXPECT_THAT(content.types, ElementsAre("user"));
  EXPECT_THAT(content.resources, IsEmpty());
  EXPECT_THAT(connector_->requests(), Not(Contains(HasSubstr("resources"))));
}

TEST_F(PartialSync, fetches_a_target_that_is_named_twice_once) {
  script();
  job.options.targets = {sync::ResourceTarget("group", "g1"), sync::ResourceTarget("group", "g1")};
  sync();
  EXPECT_EQ(connector_->count("get group/g1"), 1U);
}

TEST_F(PartialSync, does_not_fetch_what_another_list_brought) {
  script();
  on("grants group/g1").row(grant("app", "a1", "user", "u1"));
  sync();
  EXPECT_EQ(connector_->count("get app/a1"), 0U);
}

TEST_F(PartialSync, keeps_references_that_a_full_sync_would_drop) {
  script();
  on("grants group/g1").row(grant("group", "g1", "robot", "r1"));
  EXPECT_TRUE(sync().grants.contains("group:g1:member robot/r1"));
}

TEST_F(PartialSync, holds_targets_to_the_traits_of_their_type) {
  v2::ResourceType group = type("group");
  group.add_traits(v2::ResourceType::TRAIT_GROUP);
  on("types").row(group);
  on("get group/g1").row(resource("group", "g1"));
  job.options.targeted = true;
  job.options.targets = {sync::ResourceTarget("group", "g1")};
  const actors::SyncOutcome outcome = run();
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("GroupTrait"));
}

TEST_F(PartialSync, names_the_latest_full_sync_as_its_parent) {
  types({"group"});
  resources("group", {"g1"});
  const Content full = sync();
  clock_->advance(std::chrono::hours(1));
  script();
  const actors::SyncOutcome outcome = run();
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  auto reader = c1z::open_reader(job.path);
  ASSERT_TRUE(reader.ok()) << reader.status();
  const auto& syncs = (*reader)->syncs();
  EXPECT_EQ(syncs.back().type, "partial");
  EXPECT_EQ(syncs.back().parent_id, full.sync.id);
}

TEST_F(PartialSync, asks_again_for_nothing_that_it_has_after_an_interruption) {
  script();
  on("get app/a9").fails(absl::InternalError("down"), 1);
  EXPECT_FALSE(run().status.ok());
  const Content content = sync();
  EXPECT_EQ(connector_->count("get group/g1"), 1U);
  EXPECT_EQ(connector_->count("grants group/g1"), 1U);
  EXPECT_TRUE(content.resources.contains("app/a9"));
}

TEST_F(PartialSync, of_resources_only_has_its_own_type_and_drops_no_references) {
  types({"user"});
  resources("user", {"u1"});
  job.options.skip_entitlements_and_grants = true;
  const Content content = sync();
  EXPECT_EQ(content.sync.type, "resources_only");
  EXPECT_THAT(content.resources, ElementsAre("user/u1"));
  EXPECT_THAT(content.sync.token, HasSubstr("\"should_skip_entitlements_and_grants\":true"));
}

}  // namespace
}  // namespace baton::test
