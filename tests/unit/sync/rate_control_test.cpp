#include "sync/rate_control.hpp"

#include <queue>
#include <vector>

#include <gtest/gtest.h>

namespace baton::sync {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using TimePoint = RateControl::TimePoint;
using Kind = RateControl::Verdict::Kind;

constexpr TimePoint kStart{seconds(5000)};

RateReport refusal(TimePoint sent) {
  RateReport report;
  report.outcome = RateReport::Outcome::kRefused;
  report.sent = sent;
  report.received = sent + milliseconds(1);
  return report;
}

/// A service with a fixed window or a bucket, on a clock of its own, and a client that wants `requests`.
class Simulation {
 public:
  enum class Kind { kWindow, kBucket };
  enum class Says { kEverything, kPolicy, kRetryAfterOnly };

  Simulation(Kind kind, Says says, std::int64_t limit, seconds window, milliseconds latency)
      : kind_(kind), says_(says), limit_(limit), window_(window), latency_(latency), level_(limit) {}

  /// Runs until `requests` were admitted; the time it took.
  double run(int requests, std::uint32_t concurrency = 64) {
    RateLimit bounds;
    bounds.concurrency = concurrency;
    RateControl control(bounds);
    TimePoint now = kStart;
    int done = 0;
    int started = 0;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events;
    while (done < requests) {
      TimePoint wake = TimePoint::max();
      while (started - refused < requests) {
        const RateControl::Verdict verdict = control.start(now);
        if (verdict.kind == RateControl::Verdict::Kind::kWaitUntil) wake = verdict.at;
        if (verdict.kind != RateControl::Verdict::Kind::kGo) break;
        ++started;
        events.push(Event{now + latency_ + nanoseconds(++serial_), admit(now)});
        now += nanoseconds(20'000);
      }
      if (!events.empty() && events.top().at <= wake) {
        now = std::max(now, events.top().at);
        RateReport report = events.top().report;
        events.pop();
        report.received = now;
        if (report.reset_at) report.reset_at = now + (*report.reset_at - report.sent);
        control.report(report);
        control.finish();
        if (report.outcome == RateReport::Outcome::kAnswered) ++done;
      } else {
        if (wake == TimePoint::max()) break;
        now = wake;
      }
    }
    used = control.use(now);
    return std::chrono::duration<double>(now - kStart).count();
  }

  int refused = 0;
  int refused_later = 0;
  RateUse used;

 private:
  class Event {
   public:
    TimePoint at;
    RateReport report;
    bool operator>(const Event& other) const { return at > other.at; }
  };

  RateReport admit(TimePoint now) {
    const TimePoint opened = window_start_;
    if (kind_ == Kind::kWindow) {
      while (now >= window_start_ + window_) {
        window_start_ += window_;
        level_ = limit_;
      }
    } else {
      const double units = std::chrono::duration<double>(now - window_start_).count() *
                           static_cast<double>(limit_) / static_cast<double>(window_.count());
      fraction_ = std::min(static_cast<double>(limit_), fraction_ + units);
      window_start_ = now;
      level_ = static_cast<std::int64_t>(fraction_);
    }
    windows_ += opened != window_start_ && kind_ == Kind::kWindow ? 1 : 0;
    RateReport report;
    report.sent = now;
    const bool admitted = level_ > 0;
    if (admitted) {
      --level_;
      fraction_ -= 1;
    } else {
      ++refused;
      if (windows_ > 0) ++refused_later;
      report.outcome = RateReport::Outcome::kRefused;
    }
    const TimePoint full =
        kind_ == Kind::kWindow
            ? window_start_ + window_
            : now + std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(
                        (static_cast<double>(limit_) - fraction_) * static_cast<double>(window_.count()) /
                        static_cast<double>(limit_)));
    const seconds reset = std::chrono::ceil<seconds>(full - now);
    if (says_ != Says::kRetryAfterOnly) {
      report.limit = limit_;
      report.remaining = level_;
      report.reset_at = now + reset;
    }
    if (says_ == Says::kPolicy) report.quota = Quota(limit_, window_);
    if (!admitted) report.retry_after = reset;
    return report;
  }

