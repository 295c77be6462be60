#include "expansion/evaluator.hpp"

#include <algorithm>
#include <utility>

#include "expansion/cycle_closure.hpp"

namespace baton::expansion {
namespace {

bool by_id(const Input& input, const Feed& a, const Feed& b) {
  return input.entitlement(a.source).id < input.entitlement(b.source).id;
}

/// How many of `added` are no base holders.
uint64_t count_new(std::span<const Holder> added, std::span<const Holder> base) {
  uint64_t known = 0;
  auto from = added.begin();
  for (const Holder holder : base) {
    from = std::lower_bound(from, added.end(), holder,
                            [](Holder a, Holder b) { return a.principal() < b.principal(); });
    if (from == added.end()) break;
    if (from->principal() == holder.principal()) ++known;
  }
  return added.size() - known;
}

}  // namespace

Evaluator::Evaluator(const Input& input, const Graph& graph)
    : input_(input), graph_(graph), grown_(graph.node_count()), readers_left_(graph.node_count()) {
  for (NodeIndex node = 0; node < graph.node_count(); ++node) {
    for (const NodeEdge& edge : graph.incoming(node)) {
      readers_left_[edge.from].fetch_add(static_cast<uint32_t>(graph.members(node).size()),
                                         std::memory_order_relaxed);
    }
  }
}

void Evaluator::settle(ComponentIndex component) {
  const auto [begin, end] = graph_.component(component);
  if (end - begin > 1) {
    settle_cycle(begin, end);
  } else if (graph_.consumer_count(begin) > 0 && !graph_.incoming(begin).empty()) {
    settle_node(begin);
  }
}

uint64_t Evaluator::count_added(NodeIndex node, EntitlementIndex member) const {
  Grown leaf;
  std::span<const Holder> added = grown_[node].added;
  if (added.empty()) {
    const std::vector<Feed> feeds = feeds_of(node);
    leaf = unite_runs(runs_of(feeds), feeds);
    added = leaf.added;
  }
  return count_new(added, input_.holders(member));
}

uint64_t Evaluator::row_bound(NodeIndex node) const {
  uint64_t bound = 0;
  for (const NodeEdge& edge : graph_.incoming(node)) {
    for (const EntitlementIndex source : graph_.members(edge.from)) {
      const HolderSet set = holders(edge.from, source);
      bound += set.base.size() + set.added.size();
    }
  }
  return bound;
}

absl::StatusOr<RowCounts> Evaluator::write(NodeIndex node, EntitlementIndex destination, ResultSink& sink) {
  absl::StatusOr<RowCounts> counts = reduce(input_, destination, feeds_of(node), sink);
  skip(node);
  return counts;
}

void Evaluator::skip(NodeIndex node) {
  for (const NodeEdge& edge : graph_.incoming(node)) {
    if (readers_left_[edge.from].fetch_sub(1, std::memory_order_acq_rel) == 1) grown_[edge.from] = {};
  }
}

absl::Status Evaluator::run(ResultSink& sink) {
  for (ComponentIndex component = 0; component < graph_.component_count(); ++component) settle(component);
  for (NodeIndex node = 0; node < graph_.node_count(); ++node) {
    if (graph_.incoming(node).empty()) continue;
    for (const EntitlementIndex destination : graph_.members(node)) {
      const absl::StatusOr<RowCounts> counts = write(node, destination, sink);
      if (!counts.ok()) return counts.status();
      statistics_.count(destination, counts->synthesised, counts->changed);
    }
  }
  return absl::OkStatus();
}

HolderSet Evaluator::holders(NodeIndex node, EntitlementIndex member) const {
  return {input_.holders(member), grown_[node].added};
}

Feed Evaluator::feed(const NodeEdge& edge, EntitlementIndex source) const {
  Feed feed;
  feed.source = source;
  feed.node = edge.from;
  feed.holders = holders(edge.from, source);
  if (grown_[edge.from].parents != nullptr) feed.parents = *grown_[edge.from].parents;
  feed.shallow = edge.shallow;
  feed.filtered = edge.filter != Graph::kNoFilter;
  feed.ranges = graph_.filter(edge.filter);
  return feed;
}

std::vector<Feed> Evaluator::feeds_of(NodeIndex node) const {
  std::vector<Feed> feeds;
  for (const NodeEdge& edge : graph_.incoming(node)) {
    for (const EntitlementIndex source : graph_.members(edge.from)) feeds.push_back(feed(edge, source));
  }
  std::sort(feeds.begin(), feeds.end(), [&](const Feed& a, const Feed& b) { return by_id(input_, a, b); });
  return feeds;
}

/// One run is taken as it stands, without a copy.
Evaluator::Grown Evaluator::unite_runs(std::vector<Run> runs, std::span<const Feed> feeds) const {
  Grown grown;
  if (runs.size() == 1 && !runs.front().direct_only) {
    const Run& run = runs.front();
    grown.added = {run.next, run.end};
    if (!run.from_base) grown.owner = grown_[feeds[run.feed].node].owner;
  } else if (!runs.empty()) {
    grown.owner = std::make_shared<const std::vector<Holder>>(unite(std::move(runs)));
    grown.added = *grown.owner;
  }
  return grown;
}

void Evaluator::settle_node(NodeIndex node) {
  std::vector<Feed> feeds = feeds_of(node);
  grown_[node] = unite_runs(runs_of(feeds), feeds);
  if (input_.any_parents_differ()) grown_[node].parents = parents_of(grown_[node].added, std::move(feeds));
}

void Evaluator::settle_cycle(NodeIndex begin, NodeIndex end) {
  const auto all_holders = [&](NodeIndex node) { return holders(node, graph_.members(node).front()); };
  std::vector<SharedHolders> closed = close_cycle(
      graph_, graph_.component_of(begin), static_cast<PrincipalRank>(input_.principal_count()), all_holders);
  for (NodeIndex node = begin; node < end; ++node) {
    grown_[node].added = closed[node - begin].holders;
    grown_[node].owner = std::move(closed[node - begin].owner);
  }
  if (!input_.any_parents_differ()) return;
  const auto parents = parents_in_cycle(begin, end);
  for (NodeIndex node = begin; node < end; ++node) grown_[node].parents = parents;
}

/// The parent comes with the first source in (node order, entitlement id) order.
std::shared_ptr<const std::vector<CarriedParent>> Evaluator::parents_of(std::span<const Holder> added,
                                                                        std::vector<Feed> feeds) const {
  std::stable_sort(feeds.begin(), feeds.end(), [](const Feed& a, const Feed& b) { return a.node < b.node; });
  const std::vector<Run> runs = runs_of(feeds);
  auto parents = std::make_shared<std::vector<CarriedParent>>();
  for (const Holder holder : added) {
    const PrincipalRank principal = holder.principal();
    if (!input_.parents_differ(principal)) continue;
    const auto first = std::find_if(runs.begin(), runs.end(), [&](const Run& run) {
      const auto found = part_in({run.next, run.end}, {principal, principal + 1});
      return !found.empty() && (!run.direct_only || found.front().is_direct());
    });
    if (first == runs.end()) continue;
    parents->emplace_back(principal, carried_parent(input_, feeds[first->feed], principal));
  }
  return parents;
}

/// Around a cycle there is no first source; any parent will do that does not depend on the order of rows. It
/// is that of the first base grant inside the cycle, or else that of the first feed from outside.
std::shared_ptr<const std::vector<CarriedParent>> Evaluator::parents_in_cycle(NodeIndex begin,
                                                                              NodeIndex end) const {
  std::vector<Feed> feeds;
  std::vector<Feed> outside;
  for (NodeIndex node = begin; node < end; ++node) {
    Feed inside;
    inside.source = graph_.members(node).front();
    inside.node = node;
    inside.holders.base = input_.holders(inside.source);
    feeds.push_back(inside);
    for (const NodeEdge& edge : graph_.incoming(node)) {
      if (edge.from >= begin && edge.from < end) continue;
      outside.push_back(feed(edge, graph_.members(edge.from).front()));
    }
  }
  std::stable_sort(outside.begin(), outside.end(),
                   [](const Feed& a, const Feed& b) { return a.node < b.node; });
  feeds.insert(feeds.end(), outside.begin(), outside.end());
  // Sets are mostly shared around the cycle.
  std::vector<Run> runs;
  const Holder* last = nullptr;
  for (NodeIndex node = begin; node < end; ++node) {
    if (grown_[node].added.data() != last) append_runs(runs, {{}, grown_[node].added}, 0, false, false, {});
    last = grown_[node].added.data();
  }
  auto parents = std::make_shared<std::vector<CarriedParent>>();
  for (const Holder holder : unite(std::move(runs))) {
    const PrincipalRank principal = holder.principal();
    if (!input_.parents_differ(principal)) continue;
    const auto first = std::find_if(feeds.begin(), feeds.end(), [&](const Feed& feed) {
      return holds(feed.holders.base, principal) || holds(feed.holders.added, principal);
    });
    if (first == feeds.end()) continue;
    parents->emplace_back(principal, carried_parent(input_, *first, principal));
  }
  return parents;
}

}  // namespace baton::expansion
