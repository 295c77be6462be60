#include "http/response_cache.hpp"

#include <initializer_list>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace baton::http {
namespace {

using std::chrono::seconds;

class ResponseCacheTest : public ::testing::Test {
 protected:
  using Fields = std::initializer_list<std::pair<std::string, std::string>>;

  static std::string key(std::string_view url, Fields fields = {}) {
    Request request(Method::kGet, std::string(url));
    for (const auto& [name, value] : fields) request.header(name, value);
    return ResponseCache::key_of(request, *Url::parse(url)).value_or("none");
  }
  void put(const std::string& key, std::string_view body, Fields fields = {}) {
    Headers headers;
    for (const auto& [name, value] : fields) headers.add(name, value);
    cache_.put(key, CachedResponse(*Url::parse("https://a/"), std::move(headers), body), now_);
  }
  /// The body that may be used without asking; "stale" when it may be asked about.
  std::string found(const std::string& key) {
    bool fresh = false;
    const auto response = cache_.find(key, now_, fresh);
    if (!response) return "none";
    return fresh ? response->body : "stale";
  }

  static CacheOptions options() {
    CacheOptions options;
    options.max_bytes = 8000;
    options.ttl = seconds(100);
    return options;
  }

  ResponseCache cache_{options()};
  ResponseCache::TimePoint now_{seconds(1000)};
};

TEST_F(ResponseCacheTest, WhatDiffersInAnythingThatMattersIsAnotherAnswer) {
  const std::string plain = key("https://host/Path?a=1&b=2");
  for (const std::string& other :
       {key("http://host/Path?a=1&b=2"), key("https://other/Path?a=1&b=2"),
        key("https://host:8443/Path?a=1&b=2"), key("https://host/path?a=1&b=2"),
        key("https://host/Path?a=1&b=3"), key("https://host/Path?a=1&b=2", {{"Accept", "text/csv"}}),
        key("https://host/Path?a=1&b=2", {{"Authorization", "Bearer one"}}),
        key("https://host/Path?a=1&b=2", {{"X-Tenant", "t"}})}) {
    EXPECT_NE(other, plain);
  }
  EXPECT_NE(key("https://h/", {{"Authorization", "Bearer one"}}),
            key("https://h/", {{"Authorization", "Bearer two"}}));
  EXPECT_EQ(key("https://h/", {{"A", "1"}, {"B", "2"}}), key("https://h/", {{"b", "2"}, {"a", "1"}}));
  EXPECT_EQ(key("https://h/", {{"Authorization", "Bearer s3cret"}}).find("s3cret"), std::string::npos);
  EXPECT_EQ(key("https://h/", {{"Cache-Control", "max-age=0, No-Cache"}}), "none");
  EXPECT_FALSE(ResponseCache::key_of(Request(Method::kPost, "/"), *Url::parse("https://h/")));
}

TEST_F(ResponseCacheTest, AnAnswerIsGoodForItsTime) {
  put("a", "body");
  EXPECT_EQ(found("a"), "body");
  EXPECT_EQ(found("b"), "none");
  now_ += seconds(99);
  EXPECT_EQ(found("a"), "body");
  now_ += seconds(1);
  EXPECT_EQ(found("a"), "none");
  put("a", "body", {{"Cache-Control", "private, max-age=10"}});
  now_ += seconds(9);
  EXPECT_EQ(found("a"), "body");
  now_ += seconds(1);
  EXPECT_EQ(found("a"), "none");
}

TEST_F(ResponseCacheTest, ATagKeepsAnAnswerThatHasGrownOld) {
  put("a", "body", {{"ETag", "\"v1\""}, {"Cache-Control", "no-cache"}});
  EXPECT_EQ(found("a"), "stale");
  put("b", "body", {{"ETag", "\"v1\""}});
  now_ += seconds(100);
  EXPECT_EQ(found("b"), "stale");
  cache_.renew("b", now_);
  EXPECT_EQ(found("b"), "body");
}

TEST_F(ResponseCacheTest, WhatMustNotBeKeptIsNot) {
  put("a", "body", {{"Cache-Control", "no-store"}});
  put("b", "body", {{"Vary", "Accept, *"}});
  put("c", "body", {{"Cache-Control", "max-age=0"}});
  put("d", std::string(2000, 'x'));
  for (const char* key : {"a", "b", "c", "d"}) EXPECT_EQ(found(key), "none") << key;
}

TEST_F(ResponseCacheTest, TheOneUsedLongestAgoGoesFirst) {
  for (const char* key : {"a", "b", "c", "d", "e"}) put(key, std::string(1300, 'x'));
  EXPECT_NE(found("a"), "none");
  put("f", std::string(1300, 'x'));
  EXPECT_EQ(found("b"), "none");
  for (const char* key : {"a", "c", "d", "e", "f"}) EXPECT_NE(found(key), "none") << key;
  put("a", "new");
  EXPECT_EQ(found("a"), "new");
}

}  // namespace
}  // namespace baton::http
