#include "actors/permit_gate.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace baton::actors {
namespace {

std::shared_ptr<PermitGate> gate_of(std::uint32_t concurrency) {
  sync::RateLimit limit;
  limit.concurrency = concurrency;
  return std::make_shared<PermitGate>(limit, std::make_shared<SystemClock>());
}

TEST(PermitGate, WhoGivesUpLeavesTheGateOpen) {
  const auto gate = gate_of(1);
  ASSERT_TRUE(gate->take(false));
  EXPECT_FALSE(gate->take(true));
  EXPECT_FALSE(gate->take(false));
  gate->leave(true);
  gate->leave(false);
  EXPECT_FALSE(gate->give_back()) << "nobody is there to be told";
  EXPECT_TRUE(gate->take(false));
}

TEST(PermitGate, WhoGoesOnComesBeforeWhoBegins) {
  const auto gate = gate_of(2);
  ASSERT_TRUE(gate->take(false));
  ASSERT_TRUE(gate->take(false));
  EXPECT_FALSE(gate->take(false));
  EXPECT_TRUE(gate->give_back());
  EXPECT_FALSE(gate->take(false)) << "somebody waits who came first";
  EXPECT_TRUE(gate->take(true));
}

/// For the thread sanitizer: threads that take and give back, as clients do, one that grants to who waits, as
/// the limiter does, and one that looks on.
TEST(PermitGate, ManyThreadsNeverHoldMoreThanTheBound) {
  constexpr int kThreads = 4;
  constexpr std::uint32_t kBound = 3;
  const auto gate = gate_of(kBound);
  std::atomic<std::uint32_t> held = 0;
  std::atomic<std::uint32_t> most = 0;
  std::atomic<std::uint64_t> waiting = 0;
  std::atomic<bool> done = false;
  const auto use = [&] {
    const std::uint32_t now = held.fetch_add(1) + 1;
    std::uint32_t seen = most.load();
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
    RateReport report;
    report.outcome = RateReport::Outcome::kAnswered;
    report.received = std::chrono::steady_clock::now();
    report.sent = report.received - std::chrono::milliseconds(1);
    gate->report(report);
    held.fetch_sub(1);
    gate->give_back();
  };
  std::thread limiter([&] {
    while (!done || waiting.load() > 0) {
      gate->look();
      if (waiting.load() > 0 && gate->take_for_waiting(false).kind == PermitGate::Verdict::Kind::kGo) {
        waiting.fetch_sub(1);
        use();
      }
      (void)gate->use();
      std::this_thread::yield();
    }
  });
  std::vector<std::thread> clients;
  for (int i = 0; i < kThreads; ++i) {
    clients.emplace_back([&, i] {
      for (int round = 0; round < 2'000; ++round) {
        if (gate->take(false)) {
          use();
        } else if ((round + i) % 3 == 0) {
          gate->leave(false);
        } else {
          waiting.fetch_add(1);
        }
      }
    });
  }
  for (std::thread& client : clients) client.join();
  done = true;
  limiter.join();
  EXPECT_LE(most.load(), kBound);
  EXPECT_EQ(gate->use().in_flight, 0u);
  EXPECT_TRUE(gate->take(false));
}

}  // namespace
}  // namespace baton::actors
