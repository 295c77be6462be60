#include "sdk/traits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/annotations.hpp"
#include "sdk/page.hpp"

// The trait's copies of profile, icon, status and creation time are deprecated, and still written.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace baton::sdk {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::ElementsAre;

template <class Trait>
Trait trait_of(const v2::Resource& row) {
  absl::StatusOr<std::optional<Trait>> trait = pick_annotation<Trait>(row.annotations());
  EXPECT_TRUE(trait.ok() && trait->has_value());
  return trait.ok() && *trait ? **trait : Trait();
}

TimePoint at(int seconds) {
  return TimePoint(std::chrono::seconds(seconds));
}

TEST(UserTrait, defaults) {
  v2::Resource row;
  ASSERT_TRUE(UserTrait(row).email("").login("").apply().ok());
  const auto trait = trait_of<v2::UserTrait>(row);
  EXPECT_EQ(trait.status().status(), v2::UserTrait::Status::STATUS_ENABLED);
  EXPECT_EQ(trait.account_type(), v2::UserTrait::ACCOUNT_TYPE_HUMAN);
  EXPECT_EQ(trait.emails_size(), 0);
  EXPECT_EQ(trait.login(), "");
  EXPECT_FALSE(trait.has_profile());
  EXPECT_FALSE(row.has_profile());
  EXPECT_EQ(row.status().status(), v2::Status::RESOURCE_STATUS_ENABLED);
  EXPECT_FALSE(row.has_created_at());
}

TEST(UserTrait, every_option_and_its_mirror) {
  v2::Resource row;
  UserTrait user(row);
  user.status(v2::UserTrait::Status::STATUS_DISABLED, "suspended")
      .email("a@example.com", true)
      .email("b@example.com")
      .login("a", {"alias1", "alias2"})
      .employee_id("E1")
      .icon("icon")
      .account_type(v2::UserTrait::ACCOUNT_TYPE_SERVICE)
      .created_at(at(5))
      .last_login(at(6))
      .mfa_enabled(true)
      .sso_enabled(false)
      .name("Ada", "Lovelace");
  user.structured_name().add_middle_names("King");
  user.profile().text("department", "R&D").number("level", 3);
  ASSERT_TRUE(user.apply().ok());

  const auto trait = trait_of<v2::UserTrait>(row);
  EXPECT_EQ(trait.status().details(), "suspended");
  ASSERT_EQ(trait.emails_size(), 2);
  EXPECT_TRUE(trait.emails(0).is_primary());
  EXPECT_FALSE(trait.emails(1).is_primary());
  EXPECT_EQ(trait.login(), "a");
  EXPECT_THAT(trait.login_aliases(), ElementsAre("alias1", "alias2"));
  EXPECT_THAT(trait.employee_ids(), ElementsAre("E1"));
  EXPECT_EQ(trait.account_type(), v2::UserTrait::ACCOUNT_TYPE_SERVICE);
  EXPECT_EQ(trait.last_login().seconds(), 6);
  EXPECT_TRUE(trait.mfa_status().mfa_enabled());
  EXPECT_TRUE(trait.has_sso_status());
  EXPECT_EQ(trait.structured_name().family_name(), "Lovelace");
  EXPECT_EQ(profile_text(trait.profile(), "department"), "R&D");

  EXPECT_EQ(row.status().status(), v2::Status::RESOURCE_STATUS_DISABLED);
  EXPECT_EQ(row.status().details(), "suspended");
  EXPECT_EQ(row.icon().id(), "icon");
  EXPECT_EQ(row.created_at().seconds(), 5);
  EXPECT_EQ(profile_integer(row.profile(), "level"), 3);
}

TEST(UserTrait, the_resources_own_values_stay) {
  v2::Resource row;
  resource_profile(row).text("from", "resource");
  set_status(row, v2::Status::RESOURCE_STATUS_DELETED);
  set_icon(row, "own");
  set_created_at(row, at(1));
  UserTrait user(row);
  user.icon("trait").created_at(at(2)).profile().text("from", "trait");
  ASSERT_TRUE(user.apply().ok());
  EXPECT_EQ(profile_text(row.profile(), "from"), "resource");
  EXPECT_EQ(row.status().status(), v2::Status::RESOURCE_STATUS_DELETED);
  EXPECT_EQ(row.icon().id(), "own");
  EXPECT_EQ(row.created_at().seconds(), 1);
  const auto trait = trait_of<v2::UserTrait>(row);
  EXPECT_EQ(profile_text(trait.profile(), "from"), "trait");
  EXPECT_EQ(trait.status().status(), v2::UserTrait::Status::STATUS_ENABLED);
}

