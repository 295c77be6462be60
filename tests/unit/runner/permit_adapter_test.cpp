#include "runner/permit_adapter.hpp"

#include <atomic>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

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
    options.limit.concurrency = concurrency;
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
  return http::ResponseFacts(status, http::RateLimitReading(), milliseconds(30));
}

/// Records what a limiter is told.
class RecordingEngine final : public actors::Engine, public actors::Limiter {
 public:
  asio::any_io_executor executor() override { return {}; }
  actors::Limiter& limiter(std::string_view limit_key) override {
    EXPECT_EQ(limit_key, "host");
    return *this;
  }
  std::vector<actors::LimitUse> limit_use() const override { return {}; }
  actors::SyncOutcome run_sync(const actors::SyncJob&) override { return {}; }
  void stop() override {}

  bool take(bool) override { return open; }
  void give_up(bool) override { ++given_up; }
  std::uint64_t wait(bool, std::function<void(absl::Status)>) override {
    ++waits;
    return 0;
  }
  void cancel(std::uint64_t) override {}
  void release() override {}
  void report(const RateReport& told) override { reports.push_back(told); }

  std::vector<RateReport> reports;
  bool open = true;
  int given_up = 0;
  int waits = 0;
};

/// Asks for a permit when it has been cancelled already.
Task<absl::Status> take_too_late(PermitAdapter& permits, asio::cancellation_signal& cancel) {
  co_await asio::this_coro::throw_if_cancelled(false);
  cancel.emit(asio::cancellation_type::terminal);
  absl::StatusOr<http::Permit> permit = co_await permits.acquire("host");
  co_return permit.status();
}

TEST(PermitAdapterCancelTest, WhoIsCancelledBeforeTheWaitDoesNotCountAsWaiting) {
  FixedClock clock(std::chrono::system_clock::time_point(seconds(1)));
  RecordingEngine engine;
  engine.open = false;
  PermitAdapter permits(engine, clock);
  asio::io_context context;
  asio::cancellation_signal cancel;
  absl::Status status;
  asio::co_spawn(context, take_too_late(permits, cancel),
                 asio::bind_cancellation_slot(
                     cancel.slot(), [&](const std::exception_ptr&, absl::Status end) { status = end; }));
  context.run();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(engine.given_up, 1);
  EXPECT_EQ(engine.waits, 0);
}

class PermitReportTest : public testing::Test {
 protected:
  RateReport told(const http::ResponseFacts& facts) {
    engine_.reports.clear();
    permits_.report("host", facts);
    EXPECT_EQ(engine_.reports.size(), 1u);
    return engine_.reports.front();
  }

  FixedClock clock_{std::chrono::system_clock::time_point(seconds(1'000'000))};
  RecordingEngine engine_;
  PermitAdapter permits_{engine_, clock_};
};

TEST_F(PermitReportTest, AnAnswerIsToldWithItsTimes) {
  const RateReport report = told(facts(200));
  EXPECT_EQ(report.outcome, RateReport::Outcome::kAnswered);
  EXPECT_EQ(report.received, clock_.steady_now());
  EXPECT_EQ(report.sent, clock_.steady_now() - milliseconds(30));
  EXPECT_FALSE(report.limit || report.remaining || report.reset_at || report.retry_after || report.quota);
}

TEST_F(PermitReportTest, TheBudgetIsToldInMonotonicTime) {
  http::ResponseFacts answer = facts(200);
  answer.rate_limit.facts.limit = 100;
  answer.rate_limit.facts.remaining = 0;
  answer.rate_limit.facts.reset_at = clock_.now() + seconds(30);
  EXPECT_FALSE(told(answer).remaining) << "a zero that the service did not name";
  answer.rate_limit.has_remaining = true;
  const RateReport report = told(answer);
  EXPECT_EQ(report.limit, 100);
  EXPECT_EQ(report.remaining, 0);
  EXPECT_EQ(report.reset_at, clock_.steady_now() + seconds(30));
}

TEST_F(PermitReportTest, ARefusalIsToldAsOneAndAGuessedResetIsNot) {
  http::ResponseFacts refused = facts(429);
  refused.rate_limit.facts.limit = 1;
  refused.rate_limit.facts.reset_at = clock_.now() + seconds(60);
  refused.rate_limit.reset_assumed = true;
  const RateReport report = told(refused);
  EXPECT_EQ(report.outcome, RateReport::Outcome::kRefused);
  EXPECT_FALSE(report.limit || report.reset_at);
  http::ResponseFacts secondary = facts(403);
  EXPECT_EQ(told(secondary).outcome, RateReport::Outcome::kAnswered);
  secondary.rate_limit.refused = true;
  EXPECT_EQ(told(secondary).outcome, RateReport::Outcome::kRefused);
}

TEST_F(PermitReportTest, AnOverloadedServiceIsToldAsStrained) {
  EXPECT_EQ(told(facts(503)).outcome, RateReport::Outcome::kStrained);
  http::ResponseFacts near_limit = facts(200);
  near_limit.rate_limit.strained = true;
  EXPECT_EQ(told(near_limit).outcome, RateReport::Outcome::kStrained);
}

}  // namespace
}  // namespace baton::runner
