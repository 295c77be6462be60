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
    sync::RateLimit limit;
    limit.concurrency = concurrency;
    limit.requests_per_second = requests_per_second;
    gate_ = std::make_shared<PermitGate>(limit, clock_);
    RateLimiterConfig config;
    config.key = "host";
    config.gate = gate_;
    config.clock = clock_;
    config.on_hold = [this](milliseconds hold) { holds_.push_back(hold.count()); };
    limiter_ = spawn(rate_limiter, std::move(config));
    limiter_->attach_functor([this] { ended_ = true; });
  }
  /// As the engine does it: at the gate first, then with the limiter.
  void acquire(std::uint64_t first, std::uint64_t last, bool goes_on = false) {
    for (std::uint64_t id = first; id <= last; ++id) {
      if (gate_->take(goes_on)) {
        granted_.push_back(id);
        continue;
      }
      self->send(limiter_, acquire_atom_v,
                 Parcel<PermitWaiter>(PermitWaiter(id, goes_on, [this, id](absl::Status status) {
                   (status.ok() ? granted_ : refused_).push_back(id);
                 })));
    }
    settle();
  }
  void release() {
    if (gate_->give_back()) self->send(limiter_, tick_atom_v);
    settle();
  }
  void hold(milliseconds time) {
    RateReport report;
    report.sent = report.received = clock_->steady_now();
    report.retry_after = time;
    gate_->report(report);
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
  std::shared_ptr<PermitGate> gate_;
  RateLimiterActor limiter_;
  std::vector<std::uint64_t> granted_;
  std::vector<std::uint64_t> refused_;
  std::vector<std::int64_t> holds_;
  bool ended_ = false;
};

TEST_F(RateLimiterTest, grants_in_order_within_the_concurrency_window) {
  begin(2);
  acquire(1, 5);
  EXPECT_THAT(granted_, ElementsAre(1, 2));
  release();
  EXPECT_THAT(granted_, ElementsAre(1, 2, 3));
  release();
  release();
  EXPECT_THAT(granted_, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(refused_, IsEmpty());
}

TEST_F(RateLimiterTest, who_goes_on_comes_before_who_begins) {
  begin(1);
  acquire(1, 3);
  acquire(4, 5, true);
  for (int i = 0; i < 4; ++i) release();
  EXPECT_THAT(granted_, ElementsAre(1, 4, 5, 2, 3));
}

TEST_F(RateLimiterTest, nobody_overtakes_at_the_gate) {
  begin(1);
  acquire(1, 2);
  // The permit comes back and the limiter has not looked yet.
  ASSERT_TRUE(gate_->give_back());
  EXPECT_FALSE(gate_->take(false));
  EXPECT_FALSE(gate_->give_back()) << "told once is enough";
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

TEST_F(RateLimiterTest, holds_all_who_wait_until_the_longest_hold_is_over) {
  begin(10);
  acquire(1, 1);
  hold(seconds(2));
  hold(milliseconds(500));
  acquire(2, 3);
  EXPECT_THAT(granted_, ElementsAre(1));
  EXPECT_THAT(holds_, ElementsAre(2000));
  pass(milliseconds(500));
  EXPECT_THAT(granted_, ElementsAre(1)) << "a shorter hold shortens nothing";
  hold(seconds(3));
  pass(milliseconds(1500));
  EXPECT_THAT(granted_, ElementsAre(1)) << "the hold was prolonged meanwhile";
  EXPECT_THAT(holds_, ElementsAre(2000, 1500));
  pass(milliseconds(1500));
  EXPECT_THAT(granted_, ElementsAre(1, 2, 3));
}

TEST_F(RateLimiterTest, is_not_opened_by_a_return_during_a_hold) {
  begin(1);
  acquire(1, 2);
  hold(seconds(1));
  release();
  EXPECT_THAT(granted_, ElementsAre(1));
  pass(seconds(1));
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
  release();
  release();
  EXPECT_THAT(granted_, ElementsAre(1, 2, 4));
}

TEST_F(RateLimiterTest, the_gate_opens_again_when_nobody_waits_any_more) {
  begin(1);
  acquire(1, 2);
  say(cancel_atom_v, std::uint64_t{2});
  EXPECT_FALSE(gate_->give_back());
  EXPECT_TRUE(gate_->take(false));
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
