#include "expansion/graph.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "expansion/strongly_connected.hpp"

namespace baton::expansion {
namespace {

/// An edge between entitlements, or, once they are numbered, between nodes.
struct Edge {
  uint32_t from;
  uint32_t to;
  bool shallow;
  uint32_t filter;
};

bool by_target(const Edge& a, const Edge& b) {
  return a.to != b.to ? a.to < b.to : a.from < b.from;
}

/// Distinct sets of principal types. 0 is the empty set, which lets everyone pass.
class FilterSets {
 public:
  FilterSets() { intern({}); }

  uint32_t intern(std::vector<Symbol> types) {
    std::sort(types.begin(), types.end());
    types.erase(std::unique(types.begin(), types.end()), types.end());
    const auto [place, is_new] = index_.try_emplace(types, static_cast<uint32_t>(sets_.size()));
    if (is_new) sets_.push_back(std::move(types));
    return place->second;
  }

  uint32_t unite(uint32_t a, uint32_t b) {
    if (a == b) return a;
    if (a == Graph::kNoFilter || b == Graph::kNoFilter) return Graph::kNoFilter;
    std::vector<Symbol> both = sets_[a];
    both.insert(both.end(), sets_[b].begin(), sets_[b].end());
    return intern(std::move(both));
  }

  std::vector<std::vector<RankRange>> ranges(const Input& input) const {
    std::vector<std::vector<RankRange>> all;
    all.reserve(sets_.size());
    for (const std::vector<Symbol>& types : sets_) {
      std::vector<RankRange>& ranges = all.emplace_back();
      for (const Symbol type : types) {
        const auto [begin, end] = input.ranks_of_type(type);
        if (begin != end) ranges.push_back({begin, end});
      }
      std::sort(ranges.begin(), ranges.end(),
                [](const RankRange& a, const RankRange& b) { return a.begin < b.begin; });
    }
    return all;
  }

 private:
  std::vector<std::vector<Symbol>> sets_;
  absl::flat_hash_map<std::vector<Symbol>, uint32_t> index_;
};

/// Sorts edges by (to, from) and makes one of parallel ones; the outcome does not depend on their order.
void merge_parallel(std::vector<Edge>& edges, FilterSets& filters) {
  std::sort(edges.begin(), edges.end(), by_target);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    if (kept > 0 && edges[kept - 1].from == edges[i].from && edges[kept - 1].to == edges[i].to) {
      Edge& merged = edges[kept - 1];
      merged.shallow = merged.shallow && edges[i].shallow;
      merged.filter = filters.unite(merged.filter, edges[i].filter);
    } else {
      edges[kept++] = edges[i];
    }
  }
  edges.resize(kept);
}

std::string describe(const EntitlementView& entitlement) {
  return absl::StrCat(quoted_id(entitlement.id), " of ", quoted_id(entitlement.resource_type), " ",
                      quoted_id(entitlement.resource_id));
}

}  // namespace

/// The steps of Graph::build, which share a few tables.
class GraphBuilder {
 public:
  GraphBuilder(const Input& input, CycleMode mode) : input_(input), mode_(mode) {}

  absl::StatusOr<Graph> run() && {
    for (std::size_t i = 0; i < input_.description_count(); ++i) {
      if (absl::Status status = resolve(input_.description(i)); !status.ok()) return status;
    }
    graph_.report_.distinct_missing_ids = missing_.size();
    merge_parallel(edges_, filters_);
    drop_edges_to_missing();
    number_entitlements();
    const Adjacency adjacency = outgoing();
    const Components components = strongly_connected(adjacency);
    find_cycles(adjacency, components);
    place_nodes(components);
    connect_nodes();
    graph_.filters_ = filters_.ranges(input_);
    return std::move(graph_);
  }

 private:
  absl::Status resolve(const Input::Description& description) {
    const uint32_t filter =
        filters_.intern(std::vector<Symbol>(description.types.begin(), description.types.end()));
    for (const Symbol id : description.sources) {
      const Input::Lookup lookup = input_.find(id);
      if (lookup.first == Input::Lookup::kNone) {
        ++graph_.report_.edges_source_missing;
        note_missing(input_.text(id));
        continue;
      }
      if (absl::Status status = check_source(lookup, description); !status.ok()) return status;
      if (!input_.entitlement(description.destination).has_row) {
        note_missing(input_.entitlement(description.destination).id);
      }
      edges_.push_back({lookup.first, description.destination, description.shallow, filter});
    }
    return absl::OkStatus();
  }

