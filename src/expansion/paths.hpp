#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

/// By which ways one principal comes to hold an entitlement, or would if nothing stood in the way.
namespace baton::expansion {

/// What keeps a link from passing the principal's grant on, whatever way it came.
enum class Obstacle : uint8_t {
  kNone,
  /// The principal's type is none of those that the link lets pass.
  kFiltered,
  /// A shallow link, and the principal does not hold the source directly.
  kShallow,
  /// The source or the destination has no row: expansion drops the link.
  kSourceMissing,
  kDestinationMissing,
  /// The source belongs to another resource than the grant's principal: expansion as a whole fails.
  kForeignSource,
};

/// How a principal holds an entitlement before expansion.
enum class Hold : uint8_t { kNone, kIndirect, kDirect };

/// Entitlements around one principal: which of them it was granted, and which link passes grants from where
/// to where. Numbers count up from 0 in the order of adding.
class AccessGraph {
 public:
  using Node = uint32_t;

  struct Link {
    Node source;
    Node destination;
    bool shallow = false;
    /// Any but kShallow, which depends on the way.
    Obstacle obstacle = Obstacle::kNone;
  };

  Node add_entitlement(Hold hold);
  /// At most one link from one entitlement to another.
  uint32_t add_link(const Link& link);

  std::size_t entitlement_count() const { return holds_.size(); }
  Hold hold(Node node) const { return holds_[node]; }
  std::size_t link_count() const { return links_.size(); }
  const Link& link(uint32_t index) const { return links_[index]; }
  void set_obstacle(uint32_t index, Obstacle obstacle) { links_[index].obstacle = obstacle; }
  void set_deep(uint32_t index) { links_[index].shallow = false; }
  /// Links that end in an entitlement, as they were added.
  const std::vector<uint32_t>& links_to(Node node) const { return incoming_[node]; }

 private:
  std::vector<Hold> holds_;
  std::vector<Link> links_;
  std::vector<std::vector<uint32_t>> incoming_;
};

/// One link of a path and what stops the grant there.
struct PathStep {
  uint32_t link = 0;
  Obstacle obstacle = Obstacle::kNone;
};

/// From the entitlement in question back, link by link, to one that the principal was granted. Without steps
/// that is the entitlement itself.
struct AccessPath {
  std::vector<PathStep> steps;
  AccessGraph::Node granted = 0;
};

/// Paths that pass no entitlement twice, the shortest first; the order of equally long ones depends on the
/// graph alone.
struct AccessPaths {
  /// By these the principal holds the entitlement.
  std::vector<AccessPath> holding;
  /// These are stopped at one link at least.
  std::vector<AccessPath> stopped;
  /// There are more of them, or there may be: the search ended at a bound.
  bool more_holding = false;
  bool more_stopped = false;
};

struct PathLimits {
  /// Paths of each kind.
  std::size_t paths = 20;
  /// Beginnings of paths looked at for each kind: bounds time and memory (some 24 bytes each).
  std::size_t work = 1'000'000;
};

/// The time is that of a breadth-first search over the graph, plus at most `limits.work` small steps, each
/// of them proportional to the length of a path.
AccessPaths find_paths(const AccessGraph& graph, AccessGraph::Node asked, const PathLimits& limits);

}  // namespace baton::expansion
