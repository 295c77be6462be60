// Settling and writing on several threads gives what one thread gives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "expansion/evaluator.hpp"
#include "expansion/graph.hpp"
#include "expansion/schedule.hpp"
#include "expansion/segments.hpp"
#include "unit/expansion/scenario.hpp"

namespace baton::expansion {
namespace {

using testing::Recorder;
using testing::Scenario;
using ::testing::SizeIs;

/// Groups with members, edges mostly from lower to higher numbers, some back, some shallow, some filtered.
Scenario random_scenario(uint32_t seed) {
  std::mt19937 random(seed);
  const auto id = [](uint32_t group) { return "g" + std::to_string(100 + group); };
  constexpr uint32_t kGroups = 60;
  Scenario scenario;
  for (uint32_t group = 0; group < kGroups; ++group) scenario.entitlement(id(group));
  for (uint32_t group = 0; group < kGroups; ++group) {
    for (uint32_t i = random() % 6; i > 0; --i) {
      const std::string user = (random() % 5 == 0 ? "service:s" : "u") + std::to_string(random() % 40);
      scenario.grant(id(group), user);
      if (random() % 4 == 0) scenario.parent(id(group), user, "p" + std::to_string(random() % 2));
    }
    for (uint32_t i = random() % 4; i > 0; --i) {
      const uint32_t to = random() % kGroups;
      if (to == group || (to < group && random() % 6 != 0)) continue;
      Scenario::Edge edge;
      edge.shallow = random() % 5 == 0;
      if (random() % 3 == 0) edge.types = {"user"};
      scenario.edge(id(group), id(to), edge);
    }
  }
  return scenario;
}

/// All rows in key order, worked out on so many threads.
std::vector<std::string> rows(const Input& input, CycleMode mode, std::size_t workers) {
  const absl::StatusOr<Graph> graph = Graph::build(input, mode);
  EXPECT_TRUE(graph.ok()) << graph.status();
  Evaluator evaluator(input, *graph);
  const auto run = [&](const auto& work) {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < workers; ++i) threads.emplace_back(work);
  };
  Schedule schedule(*graph);
  run([&] {
    while (const auto component = schedule.take()) {
      evaluator.settle(*component);
      schedule.done(*component);
    }
  });
  const auto segments = Segments::of(input, *graph, evaluator, 20);
  std::vector<uint64_t> counted(graph->node_count());
  std::vector<std::vector<std::string>> parts(segments.count());
  for (const auto& [node, destination] : segments.destinations()) {
    counted[node] += evaluator.count_added(node, destination);
  }
  std::atomic<uint64_t> synthesised = 0;
  std::atomic<uint64_t> changed = 0;
  std::atomic<std::size_t> next = 0;
  run([&] {
    for (std::size_t i = next++; i < segments.count(); i = next++) {
      Recorder recorder(input);
      for (const auto& [node, destination] : segments.segment(i)) {
        const auto counts = evaluator.write(node, destination, recorder);
        ASSERT_TRUE(counts.ok());
        synthesised += counts->synthesised;
        changed += counts->changed;
      }
      parts[i] = std::move(recorder.rows);
    }
  });
  uint64_t expected = 0;
  for (const uint64_t count : counted) expected += count;
  EXPECT_EQ(synthesised, expected) << "counting without making rows";
  EXPECT_GE(segments.row_bound(), synthesised + changed);
  std::vector<std::string> all;
  for (auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

TEST(Parallel, TheRowsDoNotDependOnTheNumberOfWorkers) {
  for (uint32_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    const Input input = random_scenario(seed).input();
    for (const CycleMode mode : {CycleMode::kCollapse, CycleMode::kClose}) {
      const std::vector<std::string> one = rows(input, mode, 1);
      ASSERT_FALSE(one.empty());
      EXPECT_EQ(rows(input, mode, 2), one);
      EXPECT_EQ(rows(input, mode, 4), one);
      // And on one thread in topological order.
      const absl::StatusOr<Graph> graph = Graph::build(input, mode);
      Recorder recorder(input);
      ASSERT_TRUE(Evaluator(input, *graph).run(recorder).ok());
      std::vector<std::string> sequential = recorder.rows;
      std::vector<std::string> sorted = one;
      std::sort(sequential.begin(), sequential.end());
      std::sort(sorted.begin(), sorted.end());
      EXPECT_EQ(sorted, sequential);
    }
  }
}

TEST(Segments, AreCutBetweenDestinationsInKeyOrder) {
  Scenario scenario;
  for (const char* id : {"d", "c", "b", "a"}) scenario.entitlement(id);
  scenario.grant("d", "alice").edge("d", "a").edge("d", "b").edge("d", "c");
  const Input input = scenario.input();
  const absl::StatusOr<Graph> graph = Graph::build(input);
  ASSERT_TRUE(graph.ok());
  const Evaluator evaluator(input, *graph);
  const auto segments = Segments::of(input, *graph, evaluator, 2);
  ASSERT_EQ(segments.count(), 2U);  // one row each, perhaps: two and the rest
  EXPECT_THAT(segments.segment(0), SizeIs(2));
  EXPECT_EQ(input.entitlement(segments.segment(0)[0].entitlement).id, "a");
  EXPECT_EQ(input.entitlement(segments.segment(1)[0].entitlement).id, "c");
}

TEST(Segments, WithoutDestinationsThereAreNone) {
  const Input input = Scenario().entitlement("a").grant("a", "alice").input();
  const absl::StatusOr<Graph> graph = Graph::build(input);
  ASSERT_TRUE(graph.ok());
  const Evaluator evaluator(input, *graph);
  EXPECT_EQ(Segments::of(input, *graph, evaluator, 2).count(), 0U);
}

TEST(Input, AFingerprintTellsInputsApart) {
  const auto fingerprint = [](const Scenario& scenario) { return scenario.input().fingerprint(); };
  const auto base = [] { return Scenario().entitlement("a").entitlement("b").grant("a", "alice"); };
  const uint64_t reference = fingerprint(base());
  EXPECT_EQ(fingerprint(base()), reference);
  EXPECT_NE(fingerprint(base().grant("b", "alice")), reference);
  EXPECT_NE(fingerprint(base().grant("a", "bob")), reference);
  EXPECT_NE(fingerprint(base().parent("a", "alice", "p")), reference);
  EXPECT_NE(fingerprint(Scenario().entitlement("a").entitlement("b").grant("a", "alice", {{"a", true}})),
            reference);
  EXPECT_NE(fingerprint(base().edge("a", "b")), fingerprint(base().edge("a", "b", {true, {}})));
  EXPECT_NE(fingerprint(base().entitlement("c")), reference);
}

}  // namespace
}  // namespace baton::expansion
