#include "sync/admission.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/utf8.hpp"
#include "c1/connector/v2/annotation_baton_id.pb.h"
#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "c1/connector/v2/annotation_trait.pb.h"
#include "c1/connector/v2/annotation_type_scoped_entitlements.pb.h"
#include "c1/connector/v2/annotation_type_scoped_grants.pb.h"
#include "rows.hpp"

namespace baton::sync {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

template <class Row>
using Rows = google::protobuf::RepeatedPtrField<Row>;

template <class Row>
Rows<Row> page(std::initializer_list<Row> list) {
  return Rows<Row>(list.begin(), list.end());
}

const Cursor kTypes = type_cursor(Operation::kListResourceTypes, "");
const Cursor kResources = type_cursor(Operation::kListResources, "group");
const Cursor kEntitlements =
    resource_cursor(Operation::kListEntitlements, rows::resource("group", "g1").id(), false);

/// Ids of the widest kind that is still an id, and those that are none.
const std::string kLongest(1024, 'i');
const std::string kBadIds[] = {"", std::string(1025, 'i'), "\xff", "cut \xc3"};

/// What the cursors ask for, readable.
std::vector<std::string> described(const std::vector<Cursor>& cursors) {
  std::vector<std::string> result;
  for (const Cursor& cursor : cursors) result.push_back(describe(cursor));
  return result;
}

// -- resource types

TEST(AdmitResourceTypes, skips_rows_without_a_usable_id) {
  for (const std::string& id : kBadIds) {
    auto rows = page({rows::type(id), rows::type("user")});
    const auto admitted = admit_resource_types(AdmissionRules(), kTypes, rows);
    ASSERT_TRUE(admitted.ok());
    ASSERT_EQ(admitted->rows.size(), 1U);
    EXPECT_EQ(admitted->rows[0], &rows.Get(1)) << "rows point into the page";
    EXPECT_EQ(admitted->skipped_invalid, 1U);
    EXPECT_THAT(described(admitted->planned), ElementsAre("list-resources of user, page 1"));
  }
}

TEST(AdmitResourceTypes, keeps_only_what_the_filter_names) {
  SyncOptions options;
  options.resource_types = {"user"};
  auto rows = page({rows::type("user"), rows::type("group"), rows::type("")});
  const auto admitted = admit_resource_types(AdmissionRules(options, nullptr), kTypes, rows);
  ASSERT_TRUE(admitted.ok());
  EXPECT_EQ(admitted->rows.size(), 1U);
  EXPECT_EQ(admitted->dropped_by_filter, 1U);
  EXPECT_EQ(admitted->skipped_invalid, 1U);
}

TEST(AdmitResourceTypes, repairs_text_that_protobuf_cannot_carry) {
  v2::ResourceType type = rows::type("user");
  type.set_display_name("caf\xe9");
  type.set_description("\xff");
  auto rows = page({type});
  const auto admitted = admit_resource_types(AdmissionRules(), kTypes, rows);
  ASSERT_TRUE(admitted.ok());
  EXPECT_TRUE(is_valid_utf8(rows.Get(0).display_name()));
  EXPECT_THAT(rows.Get(0).display_name(), HasSubstr("caf"));
  EXPECT_TRUE(is_valid_utf8(rows.Get(0).description()));
}

TEST(CheckTypeFilter, names_the_entry_that_the_connector_does_not_list) {
  const auto catalog = rows::catalog({rows::type("user"), rows::type("group")});
  SyncOptions options;
  EXPECT_TRUE(check_type_filter(options, *catalog).ok());
  options.resource_types = {"user", "group"};
  EXPECT_TRUE(check_type_filter(options, *catalog).ok());
  options.resource_types = {"user", "grop"};
  const absl::Status status = check_type_filter(options, *catalog);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("'grop'"));
}

// -- resources

