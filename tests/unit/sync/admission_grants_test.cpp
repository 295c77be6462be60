#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/utf8.hpp"
#include "c1/connector/v2/annotation_baton_id.pb.h"
#include "c1/connector/v2/annotation_grant.pb.h"
#include "rows.hpp"
#include "sync/admission.hpp"
#include "sync/annotation.hpp"

namespace baton::sync {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Grants = google::protobuf::RepeatedPtrField<v2::Grant>;

const Cursor kGrants = resource_cursor(Operation::kListGrants, rows::resource("group", "g1").id(), false);

absl::StatusOr<Admitted<v2::Grant>> admit(Grants& page, bool insert = false) {
  return admit_grants(rows::plain_rules(), kGrants, insert, page);
}

Grants page(std::initializer_list<v2::Grant> list) {
  return Grants(list.begin(), list.end());
}

v2::GrantExpandable expandable(std::initializer_list<const char*> types) {
  v2::GrantExpandable description;
  description.add_entitlement_ids("group:g2:member");
  description.set_shallow(true);
  for (const char* type : types) description.add_resource_type_ids(type);
  return description;
}

TEST(AdmitGrants, drop_references_into_types_that_the_run_does_not_have) {
  struct Case {
    const char* what;
    v2::Grant row;
    bool kept;
  };
  v2::Grant carrier = rows::grant("group", "g1", "foreign", "x");
  v2::ExternalResourceMatch match;
  match.set_key("email");
  carrier.add_annotations()->PackFrom(match);
  v2::Grant carrier_all = rows::grant("group", "g1", "foreign", "x");
  carrier_all.add_annotations()->PackFrom(v2::ExternalResourceMatchAll());
  v2::Grant carrier_id = rows::grant("group", "g1", "foreign", "x");
  carrier_id.add_annotations()->PackFrom(v2::ExternalResourceMatchID());
  v2::Grant lost_carrier = carrier;
  lost_carrier.mutable_entitlement()->mutable_resource()->mutable_id()->set_resource_type("app");
  const Case cases[] = {
      {"known types, rows that nobody listed", rows::grant("group", "gone", "user", "gone"), true},
      {"the entitlement's type is unknown", rows::grant("app", "a1", "user", "u1"), false},
      {"the principal's type is unknown", rows::grant("group", "g1", "foreign", "x"), false},
      {"a placeholder for a match", carrier, true},
      {"a placeholder for everyone", carrier_all, true},
      {"a placeholder for an id", carrier_id, true},
      {"a placeholder on an unknown type", lost_carrier, false},
  };
  for (const Case& one : cases) {
    Grants rows = page({one.row});
    const auto admitted = admit(rows);
    ASSERT_TRUE(admitted.ok()) << one.what << ": " << admitted.status();
    EXPECT_EQ(admitted->rows.size(), one.kept ? 1U : 0U) << one.what;
    EXPECT_EQ(admitted->dropped_by_filter, one.kept ? 0U : 1U) << one.what;
  }
}

TEST(AdmitGrants, refuse_a_grant_without_identity) {
  v2::Grant no_entitlement = rows::grant("group", "g1", "user", "u1");
  no_entitlement.clear_entitlement();
  v2::Grant no_entitlement_id = rows::grant("group", "g1", "user", "u1");
  no_entitlement_id.mutable_entitlement()->clear_id();
  v2::Grant no_principal = rows::grant("group", "g1", "user", "u1");
  no_principal.clear_principal();
  v2::Grant long_principal = rows::grant("group", "g1", "user", std::string(1025, 'p'));
  const v2::Grant cases[] = {v2::Grant(),
                             no_entitlement,
                             no_entitlement_id,
                             no_principal,
                             long_principal,
                             rows::grant("group", "", "user", "u1"),
                             rows::grant("", "g1", "user", "u1"),
                             rows::grant("group", "g1", "", "u1"),
                             rows::grant("group", "g1", "user", ""),
                             rows::grant("group", "g1", "user", "\xff")};
  for (const v2::Grant& row : cases) {
    Grants rows = page({row});
    const auto admitted = admit(rows);
    EXPECT_EQ(admitted.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(admitted.status().message()), HasSubstr("list-grants of group/g1"));
  }
}

TEST(AdmitGrants, need_no_id_of_their_own_and_have_it_repaired) {
  v2::Grant unnamed = rows::grant("group", "g1", "user", "u1");
  unnamed.clear_id();
  v2::Grant odd = rows::grant("group", "g1", "user", "u2");
  odd.set_id("\xff");
  Grants rows = page({unnamed, odd});
  const auto admitted = admit(rows);
  ASSERT_TRUE(admitted.ok());
  EXPECT_EQ(admitted->rows.size(), 2U);
  EXPECT_TRUE(is_valid_utf8(rows.Get(1).id()));
}

TEST(AdmitGrants, lose_unknown_types_of_their_expandable_description) {
  v2::Grant row = rows::grant("group", "g1", "group", "g2");
  row.add_annotations()->PackFrom(expandable({"user", "foreign", "role"}));
  row.add_annotations()->PackFrom(v2::GrantImmutable());
  Grants rows = page({row});
  const auto admitted = admit(rows);
  ASSERT_TRUE(admitted.ok());
  EXPECT_EQ(admitted->expansions_dropped, 0U);
  v2::GrantExpandable left;
  ASSERT_TRUE(rows.Get(0).annotations(0).UnpackTo(&left));
  EXPECT_THAT(left.resource_type_ids(), ElementsAre("user", "role"));
  EXPECT_THAT(left.entitlement_ids(), ElementsAre("group:g2:member"));
  EXPECT_TRUE(left.shallow());
  EXPECT_TRUE(rows.Get(0).annotations(1).Is<v2::GrantImmutable>());
}

TEST(AdmitGrants, lose_a_description_whose_filter_was_emptied) {
  v2::Grant row = rows::grant("group", "g1", "group", "g2");
  row.add_annotations()->PackFrom(v2::GrantImmutable());
  row.add_annotations()->PackFrom(expandable({"foreign", "alien"}));
  Grants rows = page({row});
  const auto admitted = admit(rows);
  ASSERT_TRUE(admitted.ok());
  EXPECT_EQ(admitted->rows.size(), 1U) << "the grant itself stays";
  EXPECT_EQ(admitted->expansions_dropped, 1U);
  ASSERT_EQ(rows.Get(0).annotations_size(), 1);
  EXPECT_TRUE(rows.Get(0).annotations(0).Is<v2::GrantImmutable>());
}

TEST(AdmitGrants, keep_descriptions_without_a_filter_unreadable_ones_and_those_of_placeholders) {
  v2::Grant open = rows::grant("group", "g1", "group", "g2");
  open.add_annotations()->PackFrom(expandable({}));
  v2::Grant unreadable = rows::grant("group", "g1", "group", "g3");
  google::protobuf::Any& any = *unreadable.add_annotations();
  any.set_type_url("type.googleapis.com/c1.connector.v2.GrantExpandable");
  any.set_value("\x0a\xff");
  v2::Grant placeholder = rows::grant("group", "g1", "foreign", "x");
  placeholder.add_annotations()->PackFrom(v2::ExternalResourceMatchAll());
  placeholder.add_annotations()->PackFrom(expandable({"alien"}));
  Grants rows = page({open, unreadable, placeholder});
  const Grants before = rows;
  const auto admitted = admit(rows);
  ASSERT_TRUE(admitted.ok());
  EXPECT_EQ(admitted->expansions_dropped, 0U);
  for (int i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows.Get(i).SerializeAsString(), before.Get(i).SerializeAsString()) << i;
  }
}

