#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

#include "expansion/graph.hpp"

namespace baton::expansion {

/// Hands out the components of a graph so that each comes after all that feed it: one is ready when the last
/// of those is done, however many threads ask. Thread-safe. The graph must outlive it.
class Schedule {
 public:
  explicit Schedule(const Graph& graph);

  /// The next component to settle; waits while others are being worked on that may make one ready. Nothing
  /// when all were handed out.
  std::optional<ComponentIndex> take();
  /// A component that was taken is settled.
  void done(ComponentIndex component);

 private:
  std::vector<std::size_t> consumer_offsets_;
  std::vector<ComponentIndex> consumers_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<uint32_t> missing_;  // per component: feeding edges whose source is not done
  std::vector<ComponentIndex> ready_;
  std::size_t left_;  // not taken yet
};

}  // namespace baton::expansion
