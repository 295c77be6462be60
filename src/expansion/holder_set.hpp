#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "expansion/types.hpp"

namespace baton::expansion {

/// Half-open range of ranks.
struct RankRange {
  PrincipalRank begin = 0;
  PrincipalRank end = 0;
};

/// All that hold an entitlement once expansion is done, in two lists by principal, neither of which it owns.
struct HolderSet {
  /// By a base grant.
  std::span<const Holder> base;
  /// By expansion. May name base holders again. `is_direct` says nothing in this list: expansion makes nobody
  /// a direct holder.
  std::span<const Holder> added;
};

/// Half-open part of a list of holders that lies in a range of ranks.
std::span<const Holder> part_in(std::span<const Holder> holders, RankRange range);

/// Whether a list by principal names this one.
bool holds(std::span<const Holder> holders, PrincipalRank principal);

/// A stretch of a list that passes an edge, for merging.
struct Run {
  const Holder* next = nullptr;
  const Holder* end = nullptr;
  /// Number of the feed, for the caller.
  uint32_t feed = 0;
  /// Of HolderSet::base, so that `is_direct` counts.
  bool from_base = false;
  /// Holders that are not direct do not pass.
  bool direct_only = false;

  std::size_t size() const { return static_cast<std::size_t>(end - next); }
};

/// Appends what passes an edge with these attributes, in at most two runs per range; nothing that is known to
/// be empty. `ranges` are ascending and disjoint and only looked at when `filtered`.
void append_runs(std::vector<Run>& runs, const HolderSet& holders, uint32_t feed, bool shallow, bool filtered,
                 std::span<const RankRange> ranges);

/// The principals of all runs, each once, by rank; none direct. O(n log k), or O(n + ranks / 64) when many
/// runs are dense.
std::vector<Holder> unite(std::vector<Run> runs);

}  // namespace baton::expansion
