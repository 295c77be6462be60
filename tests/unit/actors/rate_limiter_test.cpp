#include "actors/rate_limiter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/actor_test.hpp"

namespace baton::actors {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RateLimiterTest : public test::ActorTest {
 protected:
  void begin(std::uint32_t concurrency, double requests_per_second = 0) {
    RateLimit limit;
    limit.concurrency = concurrency;
    limit.requests_per_second = requests_per_second;
    limiter_ = spawn(rate_limiter, limit, clock_);
    limiter_->attach_functor([this] { ended_ = true; });
  }
  void acquire(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t id = first; id <= last; ++id) {
      self->send(limiter_, acquire_atom_v,
                 Parcel<PermitWaiter>(PermitWaiter(id, [this, id](absl::Status status) {
                   (status.ok() ? granted_ : refused_).push_back(id);
                 })));
    }
    settle();
  }
  template <class... Ts>
  void say(Ts... message) {
    self->send(limiter_, message...);
    settle();
  }
  /// Moves the clock that the limiter reads and the one that wakes it.
  void pass(milliseconds time) {
    clock_->advance(time);
    advance(time);
  }

  std::shared_ptr<FixedClock> clock_ =
      std::make_shared<FixedClock>(std::chrono::system_clock::from_time_t(1'700'000'000));
  RateLimiterActor limiter_;
  std::vector<std::uint64_t> granted_;
  std::vector<std::uint64_t> refused_;
  bool ended_ = false;
};

TEST_F(RateLimiterTest, grants_in_order_within_the_concurrency_window) {
  begin(2);
  acquire(1, 5);
  EXPECT_THAT(granted_, ElementsAre(1, 2));
  say(release_atom_v);
  EXPECT_THAT(granted_, ElementsAre(1, 2, 3));
  say(release_atom_v);
  say(release_atom_v);
  EXPECT_THAT(granted_, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(refused_, IsEmpty());
}

TEST_F(RateLimiterTest, opens_no_wider_for_permits_that_come_back_twice) {
  begin(1);
  for (int i = 0; i < 5; ++i) say(release_atom_v);
  acquire(1, 3);
  EXPECT_THAT(granted_, ElementsAre(1));
}

TEST_F(RateLimiterTest, spaces_starts_by_the_rate) {
  begin(100, 4);
  acquire(1, 4);
  EXPECT_THAT(granted_, ElementsAre(1));
  pass(milliseconds(249));
  EXPECT_THAT(granted_, ElementsAre(1));
  pass(milliseconds(1));
  EXPECT_THAT(granted_, ElementsAre(1, 2));
  pass(milliseconds(250));
  pass(milliseconds(250));
  EXPECT_THAT(granted_, ElementsAre(1, 2, 3, 4));
}

TEST_F(RateLimiterTest, saves_no_starts_up_while_nobody_asks) {
  begin(100, 4);
  acquire(1, 1);
  pass(seconds(3600));
  acquire(2, 4);
  EXPECT_THAT(granted_, ElementsAre(1, 2));
  pass(milliseconds(250));
  EXPECT_THAT(granted_, ElementsAre(1, 2, 3));
}

TEST_F(RateLimiterTest, holds_all_who_wait_until_the_longest_hold_is_over) {
  begin(10);
  acquire(1, 1);
  say(hold_atom_v, std::uint64_t{2000});
  say(hold_atom_v, std::uint64_t{500});
  acquire(2, 3);
  EXPECT_THAT(granted_, ElementsAre(1));
  pass(milliseconds(500));
  EXPECT_THAT(granted_, ElementsAre(1)) << "a shorter hold shortens nothing";
  say(hold_atom_v, std::uint64_t{3000});
  pass(milliseconds(1500));
  EXPECT_THAT(granted_, ElementsAre(1)) << "the hold was prolonged meanwhile";
  pass(milliseconds(1500));
  EXPECT_THAT(granted_, ElementsAre(1, 2, 3));
}

TEST_F(RateLimiterTest, is_not_opened_by_a_return_during_a_hold) {
  begin(1);
  acquire(1, 2);
  say(hold_atom_v, std::uint64_t{1000});
  say(release_atom_v);
  EXPECT_THAT(granted_, ElementsAre(1));
  pass(milliseconds(1000));
  EXPECT_THAT(granted_, ElementsAre(1, 2));
}

TEST_F(RateLimiterTest, answers_who_waits_no_longer_and_keeps_the_others_in_order) {
  begin(1);
  acquire(1, 4);
  say(cancel_atom_v, std::uint64_t{3});
  EXPECT_THAT(refused_, ElementsAre(3));
  say(cancel_atom_v, std::uint64_t{3});
  say(cancel_atom_v, std::uint64_t{1});
  EXPECT_THAT(refused_, ElementsAre(3)) << "a granted permit is returned, not cancelled";
  say(release_atom_v);
  say(release_atom_v);
  EXPECT_THAT(granted_, ElementsAre(1, 2, 4));
}

TEST_F(RateLimiterTest, refuses_all_who_wait_when_it_stops) {
  begin(1);
  acquire(1, 3);
  say(stop_atom_v);
  EXPECT_THAT(granted_, ElementsAre(1));
  EXPECT_THAT(refused_, ElementsAre(2, 3));
  EXPECT_TRUE(ended_);
}

}  // namespace
}  // namespace baton::actors
