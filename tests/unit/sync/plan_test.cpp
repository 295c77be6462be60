#include "sync/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "c1/connector/v2/annotation_type_scoped_entitlements.pb.h"
#include "c1/connector/v2/annotation_type_scoped_grants.pb.h"
#include "rows.hpp"
#include "sync/annotation.hpp"

namespace baton::sync {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::HasSubstr;

v2::ResourceId group_id() {
  return rows::resource("group", "g1").id();
}

std::vector<Operation> operations(const std::vector<Cursor>& cursors) {
  std::vector<Operation> result;
  for (const Cursor& cursor : cursors) {
    EXPECT_EQ(cursor.phase(), cursor.operation());
    result.push_back(operation_of(cursor));
  }
  return result;
}

TEST(FirstCursors, are_the_resource_types_twice_as_far_as_the_options_ask) {
  using ::testing::ElementsAre;
  using ::testing::IsEmpty;
  SyncOptions options;
  EXPECT_THAT(operations(first_cursors(options)),
              ElementsAre(Operation::kListResourceTypes, Operation::kListStaticEntitlements));
  options.skip_grants = true;
  EXPECT_THAT(operations(first_cursors(options)),
              ElementsAre(Operation::kListResourceTypes, Operation::kListStaticEntitlements));
  options.skip_entitlements_and_grants = true;
  EXPECT_THAT(operations(first_cursors(options)), ElementsAre(Operation::kListResourceTypes));
  options.skip_full_sync = true;
  EXPECT_THAT(first_cursors(options), IsEmpty());
}

TEST(SyncOptions, record_their_sync_type_and_want_all_types_unless_told) {
  SyncOptions options;
  EXPECT_STREQ(options.sync_type(), "full");
  EXPECT_TRUE(options.wants_type("anything"));
  options.skip_grants = true;
  EXPECT_STREQ(options.sync_type(), "full");
  options.skip_entitlements_and_grants = true;
  EXPECT_STREQ(options.sync_type(), "resources_only");
  options.resource_types = {"user", "group"};
  EXPECT_TRUE(options.wants_type("group"));
  EXPECT_FALSE(options.wants_type("role"));
}

TEST(Siblings, inherit_what_their_cursor_is_about_and_start_over) {
  Cursor cursor = resource_cursor(Operation::kListGrants, group_id(), true);
  cursor.set_page(7);
  cursor.set_page_token("p7");
  cursor.set_attempts(3);
  cursor.mutable_loop()->set_power(4);
  std::vector<Cursor> planned;
  ASSERT_TRUE(append_siblings(cursor, {"s1", "s2"}, "p8", planned).ok());
  ASSERT_EQ(planned.size(), 2U);
  EXPECT_EQ(planned[1].sibling_token(), "s2");
  EXPECT_EQ(planned[1].page_token(), "s2");
  EXPECT_EQ(planned[1].page(), 0U);
  EXPECT_EQ(planned[1].attempts(), 0U);
  EXPECT_FALSE(planned[1].has_loop());
  EXPECT_FALSE(planned[1].done());
  EXPECT_TRUE(planned[1].independent());
  EXPECT_EQ(planned[1].resource_type_id(), "group");
  EXPECT_EQ(planned[1].resource_id(), "g1");
  EXPECT_EQ(operation_of(planned[1]), Operation::kListGrants);
}

TEST(Siblings, of_a_type_scoped_or_child_listing_stay_that) {
  Cursor scoped = type_cursor(Operation::kListGrants, "group");
  scoped.set_type_scoped(true);
  Cursor child = child_cursor("team", group_id());
  std::vector<Cursor> planned;
  ASSERT_TRUE(append_siblings(scoped, {"s"}, "", planned).ok());
  ASSERT_TRUE(append_siblings(child, {"s"}, "", planned).ok());
  EXPECT_TRUE(planned[0].type_scoped());
  EXPECT_EQ(planned[1].parent_type_id(), "group");
  EXPECT_EQ(planned[1].parent_id(), "g1");
}

TEST(Siblings, are_refused_beyond_each_limit) {
  const std::string large(limits::kPageTokenBytes, 'x');
  struct Case {
    const char* what;
    std::vector<std::string> tokens;
    std::string next;
    bool ok;
  };
  std::vector<std::string> most(limits::kSiblingTokens);
  for (std::size_t i = 0; i < most.size(); ++i) most[i] = "t" + std::to_string(i);
  std::vector<std::string> too_many = most;
  too_many.push_back("one more");
  std::vector<std::string> heavy;
  for (char c = 'a'; c < 'a' + 16; ++c) heavy.push_back(std::string(limits::kPageTokenBytes, c));
  std::vector<std::string> too_heavy = heavy;
  too_heavy.push_back("x");
  const Case cases[] = {
      {"none", {}, "n", true},
      {"the most", most, "n", true},
      {"one too many", too_many, "n", false},
      {"an empty token", {"a", ""}, "n", false},
      {"the largest token", {large}, "n", true},
      {"a larger token", {large + "x"}, "n", false},
      {"the largest sum", heavy, "n", true},
      {"a larger sum", too_heavy, "n", false},
      {"a token that is no text", {"\xff"}, "n", false},
      {"the same twice", {"a", "b", "a"}, "n", false},
      {"the next token", {"a", "n"}, "n", false},
  };
  for (const Case& one : cases) {
    std::vector<Cursor> planned;
    const absl::Status status =
        append_siblings(type_cursor(Operation::kListGrants, "group"), one.tokens, one.next, planned);
    EXPECT_EQ(status.ok(), one.ok) << one.what << ": " << status;
    if (one.ok) {
      EXPECT_EQ(planned.size(), one.tokens.size()) << one.what;
    } else {
      EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << one.what;
      EXPECT_THAT(std::string(status.message()), HasSubstr("list-grants of group")) << one.what;
      EXPECT_LT(status.message().size(), 1000U) << one.what;
    }
  }
}

TEST(Advance, goes_to_the_next_page_and_forgets_failed_attempts) {
  Cursor cursor = type_cursor(Operation::kListResources, "user");
  cursor.set_attempts(4);
  ASSERT_TRUE(sync::advance(cursor, "p1").ok());
  EXPECT_EQ(cursor.page(), 1U);
  EXPECT_EQ(cursor.page_token(), "p1");
  EXPECT_EQ(cursor.attempts(), 0U);
  EXPECT_FALSE(cursor.done());
  ASSERT_TRUE(sync::advance(cursor, "").ok());
  EXPECT_EQ(cursor.page(), 2U);
  EXPECT_TRUE(cursor.done());
}

TEST(Advance, refuses_the_token_that_it_asked_with) {
  Cursor cursor = type_cursor(Operation::kListResources, "user");
  ASSERT_TRUE(sync::advance(cursor, "same").ok());
  const absl::Status status = sync::advance(cursor, "same");
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("list-resources of user"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"same\""));
}

