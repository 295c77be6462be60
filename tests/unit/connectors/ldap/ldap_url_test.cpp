#include "connectors/ldap/ldap_url.hpp"

#include <string>

#include <gtest/gtest.h>

namespace baton::connectors::ldap {
namespace {

TEST(ServerUrl, TakesHostAndPortApart) {
  EXPECT_EQ(ServerUrl::parse("ldap://example.org")->text(), "ldap://example.org:389");
  EXPECT_EQ(ServerUrl::parse("LDAPS://example.org/")->text(), "ldaps://example.org:636");
  EXPECT_EQ(ServerUrl::parse("ldap://[::1]:10389")->host(), "::1");
  EXPECT_EQ(ServerUrl::parse("ldap://[::1]:10389")->authority(), "[::1]:10389");
}

TEST(ServerUrl, RefusesEverythingElse) {
  for (const char* text : {"", "example.org", "http://example.org", "ldap://", "ldap:///", "ldap://h:0",
                           "ldap://h:65536", "ldap://h:x", "ldap://h:", "ldap://user:secret@h",
                           "ldap://h/dc=x", "ldap://h?x", "ldap://[::1", "ldap://[::1]x"}) {
    EXPECT_EQ(ServerUrl::parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_EQ(std::string(ServerUrl::parse("ldap://user:secret@h").status().message()).find("secret"),
            std::string::npos);
}

TEST(MemberUrl, HasBaseScopeAndFilter) {
  const auto url = MemberUrl::parse("ldap:///ou=P%C3%A9,dc=x?cn,mail?one?(cn=a%3Fb)?ext");
  ASSERT_TRUE(url.ok()) << url.status();
  EXPECT_EQ(url->base, "ou=Pé,dc=x");
  EXPECT_EQ(url->scope, Scope::kOneLevel);
  EXPECT_EQ(url->filter, "(cn=a?b)");
}

TEST(MemberUrl, MeansTheWholeSubtreeUnlessItSaysSo) {
  EXPECT_EQ(MemberUrl::parse("ldap:///dc=x")->scope, Scope::kSubtree);
  EXPECT_EQ(MemberUrl::parse("ldap:///dc=x")->filter, "(objectClass=*)");
  EXPECT_EQ(MemberUrl::parse("ldap://h:389/dc=x??base")->scope, Scope::kBase);
  EXPECT_EQ(MemberUrl::parse("ldaps://h")->base, "");
  EXPECT_EQ(MemberUrl::parse("ldap:///dc=x??sub?cn=a")->filter, "(cn=a)");
}

TEST(MemberUrl, RefusesHostileTexts) {
  for (const std::string& text : {std::string("http://h/"), std::string("ldap:///dc=%4"),
                                  std::string("ldap:///%zz"), std::string("ldap:///%00"),
                                  std::string("ldap:///dc=x??tree"), std::string("ldap:///dc=x??sub?(cn=%)"),
                                  std::string("ldap://h?dc=x"), "ldap:///" + std::string(1 << 20, 'a')}) {
    EXPECT_EQ(MemberUrl::parse(text).status().code(), absl::StatusCode::kInvalidArgument)
        << text.substr(0, 50);
  }
}

}  // namespace
}  // namespace baton::connectors::ldap
