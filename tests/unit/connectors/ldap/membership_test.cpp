#include "connectors/ldap/membership.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/connectors/ldap/entries.hpp"

namespace baton::connectors::ldap {
namespace {

const std::vector<std::string> kPerson = {"top", "inetOrgPerson"};

class Membership : public testing::Test {
 protected:
  Membership() {
    add_user(
        make_entry("uid=Ann,ou=P,dc=x",
                   {{"objectClass", kPerson}, {"uid", {"Ann"}}, {"cn", {"Ann A"}}, {"gidNumber", {"100"}}}));
    add_user(make_entry("employeeNumber=B7,ou=P,dc=x",
                        {{"objectClass", kPerson}, {"uid", {"bob"}}, {"cn", {"Twin"}}}));
    add_user(make_entry("uid=cid,ou=P,dc=x", {{"objectClass", kPerson}, {"uid", {"cid"}}, {"cn", {"twin"}}}));
    EXPECT_TRUE(index_.add_group(make_entry("cn=G,dc=x", {{"objectClass", {"top", "groupOfNames"}}})).ok());
  }

  void add_user(const Entry& entry) { EXPECT_TRUE(index_.add_user(entry).ok()); }

  /// "type id" of each member.
  std::vector<std::string> members(const Entry& group) {
    const absl::StatusOr<std::vector<Principal>> found = members_of(group, index_, unresolved_);
    EXPECT_TRUE(found.ok()) << found.status();
    std::vector<std::string> texts;
    if (!found.ok()) return texts;
    for (const Principal& principal : *found)
      texts.push_back(std::string(principal.type) + " " + principal.id);
    return texts;
  }

  DirectoryIndex index_;
  Unresolved unresolved_;
};

using Texts = std::vector<std::string>;

TEST_F(Membership, IsFoundHoweverTheNameIsWritten) {
  EXPECT_EQ(members(make_entry(
                "cn=H,dc=x",
                {{"member", {"UID=ANN, OU=p,DC=X", R"(EmployeeNumber=\42\37,ou=p,dc=x)", "cn=g,dc=x"}}})),
            (Texts{"user uid=ann,ou=p,dc=x", "user employeenumber=B7,ou=p,dc=x", "group cn=g,dc=x"}));
  EXPECT_EQ(unresolved_.dangling, 0u);
}

TEST_F(Membership, KeepsDanglingNamesAsUsersAndCountsThem) {
  EXPECT_EQ(members(make_entry("cn=H,dc=x", {{"uniqueMember", {"CN=Gone,dc=x"}}})),
            (Texts{"user cn=gone,dc=x"}));
  EXPECT_EQ(unresolved_.dangling, 1u);
  EXPECT_EQ(unresolved_.example, "CN=Gone,dc=x");
}

TEST_F(Membership, HasEachMemberOnceWhateverAttributeNamesIt) {
  EXPECT_EQ(members(make_entry("cn=H,dc=x", {{"member", {"uid=ann,ou=p,dc=x"}},
                                             {"memberUid", {"ann", "cid", "nobody"}},
                                             {"gidNumber", {"100"}}})),
            (Texts{"user uid=ann,ou=p,dc=x", "user uid=cid,ou=p,dc=x"}));
  EXPECT_EQ(unresolved_.unknown_names, 1u);
}

TEST_F(Membership, KnowsPrimaryGroupsAndCommonNames) {
  EXPECT_EQ(members(make_entry("cn=H,dc=x", {{"gidNumber", {"100"}}})), (Texts{"user uid=ann,ou=p,dc=x"}));
  EXPECT_EQ(members(make_entry("cn=H,dc=x", {{"memberUid", {" ann  a "}}})),
            (Texts{"user uid=ann,ou=p,dc=x"}));
}

TEST_F(Membership, OfANameThatSeveralHaveIsAnError) {
  const auto found = members_of(make_entry("cn=H,dc=x", {{"memberUid", {"twin"}}}), index_, unresolved_);
  EXPECT_EQ(found.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(found.status().message()).find("group cn=H,dc=x: several users are called twin"),
            std::string::npos);
}

TEST_F(Membership, OfTheRootIsNone) {
  EXPECT_EQ(members(make_entry("cn=H,dc=x", {{"member", {""}}})), Texts{});
}

TEST_F(Membership, OfARoleMustBeNames) {
  const auto found =
      occupants_of(make_entry("cn=R,dc=x", {{"roleOccupant", {"UID=Ann,dc=x", "uid=ann,dc=X", ""}}}));
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().id, "uid=ann,dc=x");
  EXPECT_EQ(occupants_of(make_entry("cn=R,dc=x", {{"roleOccupant", {"ann"}}})).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(PrincipalType, IsWhatTheFirstTellingClassSays) {
  const auto type = [](std::vector<std::string> classes) {
    return std::string(principal_type(make_entry("cn=x", {{"objectClass", std::move(classes)}})));
  };
  EXPECT_EQ(type({"top", "POSIXGROUP"}), "group");
  EXPECT_EQ(type({"person", "groupOfNames"}), "user");
  EXPECT_EQ(type({"groupOfNames", "person"}), "group");
  EXPECT_EQ(type({"device"}), "user");
}

}  // namespace
}  // namespace baton::connectors::ldap
