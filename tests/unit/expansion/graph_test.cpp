#include "expansion/graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/expansion/scenario.hpp"

namespace baton::expansion {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::name;
using testing::Scenario;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

/// The graph as text: "a,b -> c shallow [alice robot]" is an edge from a collapsed cycle of a and b; the
/// filter lists the principals that pass.
std::vector<std::string> edges(const Input& input, const Graph& graph) {
  const auto members = [&](NodeIndex node) {
    std::string text;
    for (const EntitlementIndex member : graph.members(node)) {
      if (!text.empty()) text += ",";
      text += input.entitlement(member).id;
    }
    return text;
  };
  std::vector<std::string> all;
  for (NodeIndex node = 0; node < graph.node_count(); ++node) {
    for (const NodeEdge& edge : graph.incoming(node)) {
      std::string& text = all.emplace_back(members(edge.from) + " -> " + members(edge.to));
      if (edge.shallow) text += " shallow";
      if (edge.filter == Graph::kNoFilter) continue;
      text += " [";
      for (const RankRange& range : graph.filter(edge.filter)) {
        for (PrincipalRank rank = range.begin; rank < range.end; ++rank) {
          text += name(input.principal(rank)) + " ";
        }
      }
      if (text.back() == ' ') text.pop_back();
      text += "]";
    }
  }
  return all;
}

std::vector<std::string> edges(const Input& input) {
  const absl::StatusOr<Graph> graph = Graph::build(input);
  EXPECT_TRUE(graph.ok()) << graph.status();
  return edges(input, *graph);
}

GraphReport report(const Scenario& scenario) {
  const Input input = scenario.input();
  const absl::StatusOr<Graph> graph = Graph::build(input);
  EXPECT_TRUE(graph.ok()) << graph.status();
  return graph->report();
}

std::string error(const Scenario& scenario) {
  const Input input = scenario.input();
  const absl::StatusOr<Graph> graph = Graph::build(input);
  EXPECT_EQ(graph.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(graph.status().message());
}

Scenario letters(std::string_view ids) {
  Scenario scenario;
  for (const char id : ids) scenario.entitlement(std::string(1, id));
  return scenario;
}

TEST(Graph, IsEmptyWithoutExpandableGrants) {
  const Input input = letters("ab").grant("a", "alice").input();
  const absl::StatusOr<Graph> graph = Graph::build(input);
  ASSERT_TRUE(graph.ok());
  EXPECT_EQ(graph->node_count(), 0U);
  EXPECT_FALSE(graph->report().has_warnings());
}

TEST(Graph, PutsSourcesBeforeDestinationsWhateverTheirNames) {
  const Input input = letters("abc").edge("c", "a").edge("a", "b").input();
  EXPECT_THAT(edges(input), ElementsAre("c -> a", "a -> b"));
}

TEST(Graph, DeepWinsOverShallow) {
  const Scenario::Edge shallow{true, {}};
  Scenario scenario = letters("ab");
  scenario.expandable("b", "group:a", {"a"}, shallow).expandable("b", "group:a", {"a"});
  EXPECT_THAT(edges(scenario.input()), ElementsAre("a -> b"));
  scenario = letters("ab");
  scenario.expandable("b", "group:a", {"a", "a"}, shallow);
  EXPECT_THAT(edges(scenario.input()), ElementsAre("a -> b shallow"));
}

TEST(Graph, FiltersOfParallelEdgesUniteAndNoFilterWins) {
  Scenario scenario = letters("ab");
  scenario.grant("a", "alice").grant("a", "service:robot").grant("a", "bot:b1");
  scenario.expandable("b", "group:a", {"a"}, {false, {"user"}});
  scenario.expandable("b", "group:a", {"a"}, {false, {"service", "user"}});
  EXPECT_THAT(edges(scenario.input()), ElementsAre("a -> b [service:robot alice]"));
  scenario.expandable("b", "group:a", {"a"});
  EXPECT_THAT(edges(scenario.input()), ElementsAre("a -> b"));
}

TEST(Graph, AFilterOfTypesThatNobodyHasLetsNobodyPass) {
  EXPECT_THAT(edges(letters("ab").edge("a", "b", {false, {"ghost"}}).input()), ElementsAre("a -> b []"));
}

TEST(Graph, CollapsesACycleAndMergesItsEdgesPerNeighbour) {
  Scenario scenario = letters("abdst");
  scenario.grant("s", "alice").grant("s", "service:robot");
  scenario.edge("a", "b", {true, {"ghost"}}).edge("b", "a");  // inside: attributes are lost
  scenario.edge("s", "a", {true, {"user"}}).edge("s", "b", {false, {"service"}});  // in: deep, both types
  scenario.edge("t", "b", {true, {}});                                             // in: stays shallow
  scenario.edge("a", "d", {true, {}}).edge("b", "d", {true, {}});                  // out: stays shallow
  EXPECT_THAT(edges(scenario.input()),
              UnorderedElementsAre("s -> a,b [service:robot alice]", "t -> a,b shallow", "a,b -> d shallow"));
}

TEST(Graph, CountsConsumersByNode) {
  const Input input =
      letters("abcd").edge("a", "b").edge("b", "a").edge("a", "c").edge("b", "c").edge("b", "d").input();
  const absl::StatusOr<Graph> graph = Graph::build(input);
  ASSERT_TRUE(graph.ok());
  ASSERT_THAT(graph->members(0), SizeIs(2));
  EXPECT_EQ(graph->consumer_count(0), 2U);
  EXPECT_EQ(graph->consumer_count(1), 0U);
}

TEST(Graph, ReportsOneCycleAlongItsEdges) {
  const GraphReport found = report(letters("abcdxyz")
                                       .edge("x", "y")
                                       .edge("y", "z")
                                       .edge("z", "x")
                                       .edge("c", "a")
                                       .edge("a", "d")
                                       .edge("d", "c")
                                       .edge("a", "x"));
  EXPECT_EQ(found.cycles, 2U);
  EXPECT_THAT(found.cycle_example, ElementsAre("a", "d", "c"));
  EXPECT_EQ(found.nodes, 2U);
  EXPECT_EQ(found.edges, 7U);
}

TEST(Graph, DiscardsASelfLoopWithoutAWarning) {
  const GraphReport found = report(letters("ab").edge("a", "a").edge("a", "b"));
  EXPECT_EQ(found.self_loops, 1U);
  EXPECT_EQ(found.edges, 1U);
  EXPECT_EQ(found.cycles, 0U);
  EXPECT_FALSE(found.has_warnings());
}

TEST(Graph, CountsMissingSourcesAndKeepsTheOthers) {
  const Input input = letters("ab").expandable("b", "group:a", {"", "ghost", "a", "ghost"}).input();
  const absl::StatusOr<Graph> graph = Graph::build(input);
  ASSERT_TRUE(graph.ok());
  EXPECT_THAT(edges(input, *graph), ElementsAre("a -> b"));
  EXPECT_EQ(graph->report().edges_source_missing, 3U);
  EXPECT_EQ(graph->report().distinct_missing_ids, 2U);
  EXPECT_THAT(graph->report().missing_examples, ElementsAre("", "ghost"));
}

TEST(Graph, CutsAnEntitlementWithoutARowOff) {
  // x has grants but no row: nothing flows into it or through it.
  const GraphReport found =
      report(letters("abc").edge("a", "x").edge("b", "x").edge("x", "c").edge("a", "b"));
  EXPECT_EQ(found.edges_destination_missing, 2U);
  EXPECT_EQ(found.edges_source_missing, 1U);
  EXPECT_EQ(found.edges, 1U);
  EXPECT_EQ(found.distinct_missing_ids, 1U);
  EXPECT_TRUE(found.has_warnings());
}

TEST(Graph, NamesAtMostTwentyFiveMissingIds) {
  Scenario scenario = letters("ab");
  std::vector<std::string> ids;
  for (int i = 0; i < 40; ++i) ids.push_back("ghost" + std::to_string(i));
  const GraphReport found = report(scenario.expandable("b", "group:a", ids));
  EXPECT_EQ(found.distinct_missing_ids, 40U);
  ASSERT_THAT(found.missing_examples, SizeIs(25));
  EXPECT_EQ(found.missing_examples.back(), "ghost24");
}

TEST(Graph, RefusesASourceOfAnotherResourceAndNamesAll) {
  EXPECT_THAT(error(letters("abc").expandable("b", "group:c", {"a"})),
              AllOf(HasSubstr("source entitlement resource id did not match grant principal id"),
                    HasSubstr("\"a\" of \"group\" \"a\""), HasSubstr("\"b\" of \"group\" \"b\""),
                    HasSubstr("to \"group\" \"c\"")));
}

TEST(Graph, RefusesASourceWhoseResourceOnlySharesTheIdOrTheType) {
  EXPECT_THAT(error(letters("b").entitlement("a", "role", "a").expandable("b", "group:a", {"a"})),
              HasSubstr("did not match"));
  EXPECT_THAT(error(letters("ab").expandable("b", "group:A", {"a"})), HasSubstr("did not match"));
}

TEST(Graph, RefusesASourceWithoutResource) {
  EXPECT_THAT(error(letters("b").entitlement("a", "", "").expandable("b", "group:a", {"a"})),
              HasSubstr("source entitlement \"a\" has no resource"));
}

class AmbiguousId : public ::testing::Test {
 protected:
  /// "dup" has a row on group a and, if asked, on group b; group c's entitlement names `source`.
  absl::StatusOr<Graph> build(bool second_has_row, std::string_view source) {
    InputBuilder builder;
    builder.add_entitlement({"group", "a", "dup", true});
    builder.add_entitlement({"group", "b", "dup", second_has_row});
    builder.add_entitlement({"group", "a", "other", true});
    const EntitlementIndex c = builder.add_entitlement({"group", "c", "c", true});
    const auto group = builder.add_grant(c, {"group", "a"});
    EXPECT_TRUE(group.ok());
    builder.add_description(c, *group, std::vector<std::string_view>{source}, false, {});
    const absl::StatusOr<Input> input = std::move(builder).seal();
    EXPECT_TRUE(input.ok());
    return Graph::build(*input);
  }
};

TEST_F(AmbiguousId, IsRefusedNamingBothResources) {
  const absl::StatusOr<Graph> graph = build(true, "dup");
  EXPECT_EQ(graph.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(graph.status().message()),
              AllOf(HasSubstr("external id is ambiguous"), HasSubstr("\"dup\" of \"group\" \"a\""),
                    HasSubstr("\"dup\" of \"group\" \"b\"")));
}

TEST_F(AmbiguousId, IsNoMatterIfNobodyNamesIt) {
  EXPECT_TRUE(build(true, "other").ok());
}

TEST_F(AmbiguousId, CountsOnlyEntitlementsWithARow) {
  EXPECT_TRUE(build(false, "dup").ok());
}

TEST(Graph, UsersAndRolesMayOwnSources) {
  const Input input = letters("b")
                          .entitlement("delegate", "user", "manager")
                          .entitlement("owner", "role", "r")
                          .expandable("b", "manager", {"delegate"})
                          .expandable("b", "role:r", {"owner"})
                          .input();
  EXPECT_THAT(edges(input), UnorderedElementsAre("delegate -> b", "owner -> b"));
}

}  // namespace
}  // namespace baton::expansion
