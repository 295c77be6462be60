#include "expansion/evaluator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/expansion/scenario.hpp"

namespace baton::expansion {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Recorder;
using testing::Scenario;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

Graph graph_of(const Input& input) {
  absl::StatusOr<Graph> graph = Graph::build(input);
  EXPECT_TRUE(graph.ok()) << graph.status();
  return *std::move(graph);
}

std::vector<std::string> rows(const Scenario& scenario) {
  const Input input = scenario.input();
  const Graph graph = graph_of(input);
  Recorder recorder(input);
  Evaluator evaluator(input, graph);
  EXPECT_TRUE(evaluator.run(recorder).ok());
  return recorder.rows;
}

Scenario letters(std::string_view ids) {
  Scenario scenario;
  for (const char id : ids) scenario.entitlement(std::string(1, id));
  return scenario;
}

TEST(Evaluator, DoesNothingWithoutEdges) {
  const Input input = letters("ab").grant("a", "alice").input();
  const Graph graph = graph_of(input);
  Recorder recorder(input);
  Evaluator evaluator(input, graph);
  EXPECT_TRUE(evaluator.run(recorder).ok());
  EXPECT_THAT(recorder.ended, IsEmpty());
}

TEST(Evaluator, SynthesisedGrantsFlowOnAndAreNotDirect) {
  EXPECT_THAT(rows(letters("abc").grant("a", "alice").edge("a", "b").edge("b", "c")),
              ElementsAre("b: alice {a+}*", "c: group:a {b+}*", "c: alice {b-}*"));
}

TEST(Evaluator, AShallowEdgeStopsThem) {
  EXPECT_THAT(
      rows(letters("abc").grant("a", "alice").grant("b", "bob").edge("a", "b").edge("b", "c", {true, {}})),
      ElementsAre("b: alice {a+}*", "c: group:a {b+}*", "c: bob {b+}*"));
}

TEST(Evaluator, EveryMemberOfACycleFeedsWhatOneOfThemFeeds) {
  EXPECT_THAT(
      rows(letters("abd").grant("a", "alice").grant("b", "bob").edge("a", "b").edge("b", "a").edge("b", "d")),
      ElementsAre("d: group:a {b+}*", "d: group:b {a+, d+}", "d: alice {a+}*", "d: bob {b+}*"));
}

TEST(Evaluator, KeepsSynthesisedHoldersUntilTheirLastConsumer) {
  // b's holders, alice among them, are read by c and then by d.
  const Scenario::Edge users{false, {"user"}};
  EXPECT_THAT(rows(letters("abcd")
                       .grant("a", "alice")
                       .edge("a", "b", users)
                       .edge("b", "c", users)
                       .edge("b", "d", users)
                       .edge("c", "d", users)),
              ElementsAre("b: alice {a+}*", "c: alice {b-}*", "d: alice {b-, c-}*"));
}

TEST(Evaluator, CountsRowsByKindAndDestination) {
  const Input input = letters("abc")
                          .grant("a", "alice")
                          .grant("a", "bob")
                          .grant("b", "bob")
                          .edge("a", "b")
                          .edge("b", "c")
                          .input();
  const Graph graph = graph_of(input);
  Recorder recorder(input);
  Evaluator evaluator(input, graph);
  ASSERT_TRUE(evaluator.run(recorder).ok());
  EXPECT_EQ(evaluator.statistics().rows_synthesised, 4U);  // b: alice; c: alice, bob, group a
  EXPECT_EQ(evaluator.statistics().rows_changed, 1U);      // b: bob
  ASSERT_THAT(evaluator.statistics().largest, SizeIs(2));
  EXPECT_EQ(input.entitlement(evaluator.statistics().largest[0].entitlement).id, "c");
  EXPECT_EQ(evaluator.statistics().largest[0].rows, 3U);
}

TEST(Evaluator, StopsWithTheSinksError) {
  const Input input = letters("abc").grant("a", "alice").edge("a", "b").edge("b", "c").input();
  const Graph graph = graph_of(input);
  Recorder recorder(input);
  recorder.fail_at(2);
  Evaluator evaluator(input, graph);
  EXPECT_EQ(evaluator.run(recorder).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(recorder.ended, ElementsAre("b"));
}

TEST(Evaluator, SynthesisedGrantsCarryTheParentOfTheGrantTheyStemFrom) {
  // Alice's parent differs between a and z. Through b she reaches d with the parent she has on a; straight
  // from z with the one she has there. Bob has one parent everywhere, carol has none.
  Scenario scenario = letters("abdez");
  scenario.grant("a", "alice")
      .parent("a", "alice", "north")
      .grant("z", "alice")
      .parent("z", "alice", "south");
  scenario.grant("a", "bob").parent("a", "bob", "west").grant("a", "carol");
  const Scenario::Edge users{false, {"user"}};
  scenario.edge("a", "b", users).edge("b", "d", users).edge("z", "e", users);
  EXPECT_THAT(rows(scenario),
              UnorderedElementsAre("b: alice {a+}*^north", "b: bob {a+}*^west", "b: carol {a+}*",
                                   "d: alice {b-}*^north", "d: bob {b-}*^west", "d: carol {b-}*",
                                   "e: alice {z+}*^south"));
}

TEST(Evaluator, AChainOfAHundredThousandGroupsEnds) {
  constexpr int kLength = 100'000;
  InputBuilder builder;
  const auto id = [](int i) { return "e" + std::to_string(i); };
  for (int i = 0; i < kLength; ++i) {
    const EntitlementIndex entitlement = builder.add_entitlement({"group", id(i), id(i)});
    if (i == 0) {
      ASSERT_TRUE(builder.add_grant(entitlement, {"user", "alice"}).ok());
      continue;
    }
    const std::string source = id(i - 1);
    const auto group = builder.add_grant(entitlement, {"group", source});
    ASSERT_TRUE(group.ok());
    const std::vector<std::string_view> sources = {source};
    const std::vector<std::string_view> users = {"user"};
    builder.add_description(entitlement, *group, sources, false, users);
  }
  const absl::StatusOr<Input> input = std::move(builder).seal();
  ASSERT_TRUE(input.ok());
  const Graph graph = graph_of(*input);
  Recorder recorder(*input);
  Evaluator evaluator(*input, graph);
  ASSERT_TRUE(evaluator.run(recorder).ok());
  EXPECT_THAT(recorder.rows, SizeIs(kLength - 1));
  EXPECT_EQ(recorder.rows.back(), "e99999: alice {e99998-}*");
}

}  // namespace
}  // namespace baton::expansion