TEST(UserTrait, an_existing_trait_is_changed_without_defaults) {
  v2::Resource row;
  v2::UserTrait existing;
  existing.set_login("kept");
  Profile(*existing.mutable_profile()).text("kept", "yes");
  append_annotation(*row.mutable_annotations(), existing);
  UserTrait user(row);
  user.email("a@example.com");
  user.profile().text("new", "yes");
  ASSERT_TRUE(user.apply().ok());
  ASSERT_EQ(row.annotations_size(), 1);
  const auto trait = trait_of<v2::UserTrait>(row);
  EXPECT_EQ(trait.login(), "kept");
  EXPECT_EQ(trait.emails_size(), 1);
  EXPECT_FALSE(trait.has_status());
  EXPECT_EQ(trait.account_type(), v2::UserTrait::ACCOUNT_TYPE_UNSPECIFIED);
  EXPECT_EQ(profile_text(trait.profile(), "kept"), "yes");
  EXPECT_EQ(profile_text(trait.profile(), "new"), "yes");
  EXPECT_EQ(profile_text(row.profile(), "kept"), "yes") << "the resource had none and gets the trait's";
}

TEST(UserTrait, an_existing_profile_is_mirrored_untouched) {
  v2::Resource row;
  v2::UserTrait existing;
  Profile(*existing.mutable_profile()).text("kept", "yes");
  append_annotation(*row.mutable_annotations(), existing);
  ASSERT_TRUE(UserTrait(row).apply().ok());
  EXPECT_EQ(profile_text(row.profile(), "kept"), "yes");
}

TEST(UserTrait, an_unreadable_trait_is_an_error) {
  v2::Resource row;
  append_annotation(*row.mutable_annotations(), v2::UserTrait());
  row.mutable_annotations(0)->set_value("\x0a\xff");
  EXPECT_EQ(UserTrait(row).login("x").apply().code(), absl::StatusCode::kDataLoss);
}

TEST(UserTrait, applies_again_in_the_same_place) {
  v2::Resource row;
  UserTrait user(row);
  user.profile().text("a", "1");
  ASSERT_TRUE(user.apply().ok());
  user.profile().text("b", "2");
  ASSERT_TRUE(user.login("x").apply().ok());
  ASSERT_EQ(row.annotations_size(), 1);
  EXPECT_EQ(trait_of<v2::UserTrait>(row).login(), "x");
  EXPECT_EQ(profile_text(trait_of<v2::UserTrait>(row).profile(), "b"), "2");
}

TEST(UserTrait, works_on_a_page_of_rows) {
  Page<v2::Resource> page;
  for (int i = 0; i < 1000; ++i) {
    v2::Resource& row = page.add();
    fill_resource(row, "user", i, "User with a name that is longer than a short string");
    UserTrait user(row);
    user.email("user.with.a.long.address@example.com", true).login("user.with.a.long.login");
    user.profile().text("department", "a text beyond the short string optimisation").number("n", i);
    ASSERT_TRUE(user.apply().ok());
  }
  EXPECT_EQ(profile_integer(trait_of<v2::UserTrait>(page.row(999)).profile(), "n"), 999);
}

TEST(GroupTrait, options_and_mirrors) {
  v2::Resource row;
  GroupTrait group(row);
  group.icon("icon").source(source_type::kDirectorySynced, "AD").profile().text("k", "v");
  ASSERT_TRUE(group.apply().ok());
  const auto trait = trait_of<v2::GroupTrait>(row);
  EXPECT_EQ(trait.group_source_type(), "directory_synced");
  EXPECT_EQ(trait.raw_group_source_type(), "AD");
  EXPECT_EQ(trait.icon().id(), "icon");
  EXPECT_EQ(row.icon().id(), "icon");
  EXPECT_EQ(profile_text(row.profile(), "k"), "v");
  EXPECT_EQ(profile_text(trait.profile(), "k"), "v");
  EXPECT_FALSE(row.has_status()) << "only users and agents have a default state";
}

TEST(RoleTrait, options_and_mirrors) {
  v2::Resource row;
  RoleTrait role(row);
  role.scope_conditions("CEL", {"a", "b"}).profile().boolean("builtin", true);
  ASSERT_TRUE(role.apply().ok());
  const auto trait = trait_of<v2::RoleTrait>(row);
  EXPECT_EQ(trait.role_scope_conditions().type(), "CEL");
  ASSERT_EQ(trait.role_scope_conditions().conditions_size(), 2);
  EXPECT_EQ(trait.role_scope_conditions().conditions(1).expression(), "b");
  EXPECT_TRUE(row.profile().fields().at("builtin").bool_value());
}

