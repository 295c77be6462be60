// Expansion that keeps cycles: the least fixed point of the edges. Expected rows follow from the definition.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "expansion/evaluator.hpp"
#include "expansion/graph.hpp"
#include "unit/expansion/scenario.hpp"

namespace baton::expansion {
namespace {

using testing::Recorder;
using testing::Scenario;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

Scenario::Edge users() {
  return {false, {"user"}};
}

std::vector<std::string> strict(const Scenario& scenario) {
  const Input input = scenario.input();
  const absl::StatusOr<Graph> graph = Graph::build(input, CycleMode::kClose);
  EXPECT_TRUE(graph.ok()) << graph.status();
  Recorder recorder(input);
  Evaluator evaluator(input, *graph);
  EXPECT_TRUE(evaluator.run(recorder).ok());
  return recorder.rows;
}

Scenario letters(std::string_view ids) {
  Scenario scenario;
  for (const char id : ids) scenario.entitlement(std::string(1, id));
  return scenario;
}

TEST(Strict, MembersOfACycleReceiveEachOthersGrants) {
  EXPECT_THAT(strict(letters("ab")
                         .grant("a", "alice")
                         .grant("b", "bob")
                         .edge("a", "b", users())
                         .edge("b", "a", users())),
              UnorderedElementsAre("a: alice {a+, b-}", "a: bob {b+}*", "b: alice {a+}*", "b: bob {a-, b+}"));
}

TEST(Strict, OnlyRealEdgesAreNamed) {
  // d is fed by b alone.
  EXPECT_THAT(strict(letters("abd")
                         .grant("a", "alice")
                         .edge("a", "b", users())
                         .edge("b", "a", users())
                         .edge("b", "d", users())),
              UnorderedElementsAre("a: alice {a+, b-}", "b: alice {a+}*", "d: alice {b-}*"));
}

TEST(Strict, AFilterInsideACycleStops) {
  EXPECT_THAT(strict(letters("ab")
                         .grant("a", "alice")
                         .grant("a", "service:robot")
                         .edge("a", "b", {false, {"service"}})
                         .edge("b", "a", users())),
              UnorderedElementsAre("b: service:robot {a+}*"));
}

TEST(Strict, AShallowEdgeInsideACyclePassesDirectGrantsOnly) {
  // x feeds a, a feeds b only what is direct on a.
  EXPECT_THAT(strict(letters("abx")
                         .grant("x", "xena")
                         .grant("a", "alice")
                         .edge("x", "a", users())
                         .edge("a", "b", {true, {"user"}})
                         .edge("b", "a", users())),
              UnorderedElementsAre("a: xena {x+}*", "a: alice {a+, b-}", "b: alice {a+}*"));
}

TEST(Strict, EachTypeGoesItsOwnWayRoundACycle) {
  // Users go a, b, c; services c, b, a; groups nowhere.
  Scenario scenario = letters("abc");
  scenario.grant("a", "u").grant("c", "service:s");
  scenario.edge("a", "b", users()).edge("b", "c", users());
  scenario.edge("c", "b", {false, {"service"}}).edge("b", "a", {false, {"service"}});
  EXPECT_THAT(strict(scenario),
              UnorderedElementsAre("b: u {a+}*", "c: u {b-}*", "b: service:s {c+}*", "a: service:s {b-}*"));
}

TEST(Strict, ParentsGoRoundWithTheirGrants) {
  Scenario scenario = letters("abz");
  scenario.grant("a", "alice").parent("a", "alice", "north");
  scenario.grant("z", "alice").parent("z", "alice", "south");
  scenario.edge("a", "b", users()).edge("b", "a", users());
  EXPECT_THAT(strict(scenario), UnorderedElementsAre("a: alice {a+, b-}", "b: alice {a+}*^north"));
}

TEST(Strict, ARingOfThousandsIsOneSet) {
  constexpr int kLength = 3'000;
  Scenario scenario;
  for (int i = 0; i < kLength; ++i) scenario.entitlement("e" + std::to_string(i));
  for (int i = 0; i < kLength; ++i) {
    scenario.edge("e" + std::to_string(i), "e" + std::to_string((i + 1) % kLength), users());
  }
  scenario.grant("e7", "alice").grant("e7", "bob");
  const std::vector<std::string> rows = strict(scenario);
  EXPECT_THAT(rows, SizeIs(2 * kLength));  // at e7 the base grants change
  EXPECT_EQ(std::count_if(rows.begin(), rows.end(), [](const std::string& row) { return row.back() == '*'; }),
            2 * (kLength - 1));
}

}  // namespace
}  // namespace baton::expansion