TEST(AdmitResources, skips_rows_without_a_complete_identity) {
  const AdmissionRules rules = rows::plain_rules();
  auto rows = page<v2::Resource>({v2::Resource(), rows::resource("group", kLongest)});
  for (const std::string& id : kBadIds) {
    *rows.Add() = rows::resource("group", id);
    *rows.Add() = rows::resource(id, "g1");
  }
  const auto admitted = admit_resources(rules, kResources, rows);
  ASSERT_TRUE(admitted.ok()) << admitted.status();
  ASSERT_EQ(admitted->rows.size(), 1U);
  EXPECT_EQ(admitted->rows[0], &rows.Get(1));
  EXPECT_EQ(admitted->skipped_invalid, 9U);
  EXPECT_EQ(admitted->planned.size(), 2U) << "a skipped row plans nothing";
}

TEST(AdmitResources, ends_the_sync_for_what_proves_a_broken_connector) {
  v2::ResourceType user = rows::type("user");
  user.add_traits(v2::ResourceType::TRAIT_USER);
  const AdmissionRules rules(SyncOptions(), rows::catalog({user, rows::type("group")}));

  v2::Resource reserved = rows::resource("group", "g1");
  reserved.add_annotations()->PackFrom(v2::BatonID());
  v2::Resource wrong_trait = rows::resource("user", "u1");
  wrong_trait.add_annotations()->PackFrom(v2::GroupTrait());
  struct Case {
    v2::Resource row;
    const char* says;
  };
  const Case cases[] = {
      {reserved, "BatonID"},
      {rows::resource("user", "u1"), "missing expected trait UserTrait"},
      {wrong_trait, "missing expected trait UserTrait"},
      {rows::resource("role", "r1"), "resource type that this sync does not have"},
  };
  for (const Case& one : cases) {
    auto rows = page({one.row});
    const auto admitted = admit_resources(rules, kResources, rows);
    ASSERT_EQ(admitted.status().code(), absl::StatusCode::kInternal) << one.says;
    const std::string message(admitted.status().message());
    EXPECT_THAT(message, HasSubstr(one.says));
    EXPECT_THAT(message, HasSubstr("list-resources of group"));
    EXPECT_THAT(message, HasSubstr(one.row.id().resource_type() + "/" + one.row.id().resource()));
  }

  v2::Resource good = rows::resource("user", "u1");
  good.add_annotations()->PackFrom(v2::UserTrait());
  auto rows = page({good});
  EXPECT_TRUE(admit_resources(rules, kResources, rows).ok());
}

TEST(AdmitResources, repairs_names) {
  v2::Resource row = rows::resource("group", "g1");
  row.set_display_name("\xff\xfe");
  row.set_description("d\x80");
  auto rows = page({row});
  ASSERT_TRUE(admit_resources(rows::plain_rules(), kResources, rows).ok());
  EXPECT_TRUE(is_valid_utf8(rows.Get(0).display_name()));
  EXPECT_TRUE(is_valid_utf8(rows.Get(0).description()));
}

enum class Marker { kNone, kBoth, kEntitlements, kGrants };

template <class Row>
void mark(Row& row, Marker marker) {
  if (marker == Marker::kBoth) row.add_annotations()->PackFrom(v2::SkipEntitlementsAndGrants());
  if (marker == Marker::kEntitlements) row.add_annotations()->PackFrom(v2::SkipEntitlements());
  if (marker == Marker::kGrants) row.add_annotations()->PackFrom(v2::SkipGrants());
}

/// One skip marker in every place it can be in, and what is still asked for then.
TEST(AdmitResources, plan_what_no_skip_marker_in_any_place_excludes) {
  for (const Marker of_type : {Marker::kNone, Marker::kBoth, Marker::kEntitlements, Marker::kGrants}) {
    for (const Marker of_row : {Marker::kNone, Marker::kBoth, Marker::kEntitlements, Marker::kGrants}) {
      for (const bool skip_both_option : {false, true}) {
        for (const bool skip_grants_option : {false, true}) {
          v2::ResourceType type = rows::type("group");
          mark(type, of_type);
          v2::Resource row = rows::resource("group", "g1");
          mark(row, of_row);
          SyncOptions options;
          options.skip_entitlements_and_grants = skip_both_option;
          options.skip_grants = skip_grants_option;
          auto rows = page({row});
          const auto admitted =
              admit_resources(AdmissionRules(options, rows::catalog({type})), kResources, rows);
          ASSERT_TRUE(admitted.ok());
          const auto skips = [&](Marker what) {
            return of_type == Marker::kBoth || of_type == what || of_row == Marker::kBoth || of_row == what;
          };
          std::vector<std::string> expected;
          if (!skip_both_option && !skips(Marker::kEntitlements)) {
            expected.push_back("list-entitlements of group/g1, page 1");
          }
          if (!skip_both_option && !skip_grants_option && !skips(Marker::kGrants)) {
            expected.push_back("list-grants of group/g1, page 1");
          }
          EXPECT_EQ(described(admitted->planned), expected)
              << "type " << static_cast<int>(of_type) << ", row " << static_cast<int>(of_row) << ", options "
              << skip_both_option << skip_grants_option;
        }
      }
    }
  }
}