  Kind kind_;
  Says says_;
  std::int64_t limit_;
  seconds window_;
  milliseconds latency_;
  std::int64_t level_;
  double fraction_ = static_cast<double>(limit_);
  TimePoint window_start_ = kStart;
  int windows_ = 0;
  std::int64_t serial_ = 0;
};

TEST(RateControl, UsesEveryWindowWithoutARefusal) {
  for (const int limit : {150, 600}) {
    for (const int latency : {0, 20, 50, 200}) {
      Simulation service(Simulation::Kind::kWindow, Simulation::Says::kEverything, limit, seconds(3),
                         milliseconds(latency));
      const double took = service.run(1500);
      const double earliest = 3.0 * ((1500 - 1) / limit);
      EXPECT_EQ(service.refused_later, 0) << limit << " at " << latency;
      EXPECT_LE(took, 1.05 * earliest + 3.0 * (1 + latency / 1000.0)) << limit << " at " << latency;
      EXPECT_GT(service.used.held, seconds(1));
    }
  }
}

TEST(RateControl, AWindowWithAPolicyIsUsedWithoutARefusalToo) {
  Simulation service(Simulation::Kind::kWindow, Simulation::Says::kPolicy, 150, seconds(3), milliseconds(20));
  service.run(1500);
  EXPECT_EQ(service.refused, 0);
}

TEST(RateControl, FollowsABucketAtItsRateWithoutARefusal) {
  Simulation service(Simulation::Kind::kBucket, Simulation::Says::kPolicy, 150, seconds(3), milliseconds(20));
  const double took = service.run(1500);
  EXPECT_EQ(service.refused, 0);
  EXPECT_LE(took, 1.05 * (1500 - 150) / 50.0 + 0.5);
}

TEST(RateControl, RetryAfterAloneCostsLittle) {
  Simulation service(Simulation::Kind::kWindow, Simulation::Says::kRetryAfterOnly, 150, seconds(3),
                     milliseconds(20));
  const double took = service.run(1500);
  EXPECT_LE(took, 1.3 * 27);
}

TEST(RateControl, ATenthOfALongWindowIsNotHeldAtAll) {
  Simulation limited(Simulation::Kind::kWindow, Simulation::Says::kEverything, 15'000, seconds(3600),
                     milliseconds(20));
  Simulation unlimited(Simulation::Kind::kWindow, Simulation::Says::kRetryAfterOnly, 1'000'000, seconds(3600),
                       milliseconds(20));
  const double with = limited.run(1500);
  EXPECT_LE(with, 1.1 * unlimited.run(1500));
  EXPECT_EQ(limited.used.held, nanoseconds(0));
}

TEST(RateControl, ABudgetAtItsReserveHoldsTheOthers) {
  RateControl control{RateLimit()};
  RateReport large;
  large.sent = large.received = kStart;
  large.limit = 1000;
  large.remaining = 900;
  large.reset_at = kStart + seconds(60);
  control.report(large);
  RateReport small = large;
  small.limit = 10;
  small.remaining = 1;
  control.report(small);
  EXPECT_EQ(control.start(kStart).kind, Kind::kWaitUntil);
  EXPECT_EQ(control.use(kStart).limit, 10) << "the tighter one is shown";
  EXPECT_EQ(control.start(kStart + seconds(60)).kind, Kind::kGo);
}

TEST(RateControl, RefusalsThatSayNothingDoubleTheHoldUntilARequestPasses) {
  RateControl control{RateLimit()};
  TimePoint now = kStart;
  for (const int expected : {1, 2, 4, 8, 16, 32, 60, 60}) {
    ASSERT_EQ(control.start(now).kind, Kind::kGo) << expected;
    control.report(refusal(now));
    control.report(refusal(now));
    control.finish();
    const auto verdict = control.start(now + milliseconds(1));
    ASSERT_EQ(verdict.kind, Kind::kWaitUntil);
    EXPECT_EQ(verdict.at, now + milliseconds(1) + seconds(expected));
    now = verdict.at;
  }
  RateReport passed;
  passed.sent = now;
  passed.received = now + milliseconds(1);
  control.report(passed);
  control.report(refusal(now + milliseconds(2)));
  EXPECT_EQ(control.start(now + milliseconds(3)).at, now + milliseconds(3) + seconds(1));
  EXPECT_EQ(control.use(now).refusals, 17u);
}

TEST(RateControl, RetryAfterHoldsForAtMost65Minutes) {
  RateControl control{RateLimit()};
  RateReport busy;
  busy.sent = busy.received = kStart;
  busy.retry_after = seconds(7);
  control.report(busy);
  EXPECT_EQ(control.start(kStart).at, kStart + seconds(7));
  busy.retry_after = std::chrono::hours(50);
  control.report(busy);
  EXPECT_EQ(control.start(kStart).at, kStart + std::chrono::minutes(65));
  busy.retry_after = seconds(1);
  control.report(busy);
  EXPECT_EQ(control.start(kStart).at, kStart + std::chrono::minutes(65)) << "a shorter wait shortens nothing";
}

TEST(RateControl, StartsAreSpacedByTheRateAndNotSavedUp) {
  RateLimit limit;
  limit.requests_per_second = 4;
  RateControl control(limit);
  EXPECT_EQ(control.start(kStart).kind, Kind::kGo);
  EXPECT_EQ(control.start(kStart).at, kStart + milliseconds(250));
  const TimePoint later = kStart + seconds(3600);
  EXPECT_EQ(control.start(later).kind, Kind::kGo);
  EXPECT_EQ(control.start(later).kind, Kind::kWaitUntil);
}

TEST(RateControl, NoMoreAreInFlightThanTheWindowAllows) {
  RateLimit limit;
  limit.concurrency = 2;
  RateControl control(limit);
  EXPECT_EQ(control.start(kStart).kind, Kind::kGo);
  EXPECT_EQ(control.start(kStart).kind, Kind::kGo);
  EXPECT_EQ(control.start(kStart).kind, Kind::kWaitForReturn);
  control.finish();
  EXPECT_EQ(control.start(kStart).kind, Kind::kGo);
  for (int i = 0; i < 9; ++i) control.finish();
  EXPECT_EQ(control.in_flight(), 0u) << "a permit that comes back twice opens nothing wider";
}

}  // namespace
}  // namespace baton::sync
