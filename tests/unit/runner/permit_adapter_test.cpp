#include "runner/permit_adapter.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "base/log.hpp"

namespace baton::runner {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// One coroutine that takes a permit and keeps it until it is told to give it back.
class Taker {
 public:
  Taker() = default;

  std::promise<absl::Status> answered;
  http::Permit permit;
  asio::cancellation_signal cancel;
};

Task<void> take(PermitAdapter& permits, std::shared_ptr<Taker> taker, std::string key) {
  absl::StatusOr<http::Permit> permit = co_await permits.acquire(key);
  absl::Status status = permit.status();
  if (permit.ok()) taker->permit = *std::move(permit);
  taker->answered.set_value(std::move(status));
}

Task<void> take_and_give_back(PermitAdapter& permits, std::atomic<int>& left, std::promise<void>& done,
                              int rounds) {
  for (int i = 0; i < rounds; ++i) {
    absl::StatusOr<http::Permit> permit = co_await permits.acquire("busy");
    if (permit.ok()) permit->spend();
  }
  if (left.fetch_sub(1) == 1) done.set_value();
}

class PermitAdapterTest : public testing::Test {
 protected:
  PermitAdapterTest() { start(1); }
  ~PermitAdapterTest() override { end(); }

  void start(std::uint32_t concurrency) {
    end();
    actors::Engine::Options options;
    options.clock = clock_;
    options.entropy = std::make_shared<SystemEntropy>();
    options.log = std::make_shared<NullLog>();
    options.max_concurrency = concurrency;
    engine_ = actors::Engine::create(options);
    permits_ = std::make_unique<PermitAdapter>(*engine_, *clock_);
  }
  void end() {
    if (permits_) permits_->close();
    engine_.reset();
    permits_.reset();
  }

  std::shared_ptr<Taker> spawn(const std::string& key) {
    auto taker = std::make_shared<Taker>();
    asio::post(engine_->executor(), [this, taker, key] {
      asio::co_spawn(engine_->executor(), take(*permits_, taker, key),
                     asio::bind_cancellation_slot(taker->cancel.slot(), asio::detached));
    });
    return taker;
  }
  void on_executor(std::function<void()> step) {
    std::promise<void> done;
    asio::post(engine_->executor(), [&] {
      step();
      done.set_value();
    });
    done.get_future().wait();
  }
  static absl::StatusCode answer(Taker& taker) { return taker.answered.get_future().get().code(); }

  std::shared_ptr<SystemClock> clock_ = std::make_shared<SystemClock>();
  std::unique_ptr<actors::Engine> engine_;
  std::unique_ptr<PermitAdapter> permits_;
};

TEST_F(PermitAdapterTest, APermitGoesBackWhenItIsDestroyed) {
  const auto first = spawn("host");
  EXPECT_EQ(answer(*first), absl::StatusCode::kOk);
  const auto second = spawn("host");
  // Another key has a window of its own.
  EXPECT_EQ(answer(*spawn("other")), absl::StatusCode::kOk);
  on_executor([&] { first->permit.release(); });
  EXPECT_EQ(answer(*second), absl::StatusCode::kOk);
}

TEST_F(PermitAdapterTest, WhoIsCancelledHearsOfItAndCostsNothing) {
  const auto holder = spawn("host");
  EXPECT_EQ(answer(*holder), absl::StatusCode::kOk);
  const auto cancelled = spawn("host");
  const auto patient = spawn("host");
  on_executor([&] { cancelled->cancel.emit(asio::cancellation_type::terminal); });
  EXPECT_EQ(answer(*cancelled), absl::StatusCode::kCancelled);
  on_executor([&] { holder->permit.release(); });
  EXPECT_EQ(answer(*patient), absl::StatusCode::kOk);
}

TEST_F(PermitAdapterTest, APermitThatComesTogetherWithACancellationIsNotLost) {
  for (int round = 0; round < 200; ++round) {
    const auto holder = spawn("host");
    ASSERT_EQ(answer(*holder), absl::StatusCode::kOk);
    const auto racer = spawn("host");
    on_executor([&] {
      holder->permit.release();
      racer->cancel.emit(asio::cancellation_type::terminal);
    });
    const absl::StatusCode code = answer(*racer);
    ASSERT_TRUE(code == absl::StatusCode::kOk || code == absl::StatusCode::kCancelled);
    on_executor([&] { racer->permit.release(); });
  }
}

TEST_F(PermitAdapterTest, ManyCoroutinesShareASmallWindow) {
  start(3);
  std::atomic<int> left = 16;
  std::promise<void> done;
  for (int i = 0; i < 16; ++i) {
    asio::co_spawn(engine_->executor(), take_and_give_back(*permits_, left, done, 500), asio::detached);
  }
  ASSERT_EQ(done.get_future().wait_for(seconds(60)), std::future_status::ready);
}

TEST_F(PermitAdapterTest, RefusalEndsAllWaits) {
  const auto holder = spawn("host");
  EXPECT_EQ(answer(*holder), absl::StatusCode::kOk);
  const auto waiting = spawn("host");
  on_executor([] {});
  permits_->refuse();
  EXPECT_EQ(answer(*waiting), absl::StatusCode::kCancelled);
  EXPECT_EQ(answer(*spawn("host")), absl::StatusCode::kCancelled);
  EXPECT_EQ(answer(*spawn("another")), absl::StatusCode::kCancelled);
}

TEST_F(PermitAdapterTest, TheEngineMayGoWhilePermitsAreOutAndCoroutinesWait) {
  const auto holder = spawn("host");
  EXPECT_EQ(answer(*holder), absl::StatusCode::kOk);
  const auto waiting = spawn("host");
  on_executor([] {});
  permits_->close();
  engine_.reset();
  holder->permit.release();
}

http::ResponseFacts facts(int status) {
  return http::ResponseFacts(status, http::RateLimitReading(), milliseconds(1));
}

/// Records what is asked of a limiter.
class RecordingEngine final : public actors::Engine {
 public:
  asio::any_io_executor executor() override { return {}; }
  std::uint64_t acquire_permit(std::string_view, std::function<void(absl::Status)>) override { return 0; }
  void release_permit(std::string_view) override {}
  void cancel_permit(std::string_view, std::uint64_t) override {}
  void hold(std::string_view limit_key, milliseconds duration) override {
    holds.emplace_back(limit_key, duration);
  }
  actors::SyncOutcome run_sync(const actors::SyncJob&) override { return {}; }
  void stop() override {}