TEST(AdmitResources, ask_nothing_of_one_resource_when_its_type_is_asked_as_a_whole) {
  auto rows = page({rows::resource("group", "g1")});
  const auto entitlements = admit_resources(
      AdmissionRules(SyncOptions(), rows::catalog({rows::marked_type<v2::TypeScopedEntitlements>("group")})),
      kResources, rows);
  EXPECT_THAT(described(entitlements->planned), ElementsAre("list-grants of group/g1, page 1"));
  const auto grants = admit_resources(
      AdmissionRules(SyncOptions(), rows::catalog({rows::marked_type<v2::TypeScopedGrants>("group")})),
      kResources, rows);
  EXPECT_THAT(described(grants->planned), ElementsAre("list-entitlements of group/g1, page 1"));
}

TEST(AdmitResources, hand_the_promise_of_their_type_on_to_their_cursors) {
  auto rows = page({rows::resource("group", "g1"), rows::resource("user", "u1")});
  const auto admitted = admit_resources(
      AdmissionRules(SyncOptions(), rows::catalog({rows::type("group"), rows::type("user")}, "group")),
      kResources, rows);
  ASSERT_EQ(admitted->planned.size(), 4U);
  for (const Cursor& cursor : admitted->planned) {
    EXPECT_EQ(cursor.independent(), cursor.resource_type_id() == "group") << describe(cursor);
  }
}

TEST(AdmitResources, plan_child_listings_that_the_filter_wants) {
  v2::Resource row = rows::resource("group", "g1");
  for (const char* child : {"team", "secret", ""}) {
    v2::ChildResourceType annotation;
    annotation.set_resource_type_id(child);
    row.add_annotations()->PackFrom(annotation);
  }
  google::protobuf::Any& unreadable = *row.add_annotations();
  unreadable.set_type_url("type.googleapis.com/c1.connector.v2.ChildResourceType");
  unreadable.set_value("\xff");
  SyncOptions options;
  options.skip_entitlements_and_grants = true;
  auto rows = page({row});

  const auto all =
      admit_resources(AdmissionRules(options, rows::catalog({rows::type("group")})), kResources, rows);
  ASSERT_TRUE(all.ok());
  EXPECT_THAT(described(all->planned), ElementsAre("list-resources of team below group/g1, page 1",
                                                   "list-resources of secret below group/g1, page 1"));

  options.resource_types = {"group", "team"};
  const auto filtered =
      admit_resources(AdmissionRules(options, rows::catalog({rows::type("group")})), kResources, rows);
  ASSERT_TRUE(filtered.ok());
  EXPECT_THAT(described(filtered->planned), ElementsAre("list-resources of team below group/g1, page 1"));
}

// -- entitlements