  absl::Status check_source(const Input::Lookup& lookup, const Input::Description& description) const {
    const EntitlementView source = input_.entitlement(lookup.first);
    const ResourceView principal = input_.principal(description.principal);
    const auto place = [&] {
      return absl::StrCat("expandable grant of entitlement ",
                          describe(input_.entitlement(description.destination)), " to ",
                          quoted_id(principal.type), " ", quoted_id(principal.id));
    };
    if (lookup.second != Input::Lookup::kNone) {
      const EntitlementView other = input_.entitlement(lookup.second);
      return absl::InvalidArgumentError(absl::StrCat(
          "entitlement external id is ambiguous: ", describe(source), " and ", describe(other), "; named by ",
          place(), "; the connector must give entitlements of two resources different ids"));
    }
    if (source.resource_type.empty() && source.resource_id.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("source entitlement ", quoted_id(source.id),
                                                     " has no resource; named by ", place(),
                                                     "; the connector must set its resource"));
    }
    if (source.resource_type != principal.type || source.resource_id != principal.id) {
      return absl::InvalidArgumentError(absl::StrCat(
          "source entitlement resource id did not match grant principal id: ", describe(source),
          ", named by ", place(), "; a grant can only be expanded from entitlements of its own principal"));
    }
    return absl::OkStatus();
  }

  void note_missing(std::string_view id) {
    if (!missing_.insert(std::string(id)).second) return;
    if (graph_.report_.missing_examples.size() < GraphReport::kMaxExamples) {
      graph_.report_.missing_examples.emplace_back(id);
    }
  }

  /// Takes out, and counts, edges that end nowhere and self loops. An entitlement without a row is never
  /// found as a source, so cutting the edges that lead to it cuts it off altogether.
  void drop_edges_to_missing() {
    GraphReport& report = graph_.report_;
    const auto is_dropped = [&](const Edge& edge) {
      if (edge.from == edge.to) {
        ++report.self_loops;
        return true;
      }
      if (!input_.entitlement(edge.to).has_row) {
        ++report.edges_destination_missing;
        return true;
      }
      return false;
    };
    std::vector<Edge> kept;
    kept.reserve(edges_.size());
    std::remove_copy_if(edges_.begin(), edges_.end(), std::back_inserter(kept), is_dropped);
    edges_ = std::move(kept);
    report.edges = edges_.size();
  }

  /// Gives entitlements that take part small numbers in the order of their ids, so that all that follows
  /// is independent of the order of rows, and rewrites the edges to these numbers.
  void number_entitlements() {
    for (const Edge& edge : edges_) {
      taking_part_.push_back(edge.from);
      taking_part_.push_back(edge.to);
    }
    std::sort(taking_part_.begin(), taking_part_.end());
    taking_part_.erase(std::unique(taking_part_.begin(), taking_part_.end()), taking_part_.end());
    std::sort(taking_part_.begin(), taking_part_.end(), [&](EntitlementIndex a, EntitlementIndex b) {
      const EntitlementView left = input_.entitlement(a);
      const EntitlementView right = input_.entitlement(b);
      return std::tie(left.id, left.resource_type, left.resource_id) <
             std::tie(right.id, right.resource_type, right.resource_id);
    });
    absl::flat_hash_map<EntitlementIndex, uint32_t> numbers;
    numbers.reserve(taking_part_.size());
    for (uint32_t number = 0; number < taking_part_.size(); ++number) numbers[taking_part_[number]] = number;
    for (Edge& edge : edges_) {
      edge.from = numbers[edge.from];
      edge.to = numbers[edge.to];
    }
    std::sort(edges_.begin(), edges_.end(), by_target);
  }

  Adjacency outgoing() const {
    Adjacency adjacency;
    adjacency.offsets.assign(taking_part_.size() + 1, 0);
    for (const Edge& edge : edges_) ++adjacency.offsets[edge.from + 1];
    for (std::size_t i = 1; i < adjacency.offsets.size(); ++i)
      adjacency.offsets[i] += adjacency.offsets[i - 1];
    adjacency.targets.resize(edges_.size());
    std::vector<std::size_t> next(adjacency.offsets.begin(), adjacency.offsets.end() - 1);
    // Edges are sorted by target, so each row of targets comes out sorted.
    for (const Edge& edge : edges_) adjacency.targets[next[edge.from]++] = edge.to;
    return adjacency;
  }

  /// Makes nodes of the components, or of the entitlements, component by component.
  void place_nodes(const Components& components) {
    graph_.report_.nodes = components.count;
    graph_.report_.cycles_collapsed = mode_ == CycleMode::kCollapse;
    std::vector<std::size_t> offsets(components.count + 1, 0);
    for (const uint32_t component : components.component_of) ++offsets[component + 1];
    for (std::size_t i = 1; i < offsets.size(); ++i) offsets[i] += offsets[i - 1];
    const bool collapse = mode_ == CycleMode::kCollapse;
    const std::size_t nodes = collapse ? components.count : taking_part_.size();
    graph_.members_.resize(taking_part_.size());
    graph_.component_of_.resize(nodes);
    node_of_.resize(taking_part_.size());
    std::vector<std::size_t> next(offsets.begin(), offsets.end() - 1);
    for (std::size_t number = 0; number < taking_part_.size(); ++number) {
      const ComponentIndex component = components.component_of[number];
      const std::size_t place = next[component]++;
      graph_.members_[place] = taking_part_[number];
      node_of_[number] = static_cast<NodeIndex>(collapse ? component : place);
      graph_.component_of_[node_of_[number]] = component;
    }
    if (collapse) {
      graph_.component_offsets_.resize(components.count + 1);
      std::iota(graph_.component_offsets_.begin(), graph_.component_offsets_.end(), 0);
      graph_.member_offsets_ = std::move(offsets);
    } else {
      graph_.component_offsets_.assign(offsets.begin(), offsets.end());
      graph_.member_offsets_.resize(nodes + 1);
      std::iota(graph_.member_offsets_.begin(), graph_.member_offsets_.end(), 0);
    }
  }

  void find_cycles(const Adjacency& adjacency, const Components& components) {
    GraphReport& report = graph_.report_;
    std::vector<uint32_t> sizes(components.count, 0);
    for (const uint32_t component : components.component_of) ++sizes[component];
    report.cycles = static_cast<uint64_t>(
        std::count_if(sizes.begin(), sizes.end(), [](uint32_t size) { return size > 1; }));
    if (report.cycles == 0) return;
    // The first entitlement, by id, on any cycle; from it stay inside the component until a node repeats.
    uint32_t node = 0;
    while (sizes[components.component_of[node]] == 1) ++node;
    absl::flat_hash_map<uint32_t, std::size_t> position;
    std::vector<uint32_t> walk;
    while (position.try_emplace(node, walk.size()).second) {
      walk.push_back(node);
      const auto successors = adjacency.successors(node);
      node = *std::find_if(successors.begin(), successors.end(), [&](uint32_t successor) {
        return components.component_of[successor] == components.component_of[node];
      });
    }
    for (std::size_t i = position[node]; i < walk.size(); ++i) {
      report.cycle_example.emplace_back(input_.entitlement(taking_part_[walk[i]]).id);
    }
  }

  void connect_nodes() {
    std::vector<Edge> between;
    for (const Edge& edge : edges_) {
      const NodeIndex from = node_of_[edge.from];
      const NodeIndex to = node_of_[edge.to];
      if (from != to) between.push_back({from, to, edge.shallow, edge.filter});
    }
    merge_parallel(between, filters_);
    graph_.consumers_.assign(graph_.node_count(), 0);
    graph_.edge_offsets_.assign(graph_.node_count() + 1, 0);
    graph_.edges_.reserve(between.size());
    for (const Edge& edge : between) {
      graph_.edges_.push_back({edge.from, edge.to, edge.shallow, edge.filter});
      ++graph_.consumers_[edge.from];
      ++graph_.edge_offsets_[edge.to + 1];
    }
    for (std::size_t i = 1; i < graph_.edge_offsets_.size(); ++i) {
      graph_.edge_offsets_[i] += graph_.edge_offsets_[i - 1];
    }
  }

  const Input& input_;
  const CycleMode mode_;
  Graph graph_;
  std::vector<Edge> edges_;
  FilterSets filters_;
  absl::flat_hash_set<std::string> missing_;
  std::vector<EntitlementIndex> taking_part_;
  std::vector<NodeIndex> node_of_;
};

absl::StatusOr<Graph> Graph::build(const Input& input, CycleMode mode) {
  return GraphBuilder(input, mode).run();
}

std::span<const EntitlementIndex> Graph::members(NodeIndex node) const {
  return std::span(members_).subspan(member_offsets_[node],
                                     member_offsets_[node + 1] - member_offsets_[node]);
}

std::span<const NodeEdge> Graph::incoming(NodeIndex node) const {
  return std::span(edges_).subspan(edge_offsets_[node], edge_offsets_[node + 1] - edge_offsets_[node]);
}

}  // namespace baton::expansion
