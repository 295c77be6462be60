#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace baton::expansion {

/// A directed graph in compressed rows: the successors of node v are targets[offsets[v]] up to
/// targets[offsets[v + 1]]. `offsets` has one entry more than there are nodes.
struct Adjacency {
  std::vector<std::size_t> offsets{0};
  std::vector<uint32_t> targets;

  std::size_t node_count() const { return offsets.size() - 1; }
  std::span<const uint32_t> successors(uint32_t node) const {
    return std::span(targets).subspan(offsets[node], offsets[node + 1] - offsets[node]);
  }
};

/// Strongly connected components, numbered so that every edge between two of them leads from the lower
/// number to the higher one: ascending numbers are a topological order.
struct Components {
  uint32_t count = 0;
  /// Per node.
  std::vector<uint32_t> component_of;
};

/// Tarjan's algorithm without recursion, O(nodes + edges). The numbering depends on nothing but the graph.
Components strongly_connected(const Adjacency& graph);

}  // namespace baton::expansion
