#include "expansion/paths.hpp"

#include <algorithm>
#include <deque>
#include <queue>

namespace baton::expansion {
namespace {

using Node = AccessGraph::Node;

constexpr uint32_t kUnreachable = UINT32_MAX;
constexpr uint32_t kStart = UINT32_MAX;

/// Where a walk back from the entitlement in question stands. Whether it may go on freely depends on the link
/// it came over: what a shallow link does not pass is known only when the next step is made.
struct Place {
  Node node;
  bool over_shallow;
  bool stopped;

  uint32_t index() const { return node * 4 + (over_shallow ? 2 : 0) + (stopped ? 1 : 0); }
  static Place at(uint32_t index) { return {index / 4, (index & 2) != 0, (index & 1) != 0}; }
};

/// Whether ending at this place makes a path that is stopped.
bool stops_at_end(const AccessGraph& graph, const Place& place) {
  return place.stopped || (place.over_shallow && graph.hold(place.node) != Hold::kDirect);
}

Place over(const AccessGraph& graph, const Place& place, uint32_t index) {
  const AccessGraph::Link& link = graph.link(index);
  // Going on means that the grant here is an inherited one.
  return {link.source, link.shallow, place.stopped || place.over_shallow || link.obstacle != Obstacle::kNone};
}

/// For each place, how many links at least lead on to the end of a path of the wanted kind, ignoring that a
/// path passes no entitlement twice.
std::vector<uint32_t> distances(const AccessGraph& graph, bool stopped) {
  std::vector<std::vector<uint32_t>> outgoing(graph.entitlement_count());
  for (uint32_t link = 0; link < graph.link_count(); ++link)
    outgoing[graph.link(link).source].push_back(link);
  std::vector<uint32_t> distance(graph.entitlement_count() * 4, kUnreachable);
  std::deque<uint32_t> queue;
  for (uint32_t index = 0; index < distance.size(); ++index) {
    const Place place = Place::at(index);
    if (graph.hold(place.node) == Hold::kNone || stops_at_end(graph, place) != stopped) continue;
    distance[index] = 0;
    queue.push_back(index);
  }
  while (!queue.empty()) {
    const Place place = Place::at(queue.front());
    queue.pop_front();
    for (const uint32_t link : outgoing[place.node]) {
      for (const bool shallow : {false, true}) {
        for (const bool was_stopped : {false, true}) {
          const Place before{graph.link(link).destination, shallow, was_stopped};
          if (distance[before.index()] != kUnreachable) continue;
          if (over(graph, before, link).index() != place.index()) continue;
          distance[before.index()] = distance[place.index()] + 1;
          queue.push_back(before.index());
        }
      }
    }
  }
  return distance;
}

/// Best first by the length that a path will have at least, so that paths are met by length. Of equals the
/// one that was reached last goes on, or a graph with countless paths would be walked in its whole breadth
/// first.
class Search {
 public:
  Search(const AccessGraph& graph, bool stopped, const PathLimits& limits)
      : graph_(graph), stopped_(stopped), limits_(limits), distance_(distances(graph, stopped)) {}

  /// Returns whether there are, or may be, more paths.
  bool run(Node asked, std::vector<AccessPath>& paths) {
    push({asked, false, false}, kStart, kStart, 0);
    while (!open_.empty()) {
      const Open next = open_.top();
      open_.pop();
      if (next.ends) {
        if (paths.size() == limits_.paths) return true;
        paths.push_back(path_to(next.beginning));
        continue;
      }
      const Beginning beginning = beginnings_[next.beginning];
      const uint32_t length = beginning.length;
      if (graph_.hold(beginning.place.node) != Hold::kNone &&
          stops_at_end(graph_, beginning.place) == stopped_) {
        open_.push({length, pushed_++, true, next.beginning});
      }
      const std::vector<uint32_t>& links = graph_.links_to(beginning.place.node);
      for (auto link = links.rbegin(); link != links.rend(); ++link) {
        if (passes(next.beginning, graph_.link(*link).source)) continue;
        if (beginnings_.size() >= limits_.work) return true;
        push(over(graph_, beginning.place, *link), *link, next.beginning, length + 1);
      }
    }
    return false;
  }

 private:
  /// A walk from the start to some place, as its last link and what stands before it.
  struct Beginning {
    Place place;
    uint32_t link;
    uint32_t before;
    uint32_t length;
  };
  struct Open {
    uint32_t length;  // of the whole path, at least
    uint32_t order;
    bool ends;
    uint32_t beginning;

    bool operator<(const Open& other) const {
      return length != other.length ? length > other.length : order < other.order;
    }
  };

  void push(const Place& place, uint32_t link, uint32_t before, uint32_t length) {
    const uint32_t rest = distance_[place.index()];
    if (rest == kUnreachable) return;
    const auto number = static_cast<uint32_t>(beginnings_.size());
    beginnings_.push_back({place, link, before, length});
    open_.push({length + rest, pushed_++, false, number});
  }

  bool passes(uint32_t beginning, Node node) const {
    for (; beginning != kStart; beginning = beginnings_[beginning].before) {
      if (beginnings_[beginning].place.node == node) return true;
    }
    return false;
  }

  AccessPath path_to(uint32_t last) const {
    AccessPath path;
    path.granted = beginnings_[last].place.node;
    bool first = true;
    for (uint32_t at = last; beginnings_[at].before != kStart; at = beginnings_[at].before) {
      const Beginning& beginning = beginnings_[at];
      const AccessGraph::Link& link = graph_.link(beginning.link);
      const bool direct = first && graph_.hold(link.source) == Hold::kDirect;
      Obstacle obstacle = link.obstacle;
      if (obstacle == Obstacle::kNone && link.shallow && !direct) obstacle = Obstacle::kShallow;
      path.steps.push_back({beginning.link, obstacle});
      first = false;
    }
    std::reverse(path.steps.begin(), path.steps.end());
    return path;
  }

  const AccessGraph& graph_;
  bool stopped_;
  const PathLimits& limits_;
  std::vector<uint32_t> distance_;
  std::vector<Beginning> beginnings_;
  std::priority_queue<Open> open_;
  uint32_t pushed_ = 0;
};

}  // namespace

AccessGraph::Node AccessGraph::add_entitlement(Hold hold) {
  holds_.push_back(hold);
  incoming_.emplace_back();
  return static_cast<Node>(holds_.size() - 1);
}

uint32_t AccessGraph::add_link(const Link& link) {
  const auto index = static_cast<uint32_t>(links_.size());
  links_.push_back(link);
  incoming_[link.destination].push_back(index);
  return index;
}

AccessPaths find_paths(const AccessGraph& graph, Node asked, const PathLimits& limits) {
  AccessPaths paths;
  paths.more_holding = Search(graph, false, limits).run(asked, paths.holding);
  paths.more_stopped = Search(graph, true, limits).run(asked, paths.stopped);
  return paths;
}

}  // namespace baton::expansion
