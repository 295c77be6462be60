#include "http/url.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

namespace baton::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Url url(std::string_view text) {
  absl::StatusOr<Url> parsed = Url::parse(text);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return *parsed;
}

TEST(Url, IsSplitIntoWhatARequestNeeds) {
  const Url full = url("HTTPS://API.Example.com:8443/v1/users?a=b#part");
  EXPECT_TRUE(full.secure());
  EXPECT_EQ(full.host(), "api.example.com");
  EXPECT_EQ(full.port(), 8443);
  EXPECT_EQ(full.target(), "/v1/users?a=b");
  EXPECT_EQ(full.authority(), "api.example.com:8443");
  EXPECT_EQ(full.origin(), "https://api.example.com:8443");
  EXPECT_EQ(full.text(), "https://api.example.com:8443/v1/users?a=b");

  const Url bare = url("http://host");
  EXPECT_EQ(bare.port(), 80);
  EXPECT_EQ(bare.target(), "/");
  EXPECT_EQ(bare.authority(), "host");
  EXPECT_EQ(url("https://host:443/").text(), "https://host/");
  EXPECT_EQ(url("http://host?x=1").target(), "/?x=1");
}

TEST(Url, IPv6LiteralsKeepTheirBracketsOnTheWire) {
  const Url literal = url("http://[::1]:8080/a");
  EXPECT_EQ(literal.host(), "::1");
  EXPECT_EQ(literal.port(), 8080);
  EXPECT_EQ(literal.authority(), "[::1]:8080");
}

TEST(Url, BytesOutsideAsciiAreEncoded) {
  EXPECT_EQ(url("http://host/gr\xc3\xbc\xc3\x9f").target(), "/gr%C3%BC%C3%9F");
}

TEST(Url, WhatIsNoHttpUrlIsRefused) {
  const std::vector<std::string> bad = {"",
                                        "host",
                                        "/path",
                                        "ftp://host/",
                                        "http:/host",
                                        "http://",
                                        "http:///path",
                                        "http://user:pw@host/",
                                        "http://ho st/",
                                        "http://host/a b",
                                        "http://host/\r\nX:1",
                                        "http://host:0/",
                                        "http://host:65536/",
                                        "http://host:12x/",
                                        "http://[::1/",
                                        "http://[::1]x/",
                                        "http://[zz]/",
                                        "http://h%41st/",
                                        "http://host/" + std::string(kMaxUrlBytes, 'a')};
  for (const std::string& text : bad) {
    EXPECT_EQ(Url::parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text.substr(0, 50);
  }
}

TEST(Url, AnErrorShowsNoSecretAndIsShort) {
  const std::string message(Url::parse("http://me:pa55@host/").status().message());
  EXPECT_THAT(message, HasSubstr("credentials in a URL are refused"));
  EXPECT_THAT(message, Not(HasSubstr("pa55")));
  EXPECT_LT(Url::parse("http://host/" + std::string(kMaxUrlBytes, 'a')).status().message().size(), 400u);
}

TEST(Url, TargetsAreAppendedToABase) {
  const Url base = url("https://host/api/v2/?ignored=1");
  EXPECT_EQ(base.append("/users?x=/y")->text(), "https://host/api/v2/users?x=/y");
  EXPECT_EQ(base.append("users")->text(), "https://host/api/v2/users");
  EXPECT_EQ(base.append("")->text(), "https://host/api/v2");
  EXPECT_EQ(base.append("?x=1")->text(), "https://host/api/v2?x=1");
  EXPECT_EQ(base.append("http://other/x")->text(), "http://other/x");
  EXPECT_EQ(base.append("/go?to=http://other/x")->text(), "https://host/api/v2/go?to=http://other/x");
  EXPECT_EQ(url("http://host").append("/a")->text(), "http://host/a");
  EXPECT_FALSE(base.append("/a\nb").ok());
}

TEST(Url, ReferencesResolveAsInRfc3986) {
  const Url base = url("http://a/b/c/d;p?q");
  const std::vector<std::pair<std::string, std::string>> table = {
      {"g", "http://a/b/c/g"},        {"./g", "http://a/b/c/g"},    {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},           {"//g", "http://g/"},         {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},    {"#s", "http://a/b/c/d;p?q"}, {"g;x=1/../y", "http://a/b/c/y"},
      {"", "http://a/b/c/d;p?q"},     {".", "http://a/b/c/"},       {"..", "http://a/b/"},
      {"../g", "http://a/b/g"},       {"../..", "http://a/"},       {"../../../g", "http://a/g"},
      {"/./g", "http://a/g"},         {"g.", "http://a/b/c/g."},    {"g?y/../x", "http://a/b/c/g?y/../x"},
      {"https://h/x", "https://h/x"}, {"..g", "http://a/b/c/..g"}};
  for (const auto& [reference, expected] : table) {
    const absl::StatusOr<Url> resolved = base.resolve(reference);
    ASSERT_TRUE(resolved.ok()) << reference << resolved.status();
    EXPECT_EQ(resolved->text(), expected) << reference;
  }
  EXPECT_FALSE(base.resolve("mailto:x@y").ok());
}

TEST(Url, CredentialsStayWithTheirHost) {
  const Url from = url("http://host/");
  EXPECT_TRUE(may_share_credentials(from, url("http://host:80/x")));
  EXPECT_TRUE(may_share_credentials(from, url("https://host/")));
  EXPECT_FALSE(may_share_credentials(from, url("http://host:8080/")));
  EXPECT_FALSE(may_share_credentials(from, url("http://sub.host/")));
  EXPECT_FALSE(may_share_credentials(from, url("https://host:8443/")));
  EXPECT_FALSE(may_share_credentials(url("https://host/"), from));
}

TEST(Url, PercentEncodingLeavesOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encode("a-Z_0.~"), "a-Z_0.~");
  EXPECT_EQ(percent_encode("a b&c=d/\xc3\xa9+"), "a%20b%26c%3Dd%2F%C3%A9%2B");
}

}  // namespace
}  // namespace baton::http
