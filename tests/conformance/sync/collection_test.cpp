#include <algorithm>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "c1/connector/v2/annotation_exclusion_group.pb.h"
#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "c1/connector/v2/annotation_type_scoped_entitlements.pb.h"
#include "c1/connector/v2/annotation_type_scoped_grants.pb.h"
#include "engine_test.hpp"
#include "world.hpp"

/// Lines 1 to 6 of the checklist: what is asked, how often, and in which order.
namespace baton::test {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class CollectionTest : public EngineTest {
 protected:
  std::size_t position(const std::string& request) const {
    const auto requests = connector_->requests();
    const auto found = std::find(requests.begin(), requests.end(), request);
    EXPECT_NE(found, requests.end()) << request << " was never asked";
    return static_cast<std::size_t>(found - requests.begin());
  }
  static v2::Resource parent_of(const std::string& child, v2::Resource row) {
    v2::ChildResourceType annotation;
    annotation.set_resource_type_id(child);
    row.add_annotations()->PackFrom(annotation);
    return row;
  }
};

// -- 1. Phase barrier holds with 1, 4 and 16 workers; resource types are requested twice.

class Line1Phases : public CollectionTest {};

TEST_F(Line1Phases, are_kept_apart_by_any_number_of_workers_and_types_are_asked_for_twice) {
  for (const std::size_t workers : {1, 4, 16}) {
    SCOPED_TRACE(workers);
    clean_up();
    new_connector();
    script_world(*connector_);
    connector_->shuffle(workers * 7);
    job.workers = workers;
    sync();  // Looks at the barrier.
    EXPECT_EQ(connector_->count("types"), 2U);
    EXPECT_EQ(connector_->count("types@p1"), 2U);
    EXPECT_LE(connector_->most_in_flight(), workers);
  }
}

// -- 2. Child listing: parent stored first; scheduled once per (type, parent); filter honoured.

class Line2Children : public CollectionTest {};

TEST_F(Line2Children, are_listed_after_their_parent_and_once_for_each_type_and_parent) {
  types({"org", "team", "app"});
  v2::Resource org = parent_of("app", parent_of("team", parent_of("team", resource("org", "o1"))));
  // Again on the next page, which must not start the listings again.
  on("resources org").row(org).next("p1");
  on("resources org@p1").row(org);
  on("resources team<org/o1").row(resource("team", "t1"));
  sync();
  EXPECT_EQ(connector_->count("resources team<org/o1"), 1U);
  EXPECT_EQ(connector_->count("resources app<org/o1"), 1U);
  EXPECT_LT(position("resources org"), position("resources team<org/o1"));
}

TEST_F(Line2Children, of_a_type_that_is_filtered_out_are_not_listed) {
  types({"org", "team"});
  job.options.resource_types = {"org"};
  on("resources org").row(parent_of("team", resource("org", "o1")));
  sync();
  EXPECT_EQ(connector_->count("resources team<org/o1"), 0U);
}

TEST_F(Line2Children, of_a_type_that_nobody_listed_are_asked_for_and_their_rows_refused) {
  types({"org"});
  on("resources org").row(parent_of("hidden", resource("org", "o1")));
  sync();
  EXPECT_EQ(connector_->count("resources hidden<org/o1"), 1U);
  clean_up();
  on("resources hidden<org/o1").row(resource("hidden", "h1"));
  EXPECT_EQ(run().status.code(), absl::StatusCode::kInternal);
}

// -- 3. Static templates: id, fall-back names, scoped exclusion groups.

class Line3StaticEntitlements : public CollectionTest {};

TEST_F(Line3StaticEntitlements, are_made_for_each_resource_with_its_names_and_groups_of_its_own) {
  types({"app"});
  v2::Resource named = resource("app", "a1");
  named.set_display_name("Payroll");
  named.set_description("Pays");
  on("resources app").row(named).row(resource("app", "a2"));
  v2::Entitlement fixed;
  fixed.set_slug("admin");
  v2::EntitlementExclusionGroup group;
  group.set_exclusion_group_id("level");
  group.set_scope_to_resource(true);
  group.set_is_default(true);
  fixed.add_annotations()->PackFrom(group);
  on("static app").row(fixed);
  const Content content = sync();
  ASSERT_THAT(content.entitlement_ids(), UnorderedElementsAre("app:a1:admin", "app:a2:admin"));
  const v2::Entitlement& made = content.entitlements.at("app:a1:admin");
  EXPECT_EQ(made.display_name(), "Payroll");
  EXPECT_EQ(made.description(), "Pays");
  EXPECT_EQ(made.slug(), "admin");
  v2::EntitlementExclusionGroup scoped;
  ASSERT_TRUE(made.annotations(0).UnpackTo(&scoped));
  EXPECT_EQ(scoped.exclusion_group_id(), "level-a1");
}

// -- 4. Skip markers: each of the five placements of §11.

class Line4SkipMarkers : public CollectionTest {
 protected:
  /// Whether entitlements and grants of the resource "a" were asked for, with a neighbour that is not marked.
  std::string asked() {
    sync();
    EXPECT_EQ(connector_->count("entitlements plain/b"), 1U);
    EXPECT_EQ(connector_->count("grants plain/b"), 1U);
    return absl::StrCat(connector_->count("entitlements marked/a"), connector_->count("grants marked/a"));
  }
  template <class... Marker>
  void script_type() {
    on("types").row(marked_type<Marker...>("marked")).row(type("plain"));
    resources("marked", {"a"});
    resources("plain", {"b"});
  }
  template <class Marker>
  void script_resource() {
    types({"marked", "plain"});
    v2::Resource row = resource("marked", "a");
    row.add_annotations()->PackFrom(Marker());
    on("resources marked").row(row);
    resources("plain", {"b"});
  }
};

TEST_F(Line4SkipMarkers, skip_both_on_a_type) {
  script_type<v2::SkipEntitlementsAndGrants>();
  EXPECT_EQ(asked(), "00");
}
TEST_F(Line4SkipMarkers, skip_both_on_a_resource) {
  script_resource<v2::SkipEntitlementsAndGrants>();
  EXPECT_EQ(asked(), "00");
}
TEST_F(Line4SkipMarkers, skip_entitlements_on_a_type) {
  script_type<v2::SkipEntitlements>();
  EXPECT_EQ(asked(), "01");
}
TEST_F(Line4SkipMarkers, skip_entitlements_on_a_resource) {
  script_resource<v2::SkipEntitlements>();
  EXPECT_EQ(asked(), "01");
}
TEST_F(Line4SkipMarkers, skip_grants_on_a_resource) {
  script_resource<v2::SkipGrants>();
  EXPECT_EQ(asked(), "10");
}
TEST_F(Line4SkipMarkers, skip_grants_on_a_type_which_upstream_ignores) {
  script_type<v2::SkipGrants>();
  EXPECT_EQ(asked(), "10");
}

// -- 5. Type-scoped: one stub request with marker, planned with zero resources, not in targeted.

class Line5TypeScoped : public CollectionTest {};

TEST_F(Line5TypeScoped, is_one_marked_request_even_for_a_type_without_resources) {
  on("types")
      .row(marked_type<v2::TypeScopedGrants, v2::TypeScopedEntitlements>("empty"))
      .row(marked_type<v2::TypeScopedGrants>("group"));
  v2::Resource skipped = resource("group", "g1");
  skipped.add_annotations()->PackFrom(v2::SkipGrants());
  on("resources group").row(skipped).row(resource("group", "g2"));
  on("grants group*").row(grant("group", "g1", "group", "g2"));
  const Content content = sync();
  // The name of a scripted request has the star only when the marker was on the request.
  for (const char* request : {"grants empty*", "entitlements empty*", "grants group*"}) {
    EXPECT_EQ(connector_->count(request), 1U) << request;
  }
  EXPECT_EQ(connector_->count("grants group/g1"), 0U);
  EXPECT_EQ(connector_->count("grants group/g2"), 0U);
  EXPECT_EQ(connector_->count("entitlements group/g1"), 1U);
  EXPECT_EQ(content.grants.size(), 1U) << "markers of resources do not concern it";
}

TEST_F(Line5TypeScoped, is_no_part_of_a_targeted_sync) {
  on("types").row(marked_type<v2::TypeScopedGrants, v2::TypeScopedEntitlements>("group"));
  job.options.targeted = true;
  job.options.targets = {sync::ResourceTarget("group", "g1")};
  on("get group/g1").row(resource("group", "g1"));
  const Content content = sync();
  EXPECT_THAT(content.resources, UnorderedElementsAre("group/g1"));
  EXPECT_THAT(connector_->requests(), Not(Contains(HasSubstr("grants"))));
  EXPECT_THAT(connector_->requests(), Not(Contains(HasSubstr("entitlements"))));
}

// -- 6. EnqueuePageTokens: every limit; duplicates; re-mention skipped; chained spawns drained.

class Line6Siblings : public CollectionTest {
 protected:
  /// A sync whose grants of g1 announce these tokens beside the next one.
  absl::Status announce(const std::vector<std::string>& tokens, const std::string& next = "") {
    clean_up();
    new_connector();
    types({"user", "group"});
    resources("user", {"u1"});
    resources("group", {"g1"});
    on("grants group/g1").row(grant("group", "g1", "user", "u1")).next(next);
    v2::EnqueuePageTokens enqueue;
    for (const std::string& token : tokens) enqueue.add_page_tokens(token);
    on("grants group/g1").annotation(enqueue);
    return run().status;
  }
  static std::vector<std::string> numbered(std::size_t count, std::size_t size = 0) {
    std::vector<std::string> tokens;
    for (std::size_t i = 0; i < count; ++i) {
      std::string token = absl::StrCat("t", i, "-");
      token.resize(std::max(token.size(), size), 'x');
      tokens.push_back(std::move(token));
    }
    return tokens;
  }
};

TEST_F(Line6Siblings, break_a_limit_and_end_the_sync) {
  EXPECT_TRUE(announce(numbered(1024)).ok());
  const struct {
    const char* what;
    std::vector<std::string> tokens;
    std::string next;
  } cases[] = {
      {"1,025 tokens", numbered(1025), ""},
      {"an empty token", {"a", ""}, ""},
      {"a token over 1 MiB", {std::string((1u << 20) + 1, 't')}, ""},
      {"over 16 MiB in all", numbered(17, 1u << 20), ""},
      {"the same token twice", {"a", "b", "a"}, ""},
      {"the page's own next token", {"a", "n"}, "n"},
  };
  for (const auto& one : cases) {
    const absl::Status status = announce(one.tokens, one.next);
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << one.what;
    EXPECT_THAT(std::string(status.message()), HasSubstr("list-grants of group/g1")) << one.what;
  }
}

TEST_F(Line6Siblings, in_two_annotations_of_one_response_end_the_sync) {
  types({"group"});
  resources("group", {"g1"});
  v2::EnqueuePageTokens enqueue;
  enqueue.add_page_tokens("a");
  on("grants group/g1").annotation(enqueue).annotation(enqueue);
  EXPECT_EQ(run().status.code(), absl::StatusCode::kInternal);
}

TEST_F(Line6Siblings, that_are_mentioned_again_run_once_and_chains_of_them_are_drained) {
  types({"user", "group"});
  resources("user", {"u0", "u1", "u2", "u3"});
  resources("group", {"g1"});
  const auto announcing = [](std::initializer_list<const char*> tokens) {
    v2::EnqueuePageTokens enqueue;
    for (const char* token : tokens) enqueue.add_page_tokens(token);
    return enqueue;
  };
  on("entitlements group/g1").annotation(announcing({"e1"}));
  on("entitlements group/g1@e1").row(entitlement("group", "g1", "member"));
  on("grants group/g1").row(grant("group", "g1", "user", "u0")).annotation(announcing({"a", "b"}));
  on("grants group/g1@a").row(grant("group", "g1", "user", "u1")).annotation(announcing({"b", "c"}));
  on("grants group/g1@b").row(grant("group", "g1", "user", "u2")).annotation(announcing({"a"}));
  on("grants group/g1@c").row(grant("group", "g1", "user", "u3"));
  const actors::SyncOutcome outcome = run();
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  // b by the first page and by a, a by the first page and by b.
  ASSERT_EQ(outcome.summary.warnings.size(), 1U);
  EXPECT_THAT(outcome.summary.warnings[0], ::testing::HasSubstr("announced 2 page tokens"));
  const Content content = Content::read(job.path);
  EXPECT_EQ(content.grants.size(), 4U);
  EXPECT_EQ(content.entitlements.size(), 1U);
  for (const char* token : {"a", "b", "c"}) {
    EXPECT_EQ(connector_->count(absl::StrCat("grants group/g1@", token)), 1U) << token;
  }
}

}  // namespace
}  // namespace baton::test
