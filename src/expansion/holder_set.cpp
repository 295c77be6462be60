#include "expansion/holder_set.hpp"

#include <algorithm>
#include <bit>

#include "expansion/merge.hpp"

namespace baton::expansion {
namespace {

void append_run(std::vector<Run>& runs, std::span<const Holder> part, uint32_t feed, bool from_base,
                bool direct_only) {
  Run run{part.data(), part.data() + part.size(), feed, from_base, direct_only};
  if (direct_only)
    run.next = std::find_if(run.next, run.end, [](Holder holder) { return holder.is_direct(); });
  if (run.next != run.end) runs.push_back(run);
}

void append_part(std::vector<Run>& runs, const HolderSet& part, uint32_t feed, bool shallow) {
  append_run(runs, part.base, feed, true, shallow);
  if (!shallow) append_run(runs, part.added, feed, false, false);
}

/// Sets a bit per principal and reads them off in order.
std::vector<Holder> unite_dense(const std::vector<Run>& runs, PrincipalRank first, std::size_t ranks) {
  std::vector<uint64_t> bits((ranks + 63) / 64);
  for (const Run& run : runs) {
    for (const Holder* holder = run.next; holder != run.end; ++holder) {
      if (run.direct_only && !holder->is_direct()) continue;
      const PrincipalRank offset = holder->principal() - first;
      bits[offset / 64] |= uint64_t{1} << (offset % 64);
    }
  }
  std::size_t count = 0;
  for (const uint64_t word : bits) count += static_cast<std::size_t>(std::popcount(word));
  std::vector<Holder> united;
  united.reserve(count);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    for (uint64_t word = bits[i]; word != 0; word &= word - 1) {
      united.emplace_back(
          first + static_cast<PrincipalRank>(i * 64) + static_cast<PrincipalRank>(std::countr_zero(word)),
          false);
    }
  }
  return united;
}

}  // namespace

std::span<const Holder> part_in(std::span<const Holder> holders, RankRange range) {
  const auto below = [](Holder holder, PrincipalRank rank) { return holder.principal() < rank; };
  const auto begin = std::lower_bound(holders.begin(), holders.end(), range.begin, below);
  return {begin, std::lower_bound(begin, holders.end(), range.end, below)};
}

bool holds(std::span<const Holder> holders, PrincipalRank principal) {
  return !part_in(holders, {principal, principal + 1}).empty();
}

void append_runs(std::vector<Run>& runs, const HolderSet& holders, uint32_t feed, bool shallow, bool filtered,
                 std::span<const RankRange> ranges) {
  if (!filtered) return append_part(runs, holders, feed, shallow);
  for (const RankRange range : ranges) {
    append_part(runs, {part_in(holders.base, range), part_in(holders.added, range)}, feed, shallow);
  }
}

std::vector<Holder> unite(std::vector<Run> runs) {
  std::vector<Holder> united;
  if (runs.empty()) return united;
  std::size_t holders = 0;
  PrincipalRank first = UINT32_MAX;
  PrincipalRank last = 0;
  for (const Run& run : runs) {
    holders += run.size();
    first = std::min(first, run.next->principal());
    last = std::max(last, (run.end - 1)->principal());
  }
  const std::size_t ranks = std::size_t{last} - first + 1;
  // A word of the bitmap costs about as much as a step of the heap.
  if (runs.size() > 1 && holders * static_cast<std::size_t>(std::bit_width(runs.size())) >= ranks / 64) {
    return unite_dense(runs, first, ranks);
  }
  united.reserve(holders);
  Merge merge(std::move(runs));
  std::vector<Contribution> contributions;
  while (!merge.done()) united.emplace_back(merge.take(contributions), false);
  return united;
}

}  // namespace baton::expansion