TEST(AdmitGrants, bring_their_resources_along_when_the_response_says_so) {
  v2::Grant good = rows::grant("group", "g1", "user", "u1");
  good.mutable_entitlement()->mutable_resource()->set_display_name("Engineers");
  Grants rows = page({good, rows::grant("group", "", "user", "u1"), rows::grant("app", "a1", "user", "u1")});
  const auto admitted = admit(rows, true);
  ASSERT_TRUE(admitted.ok()) << admitted.status();
  ASSERT_EQ(admitted->inserted_resources.size(), 1U) << "nothing of a type that the run does not have";
  EXPECT_EQ(admitted->inserted_resources[0]->display_name(), "Engineers");
  ASSERT_EQ(admitted->rows.size(), 1U);
  EXPECT_TRUE(has_annotation<v2::InsertResourceGrants>(admitted->rows[0]->annotations()));
  EXPECT_EQ(admitted->skipped_invalid, 1U) << "a resource without identity takes its grant with it";
  EXPECT_EQ(admitted->dropped_by_filter, 1U);
}

TEST(AdmitGrants, bring_nothing_along_otherwise) {
  Grants rows = page({rows::grant("group", "g1", "user", "u1")});
  const auto admitted = admit(rows);
  ASSERT_TRUE(admitted.ok());
  EXPECT_TRUE(admitted->inserted_resources.empty());
  EXPECT_TRUE(rows.Get(0).annotations().empty());
}

TEST(AdmitGrants, refuse_to_bring_a_resource_with_the_reserved_annotation) {
  v2::Grant row = rows::grant("group", "g1", "user", "u1");
  row.mutable_entitlement()->mutable_resource()->add_annotations()->PackFrom(v2::BatonID());
  Grants rows = page({row});
  EXPECT_EQ(admit(rows, true).status().code(), absl::StatusCode::kInternal);
  Grants again = page({row});
  EXPECT_TRUE(admit(again, false).ok()) << "nothing is inserted from it";
}

}  // namespace
}  // namespace baton::sync
