#include "expansion/cycle_closure.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "expansion/strongly_connected.hpp"

namespace baton::expansion {
namespace {

/// Principals that every filter of the component's edges treats alike.
struct RankClass {
  std::vector<RankRange> ranges;
  std::vector<uint32_t> passed_by;  // filters, ascending
};

class Closure {
 public:
  Closure(const Graph& graph, ComponentIndex component, const std::function<HolderSet(NodeIndex)>& holders)
      : graph_(graph),
        begin_(graph.component(component).first),
        end_(graph.component(component).second),
        holders_(holders),
        pieces_(end_ - begin_) {}

  std::vector<SharedHolders> run(PrincipalRank ranks) && {
    for (const RankClass& members : classes(ranks)) close(members);
    std::vector<SharedHolders> result;
    result.reserve(pieces_.size());
    for (std::vector<SharedHolders>& pieces : pieces_) {
      std::vector<Run> runs;
      for (const SharedHolders& piece : pieces) append_runs(runs, {{}, piece.holders}, 0, false, false, {});
      result.push_back(pieces.size() == 1 ? std::move(pieces.front()) : own(std::move(runs)));
    }
    return result;
  }

 private:
  bool is_inside(NodeIndex node) const { return node >= begin_ && node < end_; }

  static bool passes(const NodeEdge& edge, const RankClass& members) {
    return edge.filter == Graph::kNoFilter ||
           std::binary_search(members.passed_by.begin(), members.passed_by.end(), edge.filter);
  }

  static SharedHolders own(std::vector<Run> runs) {
    auto united = std::make_shared<const std::vector<Holder>>(unite(std::move(runs)));
    return {*united, united};
  }

  std::vector<RankClass> classes(PrincipalRank ranks) const {
    std::vector<uint32_t> filters;
    for (NodeIndex node = begin_; node < end_; ++node) {
      for (const NodeEdge& edge : graph_.incoming(node)) {
        if (edge.filter != Graph::kNoFilter) filters.push_back(edge.filter);
      }
    }
    std::sort(filters.begin(), filters.end());
    filters.erase(std::unique(filters.begin(), filters.end()), filters.end());

    std::vector<PrincipalRank> cuts = {0, ranks};
    for (const uint32_t filter : filters) {
      for (const RankRange range : graph_.filter(filter)) {
        cuts.push_back(range.begin);
        cuts.push_back(range.end);
      }
    }
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());

    // Between two cuts a filter passes all or nobody.
    std::map<std::vector<uint32_t>, std::vector<RankRange>> ranges_by_filters;
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
      std::vector<uint32_t> passed_by;
      for (const uint32_t filter : filters) {
        const auto ranges = graph_.filter(filter);
        const auto above =
            std::upper_bound(ranges.begin(), ranges.end(), cuts[i],
                             [](PrincipalRank rank, const RankRange& range) { return rank < range.begin; });
        if (above != ranges.begin() && cuts[i] < std::prev(above)->end) passed_by.push_back(filter);
      }
      ranges_by_filters[std::move(passed_by)].push_back({cuts[i], cuts[i + 1]});
    }
    std::vector<RankClass> found;
    for (auto& [passed_by, ranges] : ranges_by_filters) found.push_back({std::move(ranges), passed_by});
    return found;
  }

  /// Deep edges inside the component that pass the class.
  Adjacency deep_edges(const RankClass& members) const {
    std::vector<std::pair<uint32_t, uint32_t>> edges;  // from, to
    for (NodeIndex node = begin_; node < end_; ++node) {
      for (const NodeEdge& edge : graph_.incoming(node)) {
        if (is_inside(edge.from) && !edge.shallow && passes(edge, members)) {
          edges.emplace_back(edge.from - begin_, node - begin_);
        }
      }
    }
    std::sort(edges.begin(), edges.end());
    Adjacency adjacency;
    adjacency.offsets.assign(end_ - begin_ + 1, 0);
    for (const auto& [from, to] : edges) {
      ++adjacency.offsets[from + 1];
      adjacency.targets.push_back(to);
    }
    for (std::size_t i = 1; i < adjacency.offsets.size(); ++i)
      adjacency.offsets[i] += adjacency.offsets[i - 1];
    return adjacency;
  }

  void close(const RankClass& members) {
    const Components circles = strongly_connected(deep_edges(members));
    std::vector<std::vector<NodeIndex>> nodes(circles.count);
    for (NodeIndex node = begin_; node < end_; ++node) {
      nodes[circles.component_of[node - begin_]].push_back(node);
    }
    std::vector<SharedHolders> closed(circles.count);
    std::vector<uint32_t> read_by(circles.count, UINT32_MAX);  // the last circle that took a set in
    for (uint32_t circle = 0; circle < circles.count; ++circle) {
      std::vector<Run> runs;
      read_by[circle] = circle;
      for (const NodeIndex node : nodes[circle]) {
        append_runs(runs, {holders_(node).base, {}}, 0, false, true, members.ranges);
        for (const NodeEdge& edge : graph_.incoming(node)) {
          if (!passes(edge, members)) continue;
          if (!is_inside(edge.from)) {
            append_runs(runs, holders_(edge.from), 0, edge.shallow, true, members.ranges);
          } else if (edge.shallow) {
            append_runs(runs, {holders_(edge.from).base, {}}, 0, true, true, members.ranges);
          } else if (const uint32_t from = circles.component_of[edge.from - begin_];
                     read_by[from] != circle) {
            read_by[from] = circle;
            append_runs(runs, {{}, closed[from].holders}, 0, false, false, {});
          }
        }
      }
      closed[circle] = own(std::move(runs));
      for (const NodeIndex node : nodes[circle]) {
        if (!closed[circle].holders.empty()) pieces_[node - begin_].push_back(closed[circle]);
      }
    }
  }

  const Graph& graph_;
  const NodeIndex begin_;
  const NodeIndex end_;
  const std::function<HolderSet(NodeIndex)>& holders_;
  /// Per node: who holds it, class by class.
  std::vector<std::vector<SharedHolders>> pieces_;
};

}  // namespace

std::vector<SharedHolders> close_cycle(const Graph& graph, ComponentIndex component, PrincipalRank ranks,
                                       const std::function<HolderSet(NodeIndex)>& holders) {
  return Closure(graph, component, holders).run(ranks);
}

}  // namespace baton::expansion
