#include <filesystem>
#include <functional>
#include <span>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "c1/connector/v2/annotation_baton_id.pb.h"
#include "c1/connector/v2/annotation_exclusion_group.pb.h"
#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "engine_test.hpp"
#include "storage/sync_store.hpp"
#include "sync/plan.hpp"
#include "world.hpp"

/// Line 14 of the checklist: invariants I3 to I10, one violating and one passing data set each.
namespace baton::test {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Line14Invariants : public EngineTest {
 protected:
  /// A sync in which every reference finds its row.
  void script() {
    clean_up();
    new_connector();
    types({"user", "group"});
    resources("user", {"u1"});
    resources("group", {"g1"});
    on("entitlements group/g1").row(entitlement("group", "g1", "member"));
    on("grants group/g1").row(grant("group", "g1", "user", "u1"));
  }
  /// The warning of that sync.
  std::string warning() {
    const actors::SyncOutcome outcome = run();
    EXPECT_TRUE(outcome.status.ok()) << outcome.status;
    EXPECT_LE(outcome.summary.warnings.size(), 1U);
    return outcome.summary.warnings.empty() ? "" : outcome.summary.warnings.front();
  }
  /// The error of that sync, which is not sealed and not to be tried again.
  std::string violation() {
    const actors::SyncOutcome outcome = run();
    EXPECT_EQ(outcome.status.code(), absl::StatusCode::kFailedPrecondition) << outcome.status;
    EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("ingest invariant violated"));
    EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("--restart"));
    EXPECT_FALSE(std::filesystem::exists(job.path));
    EXPECT_TRUE(run_directory_exists()) << "nothing is thrown away because of an error";
    return std::string(outcome.status.message());
  }
  /// Leaves a run that is collected, and holds what `fill` puts into it.
  void make_collected_run(const std::function<void(storage::SyncStore&)>& fill) {
    storage::StoreOptions options;
    options.directory = job.directory;
    const auto store = storage::SyncStore::open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    baton::store::v1::RunHeader header;
    header.set_sync_id("0ujtsYcgvSTl8PAuAdqWYSMnLOv");
    header.set_sync_type("full");
    header.set_state(baton::store::v1::RUN_STATE_COLLECTED);
    header.mutable_configuration()->insert(job.configuration.begin(), job.configuration.end());
    fill(**store);
    ASSERT_TRUE((*store)->put_header(header).ok());
    ASSERT_TRUE((*store)->close().ok());
    job.resume_max_age = std::chrono::milliseconds(0);
  }
  static v2::Entitlement in_group(v2::Entitlement row, const std::string& id, bool is_default = false) {
    v2::EntitlementExclusionGroup group;
    group.set_exclusion_group_id(id);
    group.set_is_default(is_default);
    row.add_annotations()->PackFrom(group);
    return row;
  }
};

TEST_F(Line14Invariants, pass_where_every_reference_finds_its_row_and_the_marker_says_so) {
  script();
  EXPECT_EQ(warning(), "");
  const Content content = Content::read(job.path);
  EXPECT_EQ(content.sync.invariant_generation, "1");
  EXPECT_EQ(content.sync.invariant_coverage, R"(["I5","I10","I7","I3","I8","I9"])");
  EXPECT_EQ(content.sync.invariant_mode, "connector");
  script();
  job.options.strict_invariants = true;
  EXPECT_EQ(warning(), "");
  EXPECT_EQ(Content::read(job.path).sync.invariant_mode, "connector_fail_fast");
}

TEST_F(Line14Invariants, I3_a_grant_on_a_resource_without_a_row) {
  script();
  on("entitlements group/g1").row(entitlement("group", "lost", "member"));
  on("grants group/g1").row(grant("group", "lost", "user", "u1"));
  const actors::SyncOutcome outcome = run();
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_THAT(outcome.summary.warnings, ElementsAre(AllOf(HasSubstr("I7: 1 "), HasSubstr("group/lost")),
                                                    AllOf(HasSubstr("I3: 1 "), HasSubstr("group/lost"))));
}

TEST_F(Line14Invariants, I4_a_child_listing_that_was_never_planned) {
  const auto group = [] {
    v2::Resource row = resource("group", "g1");
    v2::ChildResourceType child;
    child.set_resource_type_id("team");
    row.add_annotations()->PackFrom(child);
    return row;
  };
  script();
  types({"team"});
  on("resources group").row(group());
  job.options.strict_invariants = true;
  EXPECT_EQ(warning(), "");
  EXPECT_THAT(Content::read(job.path).sync.invariant_coverage, HasSubstr("I4"));

  // Nothing that we do leaves it out: such a run is made here.
  clean_up();
  make_collected_run([&](storage::SyncStore& store) {
    storage::EncodedRows rows(storage::StructuralOrder(2, 1, 0), 1);
    for (const char* id : {"group", "team"}) rows.add(type(id));
    rows.add(group());
    rows.finish();
    ASSERT_TRUE(store.add_rows(rows).ok());
  });
  EXPECT_THAT(violation(),
              AllOf(HasSubstr("I4: 1 child listings"), HasSubstr("group/g1"), HasSubstr("team")));
  // It is looked at on request only.
  job.options.strict_invariants = false;
  EXPECT_EQ(warning(), "");
}