TEST(AdmitEntitlements, skip_drop_or_keep_by_what_is_missing) {
  const AdmissionRules rules = rows::plain_rules();
  v2::Entitlement no_id = rows::entitlement("group", "g1", "member");
  no_id.clear_id();
  v2::Entitlement long_id = no_id;
  long_id.set_id(std::string(1025, 'e'));
  v2::Entitlement no_resource = no_id;
  no_resource.set_id("e");
  no_resource.clear_resource();
  v2::Entitlement no_resource_id = rows::entitlement("group", "", "member");
  v2::Entitlement no_type = rows::entitlement("", "g1", "member");
  enum class Fate { kKept, kSkipped, kDropped };
  struct Case {
    const char* what;
    v2::Entitlement row;
    Fate fate;
  };
  const Case cases[] = {
      {"complete", rows::entitlement("group", "g1", "member"), Fate::kKept},
      {"null", v2::Entitlement(), Fate::kSkipped},
      {"no id", no_id, Fate::kSkipped},
      {"an id that is too long", long_id, Fate::kSkipped},
      {"no resource", no_resource, Fate::kSkipped},
      {"no resource id", no_resource_id, Fate::kSkipped},
      {"no resource type", no_type, Fate::kSkipped},
      {"a resource type that the run does not have", rows::entitlement("app", "a1", "use"), Fate::kDropped},
      {"a resource that nobody listed", rows::entitlement("role", "nowhere", "use"), Fate::kKept},
  };
  for (const Case& one : cases) {
    auto rows = page({one.row});
    const auto admitted = admit_entitlements(rules, kEntitlements, rows);
    ASSERT_TRUE(admitted.ok()) << one.what;
    EXPECT_EQ(admitted->rows.size(), one.fate == Fate::kKept ? 1U : 0U) << one.what;
    EXPECT_EQ(admitted->skipped_invalid, one.fate == Fate::kSkipped ? 1U : 0U) << one.what;
    EXPECT_EQ(admitted->dropped_by_filter, one.fate == Fate::kDropped ? 1U : 0U) << one.what;
  }
}

TEST(AdmitEntitlements, refuse_the_reserved_annotation_on_their_resource) {
  v2::Entitlement row = rows::entitlement("group", "g1", "member");
  row.mutable_resource()->add_annotations()->PackFrom(v2::BatonID());
  auto rows = page({row});
  const auto admitted = admit_entitlements(rows::plain_rules(), kEntitlements, rows);
  EXPECT_EQ(admitted.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(admitted.status().message()), HasSubstr("group/g1"));
}

TEST(AdmitEntitlements, repair_names) {
  v2::Entitlement row = rows::entitlement("group", "g1", "member");
  row.set_display_name("\xff");
  row.set_description("\xff");
  row.set_slug("\xff");
  auto rows = page({row});
  ASSERT_TRUE(admit_entitlements(rows::plain_rules(), kEntitlements, rows).ok());
  EXPECT_TRUE(is_valid_utf8(rows.Get(0).display_name()));
  EXPECT_TRUE(is_valid_utf8(rows.Get(0).description()));
  EXPECT_TRUE(is_valid_utf8(rows.Get(0).slug()));
}

// -- work outside pages

TEST(PlanStaticEntitlements, asks_for_every_listed_type_whatever_the_filter) {
  const auto rows = page({rows::type("user"), rows::type(""), rows::type("group")});
  EXPECT_THAT(
      described(plan_static_entitlements(rows)),
      ElementsAre("list-static-entitlements of user, page 1", "list-static-entitlements of group, page 1"));
}

TEST(PlanTypeScoped, asks_once_for_each_marked_type) {
  const auto catalog = rows::catalog(
      {rows::marked_type<v2::TypeScopedEntitlements, v2::TypeScopedGrants>("both"),
       rows::marked_type<v2::TypeScopedGrants>("grants"), rows::type("plain"),
       rows::marked_type<v2::TypeScopedGrants, v2::SkipEntitlementsAndGrants>("marked-and-skipped")});
  SyncOptions options;
  const auto planned = plan_type_scoped(options, *catalog);
  EXPECT_THAT(described(planned),
              ElementsAre("list-entitlements of both, page 1", "list-grants of both, page 1",
                          "list-grants of grants, page 1", "list-grants of marked-and-skipped, page 1"));
  for (const Cursor& cursor : planned) EXPECT_TRUE(cursor.type_scoped());
  options.skip_grants = true;
  EXPECT_THAT(described(plan_type_scoped(options, *catalog)),
              ElementsAre("list-entitlements of both, page 1"));
  options.skip_entitlements_and_grants = true;
  EXPECT_THAT(plan_type_scoped(options, *catalog), IsEmpty());
}

}  // namespace
}  // namespace baton::sync
