// The forms of coroutine code that g++ 12 gets right, as docs/author-guide.md teaches them. The compiler
// destroys aggregate temporaries of an awaited expression twice; under AddressSanitizer each form below would
// be a report if a type of the SDK were one, and the counting type notices without it.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "absl/status/statusor.h"
#include "sdk/bag.hpp"
#include "sdk/config.hpp"
#include "sdk/grants.hpp"
#include "sdk/page.hpp"
#include "sdk/resource_syncer.hpp"
#include "unit/sdk/await.hpp"

namespace baton::sdk {
namespace {

namespace v2 = c1::connector::v2;

static_assert(!std::is_aggregate_v<PageState>);
static_assert(!std::is_aggregate_v<SyncHints>);
static_assert(!std::is_aggregate_v<ResourceRef>);
static_assert(!std::is_aggregate_v<ExclusionGroup>);
static_assert(!std::is_aggregate_v<Expansion>);
static_assert(!std::is_aggregate_v<Config>);
static_assert(!std::is_aggregate_v<Page<v2::Resource>>);
static_assert(!std::is_aggregate_v<Page<v2::Entitlement>>);
static_assert(!std::is_aggregate_v<Page<v2::ResourceType>>);

/// Counts how many of its kind live; a second destruction of one takes the count below zero.
class Counted {
 public:
  explicit Counted(int* alive)
      : alive_(alive), payload_("a text that is too long for the short string form") {
    ++*alive_;
  }
  Counted(const Counted& other) : alive_(other.alive_), payload_(other.payload_) { ++*alive_; }
  Counted(Counted&& other) noexcept : alive_(other.alive_), payload_(std::move(other.payload_)) { ++*alive_; }
  Counted& operator=(const Counted&) = delete;
  Counted& operator=(Counted&&) = delete;
  ~Counted() { --*alive_; }

  const std::string& payload() const { return payload_; }

 private:
  int* alive_;
  std::string payload_;
};
static_assert(!std::is_aggregate_v<Counted>);

/// Gives way once, so that every frame below it really suspends.
Task<void> yield() {
  co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
}

Task<std::size_t> take(Counted value, std::string text) {
  co_await yield();
  co_return value.payload().size() + text.size();
}

Task<absl::StatusOr<Page<v2::Grant>>> list(ResourceRequest request) {
  co_await yield();
  Page<v2::Grant> page;
  fill_grant(page.add(), request.resource_id(), "member", ResourceRef("user", "u1"));
  page.set_next_token(request.page.token + "'");
  co_return page;
}

Task<std::size_t> pass_temporaries(int* alive) {
  // A named-constructor temporary as an argument is safe when its type has a user-declared constructor.
  co_return co_await take(Counted(alive), std::string(100, 'x'));
}

Task<std::size_t> pass_named(int* alive) {
  Counted value(alive);
  std::string text(100, 'x');
  co_return co_await take(std::move(value), std::move(text));
}

Task<std::string> walk_pages() {
  std::string walked;
  std::string token;
  for (int i = 0; i < 3; ++i) {
    ResourceRequest request;
    request.resource =
        make_resource(ResourceRef("group", "a group whose id is longer than short strings"), "G");
    request.page = PageRequest(token);
    absl::StatusOr<Page<v2::Grant>> page = co_await list(std::move(request));
    if (!page.ok()) co_return "failed";
    walked += page->row(0).id();
    token = page->next_token();
  }
  co_return walked + token;
}

TEST(SafeCoroutineForms, arguments_are_destroyed_once) {
  int alive = 0;
  EXPECT_EQ(await(pass_temporaries(&alive)), 149U);
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(await(pass_named(&alive)), 149U);
  EXPECT_EQ(alive, 0);
}

TEST(SafeCoroutineForms, requests_and_pages_survive_the_way_through_a_coroutine) {
  const std::string id = "group:a group whose id is longer than short strings:member:user:u1";
  EXPECT_EQ(await(walk_pages()), id + id + id + "'''");
}

/// Instead of a capturing lambda that is awaited where it is written: a member function of an object that
/// outlives the call.
class Fetch {
 public:
  explicit Fetch(std::string prefix) : prefix_(std::move(prefix)) {}
  Task<std::string> operator()(std::string name) const {
    co_await yield();
    co_return prefix_ + name;
  }

 private:
  std::string prefix_;
};

Task<std::string> call_object() {
  const Fetch fetch("a prefix that is too long for the short string form/");
  co_return co_await fetch(std::string("name"));
}

Task<std::string> call_lambda() {
  // A lambda without captures has nothing that could die early; what it needs comes in as arguments.
  const auto fetch = [](std::string prefix, std::string name) -> Task<std::string> {
    co_await yield();
    co_return prefix + name;
  };
  co_return co_await fetch(std::string("a prefix that is too long for the short string form/"),
                           std::string("name"));
}

TEST(SafeCoroutineForms, callables) {
  const std::string expected = "a prefix that is too long for the short string form/name";
  EXPECT_EQ(await(call_object()), expected);
  EXPECT_EQ(await(call_lambda()), expected);
}

TEST(SafeCoroutineForms, errors_and_early_returns_release_everything) {
  int alive = 0;
  const auto run = [](int* count, bool fail) -> Task<absl::StatusOr<std::string>> {
    Counted first(count);
    co_await yield();
    if (fail) co_return absl::UnavailableError("a message that is too long for the short string form");
    Counted second(first);
    co_await yield();
    co_return second.payload();
  };
  EXPECT_FALSE(await(run(&alive, true)).ok());
  EXPECT_EQ(alive, 0);
  EXPECT_TRUE(await(run(&alive, false)).ok());
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace baton::sdk
