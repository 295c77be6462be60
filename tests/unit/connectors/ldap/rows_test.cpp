#include "connectors/ldap/rows.hpp"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_trait.pb.h"
#include "connectors/ldap/directory_time.hpp"
#include "sdk/annotations.hpp"
#include "sdk/profile.hpp"
#include "sdk/resources.hpp"
#include "unit/connectors/ldap/entries.hpp"

namespace baton::connectors::ldap {
namespace {

namespace v2 = c1::connector::v2;

v2::UserTrait trait_of(const v2::Resource& row) {
  return *sdk::pick_annotation<v2::UserTrait>(row.annotations()).value();
}

TEST(UserRow, HasWhatTheEntrySays) {
  v2::Resource row;
  const Entry entry = make_entry("UID=Ann,dc=x", {{"objectClass", {"top", "person", "inetOrgPerson"}},
                                                  {"uid", {"Ann"}},
                                                  {"CN", {"Ann Mary Ash"}},
                                                  {"sn", {"Ash"}},
                                                  {"mail", {"ann@x", "other@x"}},
                                                  {"userPassword", {"secret"}},
                                                  {"msSFU30Password", {"secret"}},
                                                  {"jpegPhoto", {"\xFF\xD8"}},
                                                  {"title", {"Dr", "Prof"}},
                                                  {"entryUUID", {"1-2"}},
                                                  {"createTimestamp", {"20260102030405Z"}},
                                                  {"authTimestamp", {"20260102030405+0100"}}});
  ASSERT_TRUE(read_user(entry, row).ok());
  EXPECT_EQ(row.id().resource(), "uid=ann,dc=x");
  EXPECT_EQ(row.display_name(), "Ann Mary Ash");
  EXPECT_EQ(row.status().status(), v2::Status::RESOURCE_STATUS_ENABLED);
  EXPECT_EQ(row.created_at().seconds(), 1767323045);
  const auto& profile = row.profile();
  EXPECT_EQ(sdk::profile_text(profile, "user_id"), "Ann");
  EXPECT_EQ(sdk::profile_text(profile, "first_name"), "Ann");
  EXPECT_EQ(sdk::profile_text(profile, "last_name"), "Mary Ash");
  EXPECT_EQ(sdk::profile_text(profile, "path"), "uid=ann,dc=x");
  EXPECT_EQ(sdk::profile_text(profile, "entryUUID"), "1-2");
  EXPECT_EQ(sdk::profile_text(profile, "login"), "Ann");
  for (const char* absent :
       {"userPassword", "msSFU30Password", "jpegPhoto", "title", "objectClass", "mail"}) {
    EXPECT_EQ(profile.fields().count(absent), 0u) << absent;
  }
  const v2::UserTrait trait = trait_of(row);
  EXPECT_EQ(trait.login(), "Ann");
  ASSERT_EQ(trait.login_aliases_size(), 1);
  EXPECT_EQ(trait.login_aliases(0), "Ann Mary Ash");
  ASSERT_EQ(trait.emails_size(), 1);
  EXPECT_EQ(trait.emails(0).address(), "ann@x");
  EXPECT_TRUE(trait.emails(0).is_primary());
  EXPECT_EQ(trait.account_type(), v2::UserTrait::ACCOUNT_TYPE_HUMAN);
  EXPECT_EQ(trait.last_login().seconds(), 1767323045 - 3600);
}

TEST(UserRow, TellsDisabledAndServiceAccounts) {
  v2::Resource row;
  ASSERT_TRUE(
      read_user(make_entry("cn=a", {{"objectClass", {"user", "Computer"}}, {"userAccountControl", {"514"}}}),
                row)
          .ok());
  EXPECT_EQ(row.status().status(), v2::Status::RESOURCE_STATUS_DISABLED);
  EXPECT_EQ(trait_of(row).account_type(), v2::UserTrait::ACCOUNT_TYPE_SERVICE);
  v2::Resource locked;
  ASSERT_TRUE(read_user(make_entry("cn=a", {{"nsAccountLock", {"TRUE"}}}), locked).ok());
  EXPECT_EQ(locked.status().status(), v2::Status::RESOURCE_STATUS_DISABLED);
  v2::Resource bad;
  EXPECT_EQ(read_user(make_entry("cn=a", {{"userAccountControl", {"x"}}}), bad).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(UserRow, NeedsADn) {
  v2::Resource row;
  EXPECT_EQ(read_user(make_entry("ann", {}), row).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(read_user(make_entry("", {}), row).code(), absl::StatusCode::kInternal);
}

TEST(GroupRow, KeepsTheNameAsItIsWritten) {
  v2::Resource row;
  ASSERT_TRUE(
      read_group(make_entry("CN=Crew \xC3\x9C,dc=x", {{"cn", {"Crew Ü"}}, {"gidNumber", {"7"}}}), row).ok());
  EXPECT_EQ(row.id().resource(), R"(cn=crew \c3\bc,dc=x)");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  // upstream still writes it
  EXPECT_EQ(row.external_id().id(), "CN=Crew Ü,dc=x");
#pragma GCC diagnostic pop
  EXPECT_EQ(sdk::profile_text(row.profile(), "gid"), "7");
  EXPECT_EQ(row.profile().fields().count("group_description"), 0u);
  EXPECT_EQ(row.profile().fields().count("path"), 1u);
}

TEST(RoleRow, HasADescriptionEvenIfEmpty) {
  v2::Resource row;
  ASSERT_TRUE(read_role(make_entry("CN=R,dc=x", {{"cn", {"R"}}}), row).ok());
  EXPECT_EQ(row.profile().fields().count("role_description"), 1u);
}

TEST(DirectoryTime, ReadsBothForms) {
  using std::chrono::seconds;
  EXPECT_EQ(parse_generalized_time("19700101000100Z")->time_since_epoch(), seconds(60));
  EXPECT_EQ(parse_generalized_time("19700101010100+0100")->time_since_epoch(), seconds(60));
  EXPECT_EQ(parse_file_time("116444736600000000")->time_since_epoch(), seconds(60));
  for (const char* bad :
       {"", "Z", "1970", "19700101000100", "19701301000100Z", "19700230000100Z", "19700101250100Z",
        "19700101000100+9900", "00000101000100Z", "19700101000100ZZ", "1970010100010xZ"}) {
    EXPECT_FALSE(parse_generalized_time(bad)) << bad;
  }
  for (const char* bad : {"", "0", "-1", "9223372036854775807", "99999999999999999999", "1x"}) {
    EXPECT_FALSE(parse_file_time(bad)) << bad;
  }
}

}  // namespace
}  // namespace baton::connectors::ldap
