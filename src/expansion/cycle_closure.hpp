#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "expansion/graph.hpp"
#include "expansion/holder_set.hpp"

namespace baton::expansion {

/// A list of holders that others may share; without an owner it is part of the input, or empty.
struct SharedHolders {
  std::span<const Holder> holders;
  std::shared_ptr<const std::vector<Holder>> owner;
};

/// Who holds the nodes of a cyclic component of a graph that keeps its cycles: the least fixed point of its
/// edges. Answers for each node in order; `is_direct` says nothing. `holders` gives all holders of a node
/// that feeds the component, and the base holders of a node inside it. `ranks` is the number of principals.
///
/// Filters look at nothing but a principal's type, so principals that the same filters pass go the same ways:
/// for each such class, deep edges that pass it are condensed again, and all of a circle have one set.
/// O(classes * edges) unions of sets.
std::vector<SharedHolders> close_cycle(const Graph& graph, ComponentIndex component, PrincipalRank ranks,
                                       const std::function<HolderSet(NodeIndex)>& holders);

}  // namespace baton::expansion
