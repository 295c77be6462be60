#include "expansion/strongly_connected.hpp"

#include <algorithm>

namespace baton::expansion {
namespace {

constexpr uint32_t kUnseen = UINT32_MAX;

class Search {
 public:
  explicit Search(const Adjacency& graph)
      : graph_(graph), seen_at_(graph.node_count(), kUnseen), low_(graph.node_count()) {
    result_.component_of.assign(graph.node_count(), kUnseen);
  }

  Components run() && {
    for (uint32_t node = 0; node < graph_.node_count(); ++node) {
      if (seen_at_[node] == kUnseen) explore(node);
    }
    // Tarjan closes a component after everything it leads to; turn that round.
    for (uint32_t& component : result_.component_of) component = result_.count - 1 - component;
    return std::move(result_);
  }

 private:
  struct Frame {
    uint32_t node;
    std::size_t next;  // position in targets
  };

  void explore(uint32_t root) {
    enter(root);
    while (!path_.empty()) {
      Frame& frame = path_.back();
      if (frame.next < graph_.offsets[frame.node + 1]) {
        const uint32_t target = graph_.targets[frame.next++];
        if (seen_at_[target] == kUnseen) {
          enter(target);
        } else if (result_.component_of[target] == kUnseen) {
          low_[frame.node] = std::min(low_[frame.node], seen_at_[target]);
        }
      } else {
        leave();
      }
    }
  }

  void enter(uint32_t node) {
    seen_at_[node] = low_[node] = clock_++;
    open_.push_back(node);
    path_.push_back({node, graph_.offsets[node]});
  }

  void leave() {
    const uint32_t node = path_.back().node;
    path_.pop_back();
    if (!path_.empty()) low_[path_.back().node] = std::min(low_[path_.back().node], low_[node]);
    if (low_[node] != seen_at_[node]) return;
    uint32_t member = kUnseen;
    do {
      member = open_.back();
      open_.pop_back();
      result_.component_of[member] = result_.count;
    } while (member != node);
    ++result_.count;
  }

  const Adjacency& graph_;
  std::vector<uint32_t> seen_at_;
  std::vector<uint32_t> low_;
  std::vector<uint32_t> open_;  // seen, component not closed yet
  std::vector<Frame> path_;     // the recursion
  uint32_t clock_ = 0;
  Components result_;
};

}  // namespace

Components strongly_connected(const Adjacency& graph) {
  return Search(graph).run();
}

}  // namespace baton::expansion
