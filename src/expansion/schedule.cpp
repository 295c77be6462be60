#include "expansion/schedule.hpp"

namespace baton::expansion {

Schedule::Schedule(const Graph& graph)
    : consumer_offsets_(graph.component_count() + 1),
      missing_(graph.component_count()),
      left_(graph.component_count()) {
  const auto for_each_edge = [&](auto visit) {
    for (NodeIndex node = 0; node < graph.node_count(); ++node) {
      const ComponentIndex to = graph.component_of(node);
      for (const NodeEdge& edge : graph.incoming(node)) {
        const ComponentIndex from = graph.component_of(edge.from);
        if (from != to) visit(from, to);
      }
    }
  };
  for_each_edge([&](ComponentIndex from, ComponentIndex to) {
    ++consumer_offsets_[from + 1];
    ++missing_[to];
  });
  for (std::size_t i = 1; i < consumer_offsets_.size(); ++i) consumer_offsets_[i] += consumer_offsets_[i - 1];
  consumers_.resize(consumer_offsets_.back());
  std::vector<std::size_t> next(consumer_offsets_.begin(), consumer_offsets_.end() - 1);
  for_each_edge([&](ComponentIndex from, ComponentIndex to) { consumers_[next[from]++] = to; });
  // Taken from the back: the first components first.
  for (std::size_t i = missing_.size(); i > 0; --i) {
    if (missing_[i - 1] == 0) ready_.push_back(static_cast<ComponentIndex>(i - 1));
  }
}

std::optional<ComponentIndex> Schedule::take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !ready_.empty() || left_ == 0; });
  if (ready_.empty()) return std::nullopt;
  const ComponentIndex component = ready_.back();
  ready_.pop_back();
  if (--left_ == 0) changed_.notify_all();
  return component;
}

void Schedule::done(ComponentIndex component) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = consumer_offsets_[component]; i < consumer_offsets_[component + 1]; ++i) {
    if (--missing_[consumers_[i]] == 0) ready_.push_back(consumers_[i]);
  }
  // The caller takes one itself.
  if (ready_.size() > 1) changed_.notify_one();
}

}  // namespace baton::expansion
