#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "expansion/graph.hpp"
#include "expansion/holder_set.hpp"
#include "expansion/input.hpp"
#include "expansion/reduction.hpp"
#include "expansion/report.hpp"

namespace baton::expansion {

/// Evaluates a graph in two steps. First every component is settled: who holds the entitlements that others
/// are fed from, and nothing about why. Then destinations are written, in any order: which rows they get,
/// with their sources. So rows can be made in the order in which a store keeps them, and the step between
/// knows how many there will be.
///
/// A set of holders takes four bytes for each principal that expansion adds to an entitlement which feeds
/// others, or nothing where it is part of another set; it goes with the last destination that reads it.
class Evaluator {
 public:
  /// Both must outlive the evaluator.
  Evaluator(const Input& input, const Graph& graph);

  /// Settles a component; every component with an edge into it must be settled before. Different threads may
  /// settle different components at a time.
  void settle(ComponentIndex component);

  /// How many grants expansion adds to a member of a node; exact, makes no row. All components must be
  /// settled, and no destination written. Thread-safe.
  uint64_t count_added(NodeIndex node, EntitlementIndex member) const;
  /// At least how many rows each member of the node gets, cheaply; under the same conditions.
  uint64_t row_bound(NodeIndex node) const;

  /// Hands the rows of a destination, a member of the node, to the sink and lets go of the sets that nobody
  /// else will read: each destination can be written once. All components must be settled. Different threads
  /// may write different destinations at a time. Fails only as the sink fails; the evaluator is then good for
  /// destruction only.
  absl::StatusOr<RowCounts> write(NodeIndex node, EntitlementIndex destination, ResultSink& sink);
  /// Instead of writing it: lets go of what it would have read.
  void skip(NodeIndex node);

  /// Both steps on this thread, destinations in topological order, parents first.
  absl::Status run(ResultSink& sink);
  /// What `run` did.
  const Statistics& statistics() const { return statistics_; }

 private:
  /// Who was added to the members of a node. Shared by nodes to which the same principals are added.
  struct Grown {
    std::span<const Holder> added;
    std::shared_ptr<const std::vector<Holder>> owner;  // null: part of the input, or empty
    std::shared_ptr<const std::vector<CarriedParent>> parents;
  };

  HolderSet holders(NodeIndex node, EntitlementIndex member) const;
  std::vector<Feed> feeds_of(NodeIndex node) const;
  Feed feed(const NodeEdge& edge, EntitlementIndex source) const;
  Grown unite_runs(std::vector<Run> runs, std::span<const Feed> feeds) const;
  void settle_node(NodeIndex node);
  void settle_cycle(NodeIndex begin, NodeIndex end);
  std::shared_ptr<const std::vector<CarriedParent>> parents_of(std::span<const Holder> added,
                                                               std::vector<Feed> feeds) const;
  std::shared_ptr<const std::vector<CarriedParent>> parents_in_cycle(NodeIndex begin, NodeIndex end) const;

  const Input& input_;
  const Graph& graph_;
  std::vector<Grown> grown_;  // per node
  /// Per node: destinations that will read its members' holders.
  std::vector<std::atomic<uint32_t>> readers_left_;
  Statistics statistics_;
};

}  // namespace baton::expansion
