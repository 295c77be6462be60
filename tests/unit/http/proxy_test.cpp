#include "http/proxy.hpp"

#include <map>

#include <gtest/gtest.h>

namespace baton::http {
namespace {

ProxySettings settings(std::string_view no_proxy) {
  auto made = ProxySettings::parse("http://plain.test:3128", "user:p%40ss@secure.test:8443", no_proxy);
  EXPECT_TRUE(made.ok()) << made.status();
  return *made;
}

bool is_proxied(const ProxySettings& settings, std::string_view url) {
  return settings.proxy_for(*Url::parse(url)) != nullptr;
}

TEST(Proxy, EachSchemeHasItsOwn) {
  const ProxySettings both = settings("");
  const Proxy* plain = both.proxy_for(*Url::parse("http://api.test/x"));
  ASSERT_NE(plain, nullptr);
  EXPECT_EQ(plain->host(), "plain.test");
  EXPECT_EQ(plain->port(), 3128);
  EXPECT_EQ(plain->authorization(), "");
  const Proxy* secure = both.proxy_for(*Url::parse("https://api.test/x"));
  ASSERT_NE(secure, nullptr);
  EXPECT_EQ(secure->host(), "secure.test");
  EXPECT_EQ(secure->authorization(), "Basic dXNlcjpwQHNz");
  EXPECT_EQ(ProxySettings().proxy_for(*Url::parse("https://api.test/")), nullptr);
}

TEST(Proxy, ThisMachineIsReachedDirectly) {
  const ProxySettings all = settings("");
  for (const std::string_view url :
       {"http://localhost/", "http://127.0.0.1:8080/", "https://127.9.9.9/", "http://[::1]/"}) {
    EXPECT_FALSE(is_proxied(all, url)) << url;
  }
}

TEST(Proxy, ExceptionsAreHostsSuffixesAddressesNetworksAndPorts) {
  const ProxySettings some = settings(
      " Example.test, .inner.test ,10.0.0.0/8,192.0.2.7, only.test:8080,[2001:db8::1]:443,fe80::/10");
  for (const std::string_view url :
       {"http://example.test/", "http://a.example.test/", "http://x.inner.test/", "https://10.1.2.3/",
        "http://192.0.2.7/", "http://only.test:8080/", "https://[2001:db8::1]/", "http://[fe80::7]/"}) {
    EXPECT_FALSE(is_proxied(some, url)) << url;
  }
  for (const std::string_view url : {"http://notexample.test/", "http://inner.test/", "https://11.1.2.3/",
                                     "http://only.test/", "http://[2001:db8::1]/", "http://192.0.2.77/"}) {
    EXPECT_TRUE(is_proxied(some, url)) << url;
  }
  EXPECT_FALSE(is_proxied(settings("*"), "http://example.test/"));
}

TEST(Proxy, TheEnvironmentIsReadInEitherCase) {
  std::map<std::string, std::string> variables = {{"https_proxy", "secure.test:1"}, {"NO_PROXY", "a.test"}};
  const auto made = ProxySettings::from([&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
  ASSERT_TRUE(made.ok());
  EXPECT_TRUE(is_proxied(*made, "https://b.test/"));
  EXPECT_FALSE(is_proxied(*made, "https://a.test/"));
  EXPECT_FALSE(is_proxied(*made, "http://b.test/"));
}

TEST(Proxy, WhatIsNoProxyIsRefusedWithoutShowingAPassword) {
  for (const std::string_view text :
       {"https://secure.test:1", "socks5://x.test:1", "http://user:hunter2@:x", "http://"}) {
    const auto proxy = Proxy::parse(text);
    EXPECT_EQ(proxy.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(proxy.status().message().find("hunter2"), std::string::npos);
  }
}

}  // namespace
}  // namespace baton::http
