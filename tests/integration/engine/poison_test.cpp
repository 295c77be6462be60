#include <functional>

#include <gmock/gmock.h>

#include "c1/connector/v2/annotation_baton_id.pb.h"
#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "engine_test.hpp"

namespace baton::test {
namespace {

namespace v2 = c1::connector::v2;

const std::string kBadText = "\xff\xc3\x28 bad";

/// Output that no connector should make. Whatever it is: the sync ends, with an error that names the place or
/// with an artifact that can be read to its end.
class PoisonTest : public EngineTest {
 protected:
  void script() {
    types({"user", "group"});
    resources("user", {"u1"});
    resources("group", {"g1"});
    on("entitlements group/g1").row(entitlement("group", "g1", "member"));
    on("grants group/g1").row(grant("group", "g1", "user", "u1"));
  }
  static google::protobuf::Any unreadable(const std::string& name) {
    google::protobuf::Any any;
    any.set_type_url("type.googleapis.com/c1.connector.v2." + name);
    any.set_value("\xff\xff\xff\xff");
    return any;
  }
};

TEST_F(PoisonTest, rows_without_identity_are_left_out) {
  script();
  const std::string bad_ids[] = {"", std::string(1025, 'x'), kBadText};
  for (const std::string& id : bad_ids) {
    on("types").row(type(id));
    on("resources group").row(resource("group", id)).row(resource(id, "g1"));
    on("entitlements group/g1").row(entitlement("group", id, "e"));
    v2::Entitlement unnamed = entitlement("group", "g1", "e");
    unnamed.set_id(id);
    on("entitlements group/g1").row(unnamed);
  }
  on("entitlements group/g1").row(v2::Entitlement());
  on("grants group/g1").row(grant("group", "g1", "robot", "r1"));
  const actors::SyncOutcome outcome = run();
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  // Three types, six resources, seven entitlements; a grant to a type that nobody listed.
  EXPECT_EQ(outcome.summary.skipped_invalid, 16U);
  EXPECT_EQ(outcome.summary.dropped_by_filter, 1U);
  const Content content = Content::read(job.path);
  EXPECT_EQ(content.types.size(), 2U);
  EXPECT_EQ(content.resources.size(), 2U);
  EXPECT_EQ(content.entitlements.size(), 1U);
  EXPECT_EQ(content.grants.size(), 1U);
}

TEST_F(PoisonTest, text_that_is_no_text_does_not_spoil_the_artifact) {
  script();
  v2::ResourceType type = test::type("app");
  type.set_display_name(kBadText);
  type.set_description(kBadText);
  on("types").row(type);
  v2::Resource resource = test::resource("app", "a1");
  resource.set_display_name(kBadText);
  resource.set_description(kBadText);
  on("resources app").row(resource);
  v2::Entitlement entitlement = test::entitlement("app", "a1", "use");
  entitlement.set_display_name(kBadText);
  entitlement.set_description(kBadText);
  entitlement.set_slug(kBadText);
  on("entitlements app/a1").row(entitlement);
  v2::Grant grant = test::grant("app", "a1", "user", "u1");
  grant.set_id(kBadText);
  on("grants app/a1").row(grant);
  const Content content = sync();
  EXPECT_TRUE(content.resources.contains("app/a1"));
  EXPECT_TRUE(content.entitlements.contains("app:a1:use"));
  EXPECT_TRUE(content.grants.contains("app:a1:member user/u1"));
}

TEST_F(PoisonTest, annotations_that_cannot_be_read_are_kept_as_they_are) {
  script();
  for (const char* name : {"ChildResourceType", "UserTrait", "RawId"}) {
    v2::Resource row = resource("group", std::string("odd-") + name);
    *row.add_annotations() = unreadable(name);
    on("resources group").row(row);
  }
  v2::Grant expandable = grant("group", "g1", "group", "g2");
  *expandable.add_annotations() = unreadable("GrantExpandable");
  on("grants group/g1").row(expandable);
  v2::Grant blank = grant("group", "g1", "group", "g3");
  v2::GrantExpandable description;
  description.add_entitlement_ids("");
  description.add_entitlement_ids("  ");
  blank.add_annotations()->PackFrom(description);
  on("grants group/g1").row(blank);
  v2::Grant lost = grant("group", "g1", "group", "g4");
  description.clear_entitlement_ids();
  description.add_entitlement_ids("nobody:has:this");
  lost.add_annotations()->PackFrom(description);
  on("grants group/g1").row(lost);
  const Content content = sync();
  EXPECT_EQ(content.resources.size(), 5U);
  EXPECT_EQ(content.grants.size(), 4U);
}

/// Each of these spoils one row in one place.
TEST_F(PoisonTest, every_other_spoiled_row_ends_in_an_error_or_a_readable_artifact) {
  struct Case {
    const char* what;
    std::function<void()> spoil;
  };
  const auto resource_case = [this](const std::function<void(v2::Resource&)>& change) {
    return [this, change] {
      v2::Resource row = resource("group", "spoiled");
      change(row);
      on("resources group").row(row);
    };
  };
  const auto entitlement_case = [this](const std::function<void(v2::Entitlement&)>& change) {
    return [this, change] {
      v2::Entitlement row = entitlement("group", "g1", "spoiled");
      change(row);
      on("entitlements group/g1").row(row);
    };
  };
  const auto grant_case = [this](const std::function<void(v2::Grant&)>& change) {
    return [this, change] {
      v2::Grant row = grant("group", "g1", "user", "u2");
      change(row);
      on("grants group/g1").row(row);
    };
  };
  const auto static_case = [this](const std::function<void(v2::Entitlement&)>& change) {
    return [this, change] {
      v2::Entitlement row;
      row.set_slug("fixed");
      change(row);
      on("static group").row(row);
    };
  };
  const Case cases[] = {
      {"the reserved annotation",
       resource_case([](v2::Resource& row) { row.add_annotations()->PackFrom(v2::BatonID()); })},
      {"a resource of an unknown type",
       resource_case([](v2::Resource& row) { row.mutable_id()->set_resource_type("unknown"); })},
      {"a parent without id", resource_case([](v2::Resource& row) { row.mutable_parent_resource_id(); })},
      {"a parent that is no text", resource_case([](v2::Resource& row) {
         row.mutable_parent_resource_id()->set_resource_type("group");
         row.mutable_parent_resource_id()->set_resource(kBadText);
       })},
      {"a huge parent", resource_case([](v2::Resource& row) {
         row.mutable_parent_resource_id()->set_resource_type("group");
         row.mutable_parent_resource_id()->set_resource(std::string(1u << 20, 'p'));
       })},
      {"an annotation whose type is no text",
       resource_case([](v2::Resource& row) { row.add_annotations()->set_type_url(kBadText); })},
      {"an empty annotation", resource_case([](v2::Resource& row) { row.add_annotations(); })},
      {"a profile that is no text", resource_case([](v2::Resource& row) {
         (*row.mutable_profile()->mutable_fields())[kBadText].set_string_value(kBadText);
       })},
      {"a profile of great depth", resource_case([](v2::Resource& row) {
         google::protobuf::Struct* level = row.mutable_profile();
         for (int depth = 0; depth < 60; ++depth) {
           level = (*level->mutable_fields())["deeper"].mutable_struct_value();
         }
       })},
      {"a child type that is no text", resource_case([](v2::Resource& row) {
         google::protobuf::Any& any = *row.add_annotations();
         any.set_type_url("type.googleapis.com/c1.connector.v2.ChildResourceType");
         any.set_value("\x0a\x02\xff\xfe");
       })},
      {"a huge child type", resource_case([](v2::Resource& row) {
         v2::ChildResourceType child;
         child.set_resource_type_id(std::string(100'000, 'c'));
         row.add_annotations()->PackFrom(child);
       })},
      {"a huge name",
       resource_case([](v2::Resource& row) { row.set_display_name(std::string(5u << 20, 'n')); })},
      {"a grantable type that is no text",
       entitlement_case([](v2::Entitlement& row) { row.add_grantable_to()->set_id(kBadText); })},
      {"a purpose that does not exist", entitlement_case([](v2::Entitlement& row) {
         row.set_purpose(static_cast<v2::Entitlement::PurposeValue>(99));
       })},
      {"the reserved annotation on an entitlement's resource", entitlement_case([](v2::Entitlement& row) {
         row.mutable_resource()->add_annotations()->PackFrom(v2::BatonID());
       })},
      {"an embedded resource that is no text",
       entitlement_case([](v2::Entitlement& row) { row.mutable_resource()->set_display_name(kBadText); })},
      {"a grant of nothing", grant_case([](v2::Grant& row) { row.clear_entitlement(); })},
      {"a grant to nobody", grant_case([](v2::Grant& row) { row.clear_principal(); })},
      {"an embedded principal that is no text",
       grant_case([](v2::Grant& row) { row.mutable_principal()->set_display_name(kBadText); })},
      {"a principal's parent that is no text", grant_case([](v2::Grant& row) {
         row.mutable_principal()->mutable_parent_resource_id()->set_resource(kBadText);
       })},
      {"sources that are no text",
       grant_case([](v2::Grant& row) { (*row.mutable_sources()->mutable_sources())[kBadText]; })},
      {"sources that nobody has", grant_case([](v2::Grant& row) {
         (*row.mutable_sources()->mutable_sources())[""];
         (*row.mutable_sources()->mutable_sources())["no:such:entitlement"];
       })},
      {"an expandable entitlement that is no text", grant_case([](v2::Grant& row) {
         google::protobuf::Any& any = *row.add_annotations();
         any.set_type_url("type.googleapis.com/c1.connector.v2.GrantExpandable");
         any.set_value("\x0a\x02\xff\xfe");
       })},
      {"a template without slug", static_case([](v2::Entitlement& row) { row.clear_slug(); })},
      {"a template whose slug is no text", static_case([](v2::Entitlement& row) { row.set_slug(kBadText); })},
      {"a template with a huge slug",
       static_case([](v2::Entitlement& row) { row.set_slug(std::string(2000, 's')); })},
      {"a template whose names are no text", static_case([](v2::Entitlement& row) {
         row.set_display_name(kBadText);
         row.set_description(kBadText);
       })},
      {"a template whose exclusion group is no text", static_case([](v2::Entitlement& row) {
         google::protobuf::Any& any = *row.add_annotations();
         any.set_type_url("type.googleapis.com/c1.connector.v2.EntitlementExclusionGroup");
         any.set_value("\x0a\x02\xff\xfe\x20\x01");
       })},
      {"a token that is no text", [this] { on("resources group").next(kBadText); }},
      {"a huge token", [this] { on("resources group").next(std::string((1u << 20) + 1, 't')); }},
      {"an empty sibling", [this] { on("grants group/g1").sibling(""); }},
      {"a sibling that is no text", [this] { on("grants group/g1").sibling(kBadText); }},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.what);
    clean_up();
    new_connector();
    script();
    one.spoil();
    const actors::SyncOutcome outcome = run();
    if (outcome.status.ok()) {
      const Content content = Content::read(job.path);
      EXPECT_GE(content.resources.size(), 2U);
      EXPECT_GE(content.entitlements.size(), 1U);
      EXPECT_GE(content.grants.size(), 1U);
    } else {
      EXPECT_THAT(outcome.status.code(),
                  ::testing::AnyOf(absl::StatusCode::kInternal, absl::StatusCode::kFailedPrecondition,
                                   absl::StatusCode::kInvalidArgument))
          << outcome.status;
      EXPECT_THAT(std::string(outcome.status.message()), ::testing::HasSubstr("group"));
      EXPECT_LT(outcome.status.message().size(), 2000U);
    }
  }
}

}  // namespace
}  // namespace baton::test