TEST(AppTrait, options_and_mirrors) {
  v2::Resource row;
  AppTrait app(row);
  app.icon("icon").logo("logo").flag(v2::AppTrait::APP_FLAG_SAML).flag(v2::AppTrait::APP_FLAG_HIDDEN);
  app.help_url("https://example.com/help").source(source_type::kNative, "own");
  ASSERT_TRUE(app.apply().ok());
  const auto trait = trait_of<v2::AppTrait>(row);
  EXPECT_THAT(trait.flags(), ElementsAre(v2::AppTrait::APP_FLAG_SAML, v2::AppTrait::APP_FLAG_HIDDEN));
  EXPECT_EQ(trait.logo().id(), "logo");
  EXPECT_EQ(trait.help_url(), "https://example.com/help");
  EXPECT_EQ(trait.app_source_type(), "native");
  EXPECT_EQ(row.icon().id(), "icon");
  v2::Resource other;
  EXPECT_EQ(AppTrait(other).help_url("http://example.com").apply().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(other.annotations_size(), 0);
}

TEST(SecretTrait, options_and_mirrors) {
  v2::Resource row;
  SecretTrait secret(row);
  secret.created_at(at(1)).last_used_at(at(2)).expires_at(at(3));
  secret.created_by(ResourceRef("user", "u1")).identity(ResourceRef("user", "u2"));
  secret.credential(v2::SecretTrait::CREDENTIAL_TYPE_CERTIFICATE, "x509").profile().text("k", "v");
  ASSERT_TRUE(secret.apply().ok());
  const auto trait = trait_of<v2::SecretTrait>(row);
  EXPECT_EQ(trait.last_used_at().seconds(), 2);
  EXPECT_EQ(trait.expires_at().seconds(), 3);
  EXPECT_EQ(trait.created_by_id().resource(), "u1");
  EXPECT_EQ(trait.identity_id().resource(), "u2");
  EXPECT_EQ(trait.credential_detail(), "x509");
  EXPECT_EQ(row.created_at().seconds(), 1);
  EXPECT_EQ(profile_text(row.profile(), "k"), "v");
}

TEST(AgentTrait, mirrors_status_and_profile) {
  v2::Resource row;
  AgentTrait agent(row);
  agent.status(v2::AgentTrait::AGENT_STATUS_READY)
      .identity(ResourceRef("user", "u1"))
      .profile()
      .text("k", "v");
  ASSERT_TRUE(agent.apply().ok());
  EXPECT_EQ(row.status().status(), v2::Status::RESOURCE_STATUS_ENABLED);
  EXPECT_EQ(trait_of<v2::AgentTrait>(row).identity_resource_id().resource(), "u1");
  EXPECT_EQ(profile_text(row.profile(), "k"), "v");
}

TEST(ScopeBindingTrait, needs_both_ids) {
  v2::Resource row;
  EXPECT_EQ(ScopeBindingTrait(row).role(ResourceRef("role", "r1")).apply().code(),
            absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(
      ScopeBindingTrait(row).role(ResourceRef("role", "r1")).scope(ResourceRef("org", "o1")).apply().ok());
  EXPECT_EQ(trait_of<v2::ScopeBindingTrait>(row).scope_resource_id().resource(), "o1");
}

TEST(OtherTraits, keep_their_rules) {
  v2::Resource row;
  ASSERT_TRUE(ManagedDeviceTrait(row).encrypted(true).personal(false).enrolled_at(at(4)).apply().ok());
  const auto device = trait_of<v2::ManagedDeviceTrait>(row);
  EXPECT_TRUE(device.is_encrypted().value());
  EXPECT_TRUE(device.has_is_personal());
  EXPECT_FALSE(device.has_is_supervised());
  ASSERT_TRUE(LicenseProfileTrait(row)
                  .name("E5")
                  .seats(10, 3)
                  .cost(500)
                  .entitlement("e")
                  .entitlement("e")
                  .apply()
                  .ok());
  const auto license = trait_of<v2::LicenseProfileTrait>(row);
  EXPECT_EQ(license.currency(), "USD");
  EXPECT_EQ(license.entitlement_ids_size(), 1);
  EXPECT_EQ(license.consumed_seats(), 3);
}

TEST(Getters, look_at_the_resource_first_and_then_at_the_traits) {
  v2::Resource row;
  EXPECT_EQ(profile_of(row)->fields_size(), 0);
  v2::RoleTrait role;
  Profile(*role.mutable_profile()).text("from", "role");
  append_annotation(*row.mutable_annotations(), role);
  v2::GroupTrait group;
  Profile(*group.mutable_profile()).text("from", "group");
  append_annotation(*row.mutable_annotations(), group);
  EXPECT_EQ(profile_text(*profile_of(row), "from"), "group");
  resource_profile(row).text("from", "resource");
  EXPECT_EQ(profile_text(*profile_of(row), "from"), "resource");

  EXPECT_EQ(status_of(row)->status(), v2::Status::RESOURCE_STATUS_UNSPECIFIED);
  v2::UserTrait user;
  user.mutable_status()->set_status(v2::UserTrait::Status::STATUS_DELETED);
  append_annotation(*row.mutable_annotations(), user);
  EXPECT_EQ(status_of(row)->status(), v2::Status::RESOURCE_STATUS_DELETED);
  row.mutable_annotations(2)->set_value("\x0a\xff");
  EXPECT_EQ(status_of(row).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace baton::sdk
