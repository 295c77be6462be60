#include "connectors/ldap/dn.hpp"

#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace baton::connectors::ldap {
namespace {

std::string canonical(std::string_view text) {
  const absl::StatusOr<Dn> dn = Dn::parse(text);
  return dn.ok() ? dn->canonical() : "error: " + std::string(dn.status().message());
}

std::string match_key(std::string_view text) {
  return Dn::parse(text)->match_key();
}

// What upstream's library (go-ldap 3.4) makes of the same texts, noted down from it.
TEST(Dn, IsWrittenAsUpstreamWritesIt) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"CN=Åse Ødegård,OU=People,DC=Example,DC=com",
       R"(cn=\c3\a5se \c3\b8deg\c3\a5rd,ou=people,dc=example,dc=com)"},
      {R"(cn=\C3\85se,dc=x)", R"(cn=\c3\a5se,dc=x)"},
      {"CN = A B , DC = x", "cn=a b,dc=x"},
      {"cn=a  b,dc=x", "cn=a  b,dc=x"},
      {R"(cn=Smith\, John,ou=p)", R"(cn=smith\, john,ou=p)"},
      {R"(cn=\ lead\ ,dc=x)", "cn=lead,dc=x"},
      {R"(cn=\23hash,dc=x)", R"(cn=\#hash,dc=x)"},
      {"cn=#04024869,dc=x", "cn=hi,dc=x"},
      {"uid=x+cn=Y,dc=z", "cn=y+uid=x,dc=z"},
      {"cn=y + uid=X,dc=z", "cn=y+uid=x,dc=z"},
      {"employeeNumber=AbC,ou=People", "employeenumber=AbC,ou=people"},
      {"cn=x;dc=y", "cn=x,dc=y"},
      {"cn=", "cn="},
      {"", ""},
      {"cn=a=b,dc=y", "cn=a=b,dc=y"},
      {R"(cn=a\3Db,dc=y)", "cn=a=b,dc=y"},
      {"2.5.4.3=Foo,dc=y", "2.5.4.3=Foo,dc=y"},
      {"OID.2.5.4.3=Foo", "oid.2.5.4.3=Foo"},
      {R"(cn=a\0Db)", R"(cn=a\0db)"},
      {"cn=ⓐİß,dc=x", R"(cn=\e2\93\90i\c3\9f,dc=x)"},
      {"cn=a#b,dc=x", "cn=a#b,dc=x"},
      {"cn=x ", "cn=x"},
      {"a b=c", "a b=c"},
      {R"(cn=a\22b,dc=c)", R"(cn=a\"b,dc=c)"},
      {"a=b", "a=b"},
  };
  for (const auto& [text, wanted] : cases) EXPECT_EQ(canonical(text), wanted) << text;
}

TEST(Dn, RefusesWhatUpstreamTakesForAPlainName) {
  for (const std::string_view text :
       {"foo", "=x", "cn=x,", "cn=x,,dc=y", "cn=a\\", "cn=a\\zz", "cn=a<b>c,dc=x", "cn=\"Smith, John\",ou=p",
        "cn=#zz", "user@example.com", "uid=x+", "cn=#04", "cn=#04FF00", "cn=#24020400", "cn=#0402486900",
        "c\\6E=x", "é=x", "c\x01n=x"}) {
    EXPECT_EQ(Dn::parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(Dn, TellsWhatIsWrongAndWhere) {
  EXPECT_EQ(canonical("cn=a,foo,dc=x"), "error: a DN that has a part without '=' at byte 8");
  EXPECT_EQ(canonical(R"(cn=a\zb)"), "error: a DN that has a broken escape at byte 5");
}

TEST(Dn, SurvivesHostileTexts) {
  EXPECT_FALSE(Dn::parse(std::string(1 << 20, 'a')).ok());
  EXPECT_FALSE(Dn::parse("cn=" + std::string(20'000, 'a')).ok());
  EXPECT_TRUE(Dn::parse(std::string("cn=a\0b", 6)).ok());
  EXPECT_EQ(canonical("cn=\xFF\xC3"), R"(cn=\ff\c3)");
  // Every cut of a DN that has everything in it: an answer, never a crash.
  const std::string all = R"(cn=\C3\85\, #x + uid=#04024869 ; o = "\)";
  for (std::size_t i = 0; i <= all.size(); ++i) Dn::parse(all.substr(i)).IgnoreError();
  for (std::size_t i = 0; i <= all.size(); ++i) Dn::parse(all.substr(0, i)).IgnoreError();
}

TEST(Dn, MatchesMoreThanIdsDo) {
  EXPECT_EQ(match_key("CommonName=A  b + 0.9.2342.19200300.100.1.1=X,DC=z"), match_key("uid=x+cn=a B,dc=Z"));
  EXPECT_EQ(match_key("employeeNumber=AB,ou=p"), match_key("EMPLOYEENUMBER=ab,OU=P"));
  EXPECT_NE(match_key("cn=a,dc=x"), match_key("cn=a\\,dc=x"));
}

TEST(Dn, LiesBelowItsParents) {
  const auto below = [](std::string_view one, std::string_view other) {
    return is_at_or_below(match_key(one), match_key(other));
  };
  EXPECT_TRUE(below("ou=a,dc=x", "dc=x"));
  EXPECT_TRUE(below("dc=x", "dc=x"));
  EXPECT_TRUE(below("ou=a,dc=x", ""));
  EXPECT_TRUE(below(R"(ou=a\\,dc=x)", "dc=x"));
  EXPECT_FALSE(below(R"(ou=a\,dc=x)", "dc=x"));
  EXPECT_FALSE(below("ou=adc=x", "dc=x"));
  EXPECT_FALSE(below("dc=x", "ou=a,dc=x"));
}

}  // namespace
}  // namespace baton::connectors::ldap
