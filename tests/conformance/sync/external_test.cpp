#include <map>
#include <set>

#include <gmock/gmock.h>

#include "c1/connector/v2/annotation_baton_id.pb.h"
#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_trait.pb.h"
#include "engine_test.hpp"

/// Line 13 of the checklist: resources of an external sync in the places that grants keep for them.
namespace baton::test {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class Line13External : public EngineTest {
 protected:
  static v2::ResourceType with_trait(const char* id, v2::ResourceType::Trait trait) {
    v2::ResourceType row = type(id);
    row.add_traits(trait);
    return row;
  }
  static v2::Resource user(const std::string& id, const std::string& email,
                           const std::map<std::string, std::string>& profile = {}) {
    v2::Resource row = resource("person", id);
    v2::UserTrait trait;
    if (!email.empty()) trait.add_emails()->set_address(email);
    // By reflection: the field is deprecated, and this is where services fill it in.
    google::protobuf::Struct fields;
    for (const auto& [key, value] : profile) (*fields.mutable_fields())[key].set_string_value(value);
    trait.GetReflection()
        ->MutableMessage(&trait, v2::UserTrait::descriptor()->FindFieldByName("profile"))
        ->CopyFrom(fields);
    row.add_annotations()->PackFrom(trait);
    return row;
  }
  static v2::Resource crew(const std::string& id, const std::string& name) {
    v2::Resource row = resource("crew", id);
    v2::GroupTrait trait;
    google::protobuf::Struct fields;
    (*fields.mutable_fields())["name"].set_string_value(name);
    trait.GetReflection()
        ->MutableMessage(&trait, v2::GroupTrait::descriptor()->FindFieldByName("profile"))
        ->CopyFrom(fields);
    row.add_annotations()->PackFrom(trait);
    return row;
  }

  /// The external file: two people, two crews (the first holds both people), and an app that is not copied.
  void make_external() {
    on("types")
        .row(with_trait("person", v2::ResourceType::TRAIT_USER))
        .row(with_trait("crew", v2::ResourceType::TRAIT_GROUP))
        .row(type("app"));
    on("resources person").row(user("p1", "ann@example.com", {{"login", "ANN"}}));
    on("resources person").row(user("p2", "bob@example.com", {{"login", "stra\u00dfe"}}));
    on("resources crew").row(crew("c1", "Operators")).row(crew("c2", "Auditors"));
    resources("app", {"a1"});
    on("entitlements crew/c1").row(entitlement("crew", "c1", "member"));
    on("grants crew/c1").row(grant("crew", "c1", "person", "p1")).row(grant("crew", "c1", "person", "p2"));
    on("grants app/a1").row(grant("app", "a1", "person", "p1"));
    on("entitlements app/a1").row(entitlement("app", "a1", "member"));
    const std::string path = job.path;
    job.path = scratch_ / "external.c1z";
    sync();
    job.path = path;
    new_connector();
    job.external.path = scratch_ / "external.c1z";
    // The run under test: a role to be given to whoever matches.
    types({"role"});
    resources("role", {"r1"});
    on("entitlements role/r1").row(entitlement("role", "r1", "member"));
  }
  /// A grant of the role whose principal stands for others.
  template <class Match>
  static v2::Grant standing_for(const Match& match, const std::string& id = "someone") {
    v2::Grant row = grant("role", "r1", "placeholder", id);
    row.add_annotations()->PackFrom(match);
    return row;
  }
  static v2::ExternalResourceMatch by_value(v2::ResourceType::Trait trait, const std::string& key,
                                            const std::string& value) {
    v2::ExternalResourceMatch match;
    match.set_resource_type(trait);
    match.set_key(key);
    match.set_value(value);
    return match;
  }
  std::set<std::string> role_grants(const Content& content) {
    std::set<std::string> principals;
    for (const auto& [name, sources] : content.grants) {
      if (name.starts_with("role:r1:member ")) principals.insert(name.substr(15));
    }
    return principals;
  }
};

TEST_F(Line13External, copies_users_and_groups_with_what_hangs_on_them) {
  make_external();
  const Content content = sync();
  EXPECT_THAT(content.types, UnorderedElementsAre("person", "crew", "role"));
  EXPECT_THAT(content.resources,
              UnorderedElementsAre("person/p1", "person/p2", "crew/c1", "crew/c2", "role/r1"));
  EXPECT_THAT(content.entitlement_ids(), UnorderedElementsAre("crew:c1:member", "role:r1:member"));
  EXPECT_THAT(content.grant_names(),
              UnorderedElementsAre("crew:c1:member person/p1", "crew:c1:member person/p2"));
}

TEST_F(Line13External, copies_other_traits_instead_when_they_are_named) {
  make_external();
  job.external.traits = {v2::ResourceType::TRAIT_GROUP};
  const Content content = sync();
  EXPECT_THAT(content.resources, UnorderedElementsAre("crew/c1", "crew/c2", "role/r1"));
}

TEST_F(Line13External, copies_only_holders_of_an_entitlement_of_eligible_types) {
  make_external();
  job.external.entitlement_id = "app:a1:member";
  EXPECT_THAT(sync().resources, UnorderedElementsAre("person/p1", "role/r1"));
}

TEST_F(Line13External, matches_all_of_a_trait) {
  make_external();
  v2::ExternalResourceMatchAll all;
  all.set_resource_type(v2::ResourceType::TRAIT_USER);
  on("grants role/r1").row(standing_for(all));
  EXPECT_THAT(role_grants(sync()), UnorderedElementsAre("person/p1", "person/p2"));
}

TEST_F(Line13External, matches_an_id_and_removes_who_matches_nothing) {
  make_external();
  v2::ExternalResourceMatchID id;
  id.set_id("c2");
  on("grants role/r1").row(standing_for(id));
  id.set_id("nobody");
  on("grants role/r1").row(standing_for(id, "no one"));
  EXPECT_THAT(role_grants(sync()), ElementsAre("crew/c2"));
}

TEST_F(Line13External, matches_fields_and_addresses_folded) {
  make_external();
  using Trait = v2::ResourceType;
  on("grants role/r1").row(standing_for(by_value(Trait::TRAIT_USER, "email", "ANN@Example.com"), "a"));
  EXPECT_THAT(role_grants(sync()), ElementsAre("person/p1"));
  const struct {
    v2::ResourceType::Trait trait;
    const char* key;
    const char* value;
    std::set<std::string> found;
  } cases[] = {
      {Trait::TRAIT_USER, "login", "ann", {"person/p1"}},
      {Trait::TRAIT_USER, "login", "STRA\u1e9eE", {"person/p2"}},
      {Trait::TRAIT_USER, "login", "strasse", {}},
      {Trait::TRAIT_USER, "login", " ann", {}},
      {Trait::TRAIT_USER, "Email", "ann@example.com", {}},
      {Trait::TRAIT_GROUP, "name", "\u017fome", {}},
      {Trait::TRAIT_GROUP, "name", "operator\u017f", {"crew/c1"}},
      {Trait::TRAIT_APP, "name", "Operators", {}},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.value);
    clean_up();
    new_connector();
    types({"role"});
    resources("role", {"r1"});
    on("entitlements role/r1").row(entitlement("role", "r1", "member"));
    on("grants role/r1").row(standing_for(by_value(one.trait, one.key, one.value)));
    EXPECT_EQ(role_grants(sync()), one.found);
  }
}

