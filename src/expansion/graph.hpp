#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "expansion/holder_set.hpp"
#include "expansion/input.hpp"
#include "expansion/report.hpp"
#include "expansion/types.hpp"

namespace baton::expansion {

/// A node of the graph: one entitlement, or all of a collapsed cycle. Nodes of one component are numbered in
/// a row.
using NodeIndex = uint32_t;

/// Nodes that feed one another, or a single node, which is the rule. Ascending numbers are a topological
/// order, sources first.
using ComponentIndex = uint32_t;

/// Everything that holds of an edge from one node to another: every entitlement of the one contributes to
/// every entitlement of the other.
struct NodeEdge {
  NodeIndex from = 0;
  NodeIndex to = 0;
  /// Passes only grants that are direct on their source.
  bool shallow = false;
  /// Which principals pass, see Graph::filter.
  uint32_t filter = 0;
};

/// The entitlement graph of a sync: parallel edges are merged (deep wins over shallow, unfiltered over
/// filtered, filters unite), cycles collapsed or kept. A pure function of the rows: it does not depend on the
/// order in which they came. Immutable; any thread may read it.
class Graph {
 public:
  /// Resolves every expandable description. Fails as a whole, naming all ids, when a named entitlement
  /// belongs to another resource than the grant's principal, has no resource, or is ambiguous
  /// (InvalidArgument). Missing entitlements are only counted. `input` must outlive nothing: it is read
  /// here and not kept.
  static absl::StatusOr<Graph> build(const Input& input, CycleMode mode = CycleMode::kCollapse);

  std::size_t node_count() const { return member_offsets_.size() - 1; }

  std::size_t component_count() const { return component_offsets_.size() - 1; }
  /// The nodes of a component: from the first to before the second. More than one only with kClose.
  std::pair<NodeIndex, NodeIndex> component(ComponentIndex component) const {
    return {component_offsets_[component], component_offsets_[component + 1]};
  }
  ComponentIndex component_of(NodeIndex node) const { return component_of_[node]; }

  /// Entitlements of a node, by the bytes of their id.
  std::span<const EntitlementIndex> members(NodeIndex node) const;

  /// Edges that end in a node, by source node.
  std::span<const NodeEdge> incoming(NodeIndex node) const;

  /// How many edges start in a node, i.e. how many nodes read its members' grants.
  std::size_t consumer_count(NodeIndex node) const { return consumers_[node]; }

  /// Filter 0 lets everyone pass; any other lets these ranges pass, ascending and disjoint, maybe none.
  static constexpr uint32_t kNoFilter = 0;
  std::span<const RankRange> filter(uint32_t filter) const { return filters_[filter]; }

  const GraphReport& report() const { return report_; }

 private:
  friend class GraphBuilder;
  Graph() = default;

  std::vector<NodeIndex> component_offsets_;
  std::vector<ComponentIndex> component_of_;
  std::vector<std::size_t> member_offsets_;
  std::vector<EntitlementIndex> members_;
  std::vector<std::size_t> edge_offsets_;
  std::vector<NodeEdge> edges_;
  std::vector<uint32_t> consumers_;
  std::vector<std::vector<RankRange>> filters_;
  GraphReport report_;
};

}  // namespace baton::expansion
