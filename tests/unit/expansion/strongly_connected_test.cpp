#include "expansion/strongly_connected.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

namespace baton::expansion {
namespace {

using Edges = std::vector<std::pair<uint32_t, uint32_t>>;

Adjacency adjacency(uint32_t nodes, Edges edges) {
  std::sort(edges.begin(), edges.end());
  Adjacency graph;
  graph.offsets.assign(nodes + 1, 0);
  for (const auto& [from, to] : edges) {
    ++graph.offsets[from + 1];
    graph.targets.push_back(to);
  }
  for (uint32_t node = 0; node < nodes; ++node) graph.offsets[node + 1] += graph.offsets[node];
  return graph;
}

TEST(StronglyConnected, AnEmptyGraphHasNoComponent) {
  EXPECT_EQ(strongly_connected(Adjacency()).count, 0U);
}

TEST(StronglyConnected, NumbersAChainFromItsSource) {
  const Components components = strongly_connected(adjacency(4, {{3, 1}, {1, 2}, {2, 0}}));
  EXPECT_EQ(components.count, 4U);
  EXPECT_EQ(components.component_of, (std::vector<uint32_t>{3, 1, 2, 0}));
}

TEST(StronglyConnected, JoinsACycleAndNotWhatHangsOnIt) {
  const Components components = strongly_connected(adjacency(5, {{0, 1}, {1, 2}, {2, 0}, {3, 0}, {2, 4}}));
  EXPECT_EQ(components.count, 3U);
  EXPECT_EQ(components.component_of, (std::vector<uint32_t>{1, 1, 1, 0, 2}));
}

TEST(StronglyConnected, FollowsAMillionEdgesWithoutRecursion) {
  constexpr uint32_t kNodes = 1'000'000;
  Edges edges;
  for (uint32_t node = 0; node + 1 < kNodes; ++node) edges.emplace_back(node, node + 1);
  EXPECT_EQ(strongly_connected(adjacency(kNodes, edges)).count, kNodes);
  edges.emplace_back(kNodes - 1, 0);
  EXPECT_EQ(strongly_connected(adjacency(kNodes, edges)).count, 1U);
}

// Oracle: two nodes are in one component if and only if each reaches the other (transitive closure), and
// numbers ascend along every edge between components.
TEST(StronglyConnected, AgreesWithTheTransitiveClosureOnRandomGraphs) {
  for (uint32_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const uint32_t nodes = 1 + random() % 12;
    Edges edges;
    for (uint32_t i = random() % (2 * nodes + 1); i > 0; --i)
      edges.emplace_back(random() % nodes, random() % nodes);
    std::vector<std::vector<bool>> reaches(nodes, std::vector<bool>(nodes, false));
    for (uint32_t node = 0; node < nodes; ++node) reaches[node][node] = true;
    for (const auto& [from, to] : edges) reaches[from][to] = true;
    for (uint32_t via = 0; via < nodes; ++via) {
      for (uint32_t from = 0; from < nodes; ++from) {
        for (uint32_t to = 0; to < nodes; ++to) {
          if (reaches[from][via] && reaches[via][to]) reaches[from][to] = true;
        }
      }
    }
    const Components components = strongly_connected(adjacency(nodes, edges));
    for (uint32_t a = 0; a < nodes; ++a) {
      ASSERT_LT(components.component_of[a], components.count);
      for (uint32_t b = 0; b < nodes; ++b) {
        ASSERT_EQ(components.component_of[a] == components.component_of[b], reaches[a][b] && reaches[b][a]);
        if (reaches[a][b]) {
          ASSERT_LE(components.component_of[a], components.component_of[b]);
        }
      }
    }
  }
}

}  // namespace
}  // namespace baton::expansion