TEST_F(Line14Invariants, I5_exclusion_groups) {
  script();
  for (int i = 0; i < 50; ++i) {
    v2::Entitlement row = in_group(entitlement("group", "g1", absl::StrCat("e", i)), "full", i == 7);
    on("entitlements group/g1").row(row).row(row);  // The same one again is the same one.
  }
  // Any number of groups, and one without a name.
  v2::Entitlement both = in_group(in_group(entitlement("group", "g1", "both"), "a", true), "b", true);
  on("entitlements group/g1")
      .row(in_group(both, "", true))
      .row(in_group(entitlement("group", "g1", "n"), "", true));
  EXPECT_EQ(warning(), "");

  script();
  for (int i = 0; i < 51; ++i) {
    on("entitlements group/g1").row(in_group(entitlement("group", "g1", absl::StrCat("e", i)), "crowd"));
  }
  EXPECT_THAT(violation(), AllOf(HasSubstr("I5"), HasSubstr("crowd"), HasSubstr("more than 50")));

  script();
  on("entitlements group/g1").row(in_group(entitlement("group", "g1", "a"), "two", true));
  on("entitlements group/g1").row(in_group(entitlement("group", "g1", "b"), "two", true));
  EXPECT_THAT(violation(), AllOf(HasSubstr("two"), HasSubstr("more than one default")));

  script();
  on("entitlements group/g1").row(in_group(in_group(entitlement("group", "g1", "a"), "ok"), "wide"));
  on("entitlements user/u1").row(in_group(entitlement("user", "u1", "a"), "wide"));
  EXPECT_THAT(violation(), AllOf(HasSubstr("wide"), HasSubstr("more than one resource type")));

  // Every sync type: here one that reads no grants.
  script();
  job.options.skip_grants = true;
  on("entitlements group/g1").row(in_group(entitlement("group", "g1", "a"), "two", true));
  on("entitlements group/g1").row(in_group(entitlement("group", "g1", "b"), "two", true));
  EXPECT_THAT(violation(), HasSubstr("I5"));
}

TEST_F(Line14Invariants, I7_an_entitlement_on_a_resource_without_a_row) {
  script();
  on("entitlements group/g1").row(entitlement("group", "lost", "member"));
  EXPECT_THAT(warning(), AllOf(HasSubstr("I7: 1 entitlements"), HasSubstr("group:lost:member"),
                               HasSubstr("synced types")));
}

TEST_F(Line14Invariants, I8_a_grant_of_an_entitlement_without_a_row) {
  script();
  v2::Grant row = grant("group", "g1", "user", "u1");
  row.mutable_entitlement()->set_id("group:g1:unheard");
  row.set_id("another");
  on("grants group/g1").row(row);
  EXPECT_THAT(warning(), AllOf(HasSubstr("I8: 1 grants"), HasSubstr("group:g1:unheard")));
}

TEST_F(Line14Invariants, I9_a_grant_to_a_principal_without_a_row) {
  script();
  for (int i = 0; i < 30; ++i)
    on("grants group/g1").row(grant("group", "g1", "user", absl::StrCat("nobody", i)));
  v2::Grant placeholder = grant("group", "g1", "user", "elsewhere");
  v2::ExternalResourceMatchID match;
  match.set_id("x");
  placeholder.add_annotations()->PackFrom(match);
  on("grants group/g1").row(placeholder);
  EXPECT_THAT(warning(), AllOf(HasSubstr("I9: 30 grants"), HasSubstr("user/nobody0"), HasSubstr("27 more")))
      << "one line, and none for who stands for an external resource";
  clean_up();
  job.options.strict_invariants = true;
  EXPECT_THAT(violation(), HasSubstr("I9"));
}

TEST_F(Line14Invariants, I10_a_list_that_was_not_read_to_its_end) {
  script();
  // Nothing that we do leaves such a run: it is made here.
  make_collected_run([](storage::SyncStore& store) {
    const sync::Cursor cursor = sync::type_cursor(Operation::kListResources, "user");
    ASSERT_TRUE(store.plan("first", std::span(&cursor, 1)).ok());
  });
  EXPECT_THAT(violation(), HasSubstr("I10: 1 lists"));
}

TEST_F(Line14Invariants, references_are_no_business_of_syncs_that_do_not_read_everything) {
  script();
  on("grants group/g1").row(grant("group", "g1", "user", "nobody"));
  job.options.targeted = true;
  job.options.targets = {sync::ResourceTarget("group", "g1")};
  on("get group/g1").row(resource("group", "g1"));
  EXPECT_EQ(warning(), "");
  EXPECT_EQ(Content::read(job.path).sync.invariant_coverage, R"(["I5","I10"])");
}

}  // namespace
}  // namespace baton::test
