#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "expansion/holder_set.hpp"
#include "expansion/input.hpp"

namespace baton::expansion {

/// One contribution to a principal: the feed, and whether the source grant is direct. Ordered by feed.
using Contribution = uint32_t;

constexpr Contribution contribution(uint32_t feed, bool is_direct) {
  return (feed << 1) | (is_direct ? 1U : 0U);
}
constexpr uint32_t feed_of(Contribution contribution) {
  return contribution >> 1;
}
constexpr bool is_direct(Contribution contribution) {
  return (contribution & 1U) != 0;
}

/// Merges runs by principal. Few or thin runs go through a heap; many dense ones are sorted by counting, a
/// window of ranks at a time. The result is the same. Not thread-safe.
class Merge {
 public:
  explicit Merge(std::vector<Run> runs);

  /// As the constructor above; and principals that come soon are prefetched from `input`, which must outlive
  /// this.
  Merge(std::vector<Run> runs, const Input& input);

  bool done() const { return windowed_ ? window_at_ == window_contributions_.size() : heap_.empty(); }

  /// The next principal; replaces `contributions` by its own: by feed, each feed once, direct if any of its
  /// runs says so.
  PrincipalRank take(std::vector<Contribution>& contributions);

 private:
  PrincipalRank take_from_heap(std::vector<Contribution>& contributions);
  PrincipalRank take_from_window(std::vector<Contribution>& contributions);
  uint64_t heap_entry(uint32_t run) const;
  void prefetch(const Run& run) const;
  void sink_front();
  void fill_window();

  const Input* input_ = nullptr;
  std::vector<Run> runs_;  // by feed, the base run of a feed first
  bool windowed_;
  std::vector<uint64_t> heap_;  // principal, run

  // Of the principals in the window: where the contributions of each end.
  uint64_t window_begin_ = 0;
  std::vector<uint32_t> window_ends_;
  std::vector<Contribution> window_contributions_;
  std::size_t window_at_ = 0;
  uint32_t window_rank_ = 0;
};

}  // namespace baton::expansion