TEST_F(Line13External, expands_through_the_group_that_was_matched) {
  make_external();
  v2::ExternalResourceMatchID id;
  id.set_id("c1");
  v2::Grant row = standing_for(id, "stand-in");
  v2::GrantExpandable expandable;
  expandable.add_entitlement_ids("bid:e:placeholder/stand-in:member");
  expandable.add_entitlement_ids("bid:e:placeholder/another:member");
  expandable.add_entitlement_ids("no identifier");
  row.add_annotations()->PackFrom(expandable);
  on("grants role/r1").row(row);
  const Content content = sync();
  EXPECT_THAT(role_grants(content), UnorderedElementsAre("crew/c1", "person/p1", "person/p2"));
  EXPECT_THAT(content.grants.at("role:r1:member person/p1"), ElementsAre("crew:c1:member"));
  EXPECT_THAT(log_->text(), HasSubstr("no identifier"));
}

TEST_F(Line13External, keeps_a_placeholder_that_a_match_has_rewritten) {
  make_external();
  v2::ExternalResourceMatchID id;
  id.set_id("p1");
  v2::Grant row = grant("role", "r1", "person", "p1");
  row.add_annotations()->PackFrom(id);
  on("grants role/r1").row(row);
  EXPECT_THAT(role_grants(sync()), ElementsAre("person/p1"));
}

TEST_F(Line13External, goes_on_after_an_interruption_and_refuses_another_external_sync) {
  make_external();
  v2::ExternalResourceMatchAll all;
  all.set_resource_type(v2::ResourceType::TRAIT_USER);
  on("grants role/r1").row(standing_for(all)).fails(absl::InternalError("down"), 1);
  EXPECT_FALSE(run().status.ok());
  // A resume draws from the sync that it began with, so that nothing of another one has to be taken back.
  const std::string kept = job.external.path;
  const auto configuration = job.configuration;
  job.external.path.clear();
  const actors::SyncOutcome refused = run();
  EXPECT_EQ(refused.status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status.message()), HasSubstr("external-resource-c1z"));
  job.external.path = kept;
  EXPECT_THAT(role_grants(sync()), UnorderedElementsAre("person/p1", "person/p2"));
}

TEST_F(Line13External, names_a_file_that_it_cannot_use) {
  make_external();
  job.external.path = scratch_ / "missing.c1z";
  const actors::SyncOutcome outcome = run();
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("missing.c1z"));
  EXPECT_THAT(connector_->requests(), IsEmpty());
}

}  // namespace
}  // namespace baton::test