  std::vector<std::pair<std::string, milliseconds>> holds;
};

class PermitReportTest : public testing::Test {
 protected:
  /// What a response makes its key wait; nothing when it does not.
  std::optional<milliseconds> held(const http::ResponseFacts& facts) {
    engine_.holds.clear();
    permits_.report("host", facts);
    if (engine_.holds.empty()) return std::nullopt;
    EXPECT_EQ(engine_.holds.size(), 1u);
    EXPECT_EQ(engine_.holds.front().first, "host");
    return engine_.holds.front().second;
  }

  FixedClock clock_{std::chrono::system_clock::time_point(seconds(1'000'000))};
  RecordingEngine engine_;
  PermitAdapter permits_{engine_, clock_};
};

TEST_F(PermitReportTest, AnOrdinaryResponseHoldsNothing) {
  http::ResponseFacts ordinary = facts(200);
  EXPECT_EQ(held(ordinary), std::nullopt);
  ordinary.rate_limit.facts.limit = 100;
  ordinary.rate_limit.facts.remaining = 1;
  ordinary.rate_limit.facts.reset_at = clock_.now() + seconds(30);
  EXPECT_EQ(held(ordinary), std::nullopt);
}

TEST_F(PermitReportTest, RetryAfterHoldsWhateverTheStatus) {
  http::ResponseFacts busy = facts(503);
  busy.rate_limit.retry_after = seconds(7);
  EXPECT_EQ(held(busy), seconds(7));
  busy.rate_limit.retry_after = std::chrono::hours(5);
  EXPECT_EQ(held(busy), std::chrono::minutes(65));
  busy.rate_limit.retry_after = milliseconds(0);
  EXPECT_EQ(held(busy), std::nullopt);
}

TEST_F(PermitReportTest, AUsedUpBudgetHoldsUntilItsReset) {
  http::ResponseFacts last = facts(200);
  last.rate_limit.facts.limit = 100;
  last.rate_limit.facts.remaining = 0;
  EXPECT_EQ(held(last), std::nullopt);
  last.rate_limit.facts.reset_at = clock_.now() + seconds(30);
  EXPECT_EQ(held(last), seconds(30));
  last.rate_limit.facts.reset_at = clock_.now() - seconds(30);
  EXPECT_EQ(held(last), std::nullopt);
}

TEST_F(PermitReportTest, ARefusalThatSaysNothingHoldsForASecond) {
  http::ResponseFacts refused = facts(429);
  EXPECT_EQ(held(refused), seconds(1));
  refused.rate_limit.facts.state = RateLimitFacts::State::kOverLimit;
  refused.rate_limit.facts.reset_at = clock_.now() + seconds(60);
  refused.rate_limit.reset_assumed = true;
  EXPECT_EQ(held(refused), seconds(1));
  refused.rate_limit.reset_assumed = false;
  EXPECT_EQ(held(refused), seconds(60));
}

}  // namespace
}  // namespace baton::runner