TEST(Advance, refuses_a_token_that_comes_back_later) {
  Cursor cursor = resource_cursor(Operation::kListGrants, group_id(), false);
  absl::Status status;
  int pages = 0;
  while (status.ok() && pages < 20) status = sync::advance(cursor, pages++ % 2 == 0 ? "a" : "b");
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_LE(pages, 8) << "a period of two is found within a few pages";
  EXPECT_THAT(std::string(status.message()), HasSubstr("group/g1"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("circles"));
}

TEST(Advance, refuses_a_token_that_could_not_be_stored) {
  Cursor cursor = type_cursor(Operation::kListResources, "user");
  EXPECT_EQ(sync::advance(cursor, "caf\xe9").code(), absl::StatusCode::kInternal);
}

TEST(Advance, bounds_the_token_and_what_messages_repeat_of_it) {
  Cursor cursor = type_cursor(Operation::kListResources, "user");
  const std::string largest(limits::kPageTokenBytes, 'x');
  ASSERT_TRUE(sync::advance(cursor, largest).ok());
  EXPECT_LT(describe(cursor).size(), 300U);
  EXPECT_THAT(describe(cursor), HasSubstr("1048576 bytes"));
  const absl::Status status = sync::advance(cursor, largest + "x");
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_LT(status.message().size(), 1000U);
}

TEST(Describe, names_operation_subject_page_and_token) {
  Cursor types = type_cursor(Operation::kListResourceTypes, "");
  EXPECT_EQ(describe(types), "list-resource-types, page 1");
  Cursor child = child_cursor("team", group_id());
  child.set_page(2);
  child.set_page_token("t2");
  EXPECT_EQ(describe(child), "list-resources of team below group/g1, page 3 (token \"t2\")");
  EXPECT_EQ(describe(resource_cursor(Operation::kListEntitlements, group_id(), false)),
            "list-entitlements of group/g1, page 1");
}

TEST(Requests, carry_token_sync_and_subject) {
  Cursor types = type_cursor(Operation::kListResourceTypes, "");
  types.set_page_token("p");
  const auto types_request = resource_types_request(types, "sync-1");
  EXPECT_EQ(types_request.page_token(), "p");
  EXPECT_EQ(types_request.active_sync_id(), "sync-1");

  const auto top = resources_request(type_cursor(Operation::kListResources, "team"), "sync-1");
  EXPECT_EQ(top.resource_type_id(), "team");
  EXPECT_FALSE(top.has_parent_resource_id());
  const auto below = resources_request(child_cursor("team", group_id()), "sync-1");
  EXPECT_EQ(below.parent_resource_id().resource_type(), "group");
  EXPECT_EQ(below.parent_resource_id().resource(), "g1");

  const auto fixed =
      static_entitlements_request(type_cursor(Operation::kListStaticEntitlements, "team"), "sync-1");
  EXPECT_EQ(fixed.resource_type_id(), "team");
}

TEST(Requests, about_a_resource_carry_its_stored_row_or_at_least_its_id) {
  v2::Resource stored = rows::resource("group", "g1");
  stored.set_display_name("Engineers");
  const Cursor cursor = resource_cursor(Operation::kListGrants, group_id(), false);
  const auto full = grants_request(cursor, &stored, "sync-1");
  EXPECT_EQ(full.resource().display_name(), "Engineers");
  EXPECT_EQ(full.active_sync_id(), "sync-1");
  EXPECT_TRUE(full.annotations().empty());
  const auto bare = entitlements_request(cursor, nullptr, "sync-1");
  EXPECT_EQ(bare.resource().id().resource_type(), "group");
  EXPECT_EQ(bare.resource().id().resource(), "g1");
}

TEST(Requests, about_a_whole_type_carry_a_stub_and_the_marker) {
  Cursor cursor = type_cursor(Operation::kListGrants, "group");
  cursor.set_type_scoped(true);
  const auto grants = grants_request(cursor, nullptr, "sync-1");
  EXPECT_EQ(grants.resource().id().resource_type(), "group");
  EXPECT_EQ(grants.resource().id().resource(), "group");
  EXPECT_TRUE(has_annotation<v2::TypeScopedGrants>(grants.annotations()));
  const auto entitlements = entitlements_request(cursor, nullptr, "sync-1");
  EXPECT_TRUE(has_annotation<v2::TypeScopedEntitlements>(entitlements.annotations()));
}

}  // namespace
}  // namespace baton::sync
