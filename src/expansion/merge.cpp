#include "expansion/merge.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace baton::expansion {
namespace {

/// Ranks of one window; its counters fit the second-level cache.
constexpr uint64_t kWindowRanks = UINT64_C(1) << 16;
/// Fewer runs are faster through the heap, however dense.
constexpr std::size_t kWindowedRuns = 12;
/// How far ahead of a run's next holder memory is asked for: some rows' work each.
constexpr std::ptrdiff_t kPrincipalsAhead = 8;
constexpr std::ptrdiff_t kIdsAhead = 4;

/// Whether counting through all ranks costs less than a heap over all holders.
bool is_dense(const std::vector<Run>& runs) {
  if (runs.size() < kWindowedRuns) return false;
  std::size_t holders = 0;
  PrincipalRank first = UINT32_MAX;
  PrincipalRank last = 0;
  for (const Run& run : runs) {
    holders += run.size();
    first = std::min(first, run.next->principal());
    last = std::max(last, (run.end - 1)->principal());
  }
  return holders >= (std::size_t{last} - first) / 4;
}

void advance(Run& run) {
  ++run.next;
  if (run.direct_only) {
    run.next = std::find_if(run.next, run.end, [](Holder holder) { return holder.is_direct(); });
  }
}

bool counts_as_direct(const Run& run, Holder holder) {
  return run.from_base && holder.is_direct();
}

/// Adds one, or turns the last one direct if it is of the same feed.
void add(std::vector<Contribution>& contributions, Contribution added) {
  if (!contributions.empty() && feed_of(contributions.back()) == feed_of(added)) {
    contributions.back() |= added;
  } else {
    contributions.push_back(added);
  }
}

}  // namespace

Merge::Merge(std::vector<Run> runs) : runs_(std::move(runs)), windowed_(is_dense(runs_)) {
  if (windowed_) {
    window_ends_.resize(kWindowRanks + 1);
    fill_window();
    return;
  }
  heap_.reserve(runs_.size());
  for (uint32_t run = 0; run < runs_.size(); ++run) heap_.push_back(heap_entry(run));
  std::sort(heap_.begin(), heap_.end());  // ascending is a heap
}

Merge::Merge(std::vector<Run> runs, const Input& input) : Merge(std::move(runs)) {
  input_ = &input;
}

PrincipalRank Merge::take(std::vector<Contribution>& contributions) {
  contributions.clear();
  return windowed_ ? take_from_window(contributions) : take_from_heap(contributions);
}

uint64_t Merge::heap_entry(uint32_t run) const {
  return (static_cast<uint64_t>(runs_[run].next->principal()) << 32) | run;
}

// Inlined by force: g++ 12 takes a function that only prefetches for one without effect and drops the call.
[[gnu::always_inline]] inline void Merge::prefetch(const Run& run) const {
  if (input_ == nullptr) return;
  const auto left = run.end - run.next;
  if (left > kPrincipalsAhead) input_->prefetch_principal(run.next[kPrincipalsAhead].principal());
  if (left > kIdsAhead) input_->prefetch_id(run.next[kIdsAhead].principal());
}

PrincipalRank Merge::take_from_heap(std::vector<Contribution>& contributions) {
  const auto principal = static_cast<PrincipalRank>(heap_.front() >> 32);
  do {
    const auto index = static_cast<uint32_t>(heap_.front());
    Run& run = runs_[index];
    add(contributions, contribution(run.feed, counts_as_direct(run, *run.next)));
    advance(run);
    prefetch(run);
    if (run.next == run.end) {
      heap_.front() = heap_.back();
      heap_.pop_back();
    } else {
      heap_.front() = heap_entry(index);
    }
    sink_front();
  } while (!heap_.empty() && static_cast<PrincipalRank>(heap_.front() >> 32) == principal);
  return principal;
}

void Merge::sink_front() {
  const std::size_t size = heap_.size();
  std::size_t hole = 0;
  for (std::size_t child = 1; child < size; child = 2 * hole + 1) {
    if (child + 1 < size && heap_[child + 1] < heap_[child]) ++child;
    if (heap_[hole] <= heap_[child]) return;
    std::swap(heap_[hole], heap_[child]);
    hole = child;
  }
}

PrincipalRank Merge::take_from_window(std::vector<Contribution>& contributions) {
  while (window_ends_[window_rank_] == window_at_) ++window_rank_;
  const auto principal = static_cast<PrincipalRank>(window_begin_ + window_rank_);
  for (; window_at_ < window_ends_[window_rank_]; ++window_at_) {
    add(contributions, window_contributions_[window_at_]);
  }
  if (window_at_ == window_contributions_.size()) fill_window();
  return principal;
}

/// Sorts the contributions to the next ranks by counting; leaves the window empty when there are none left.
void Merge::fill_window() {
  window_at_ = 0;
  window_rank_ = 0;
  window_contributions_.clear();
  std::erase_if(runs_, [](const Run& run) { return run.next == run.end; });
  if (runs_.empty()) return;
  PrincipalRank first = UINT32_MAX;
  for (const Run& run : runs_) first = std::min(first, run.next->principal());
  window_begin_ = first;
  const uint64_t window_end = window_begin_ + kWindowRanks;
  const auto in_window = [&](const Run& run) {
    return run.next != run.end && run.next->principal() < window_end;
  };

  // Counters stand one place on, so that after the pass that places them each is where its rank ends.
  std::fill(window_ends_.begin(), window_ends_.end(), 0);
  std::size_t total = 0;
  for (Run run : runs_) {
    for (; in_window(run); advance(run), ++total) ++window_ends_[run.next->principal() - first + 1];
  }
  for (std::size_t i = 1; i < window_ends_.size(); ++i) window_ends_[i] += window_ends_[i - 1];
  window_contributions_.resize(total);
  for (Run& run : runs_) {
    for (; in_window(run); advance(run)) {
      window_contributions_[window_ends_[run.next->principal() - first]++] =
          contribution(run.feed, counts_as_direct(run, *run.next));
    }
  }
}

}  // namespace baton::expansion
