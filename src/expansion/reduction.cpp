#include "expansion/reduction.hpp"

#include <algorithm>
#include <memory>

namespace baton::expansion {
namespace {

/// Walks the holders of a feed that pass its edge.
class Cursor {
 public:
  explicit Cursor(const Feed& feed)
      : next_(feed.holders.data()),
        segment_end_(feed.filtered ? next_ : next_ + feed.holders.size()),
        end_(next_ + feed.holders.size()),
        ranges_(feed.filtered ? feed.ranges : std::span<const RankRange>()),
        shallow_(feed.shallow) {
    settle();
  }

  bool done() const { return next_ == end_; }
  Holder holder() const { return *next_; }
  void advance() {
    ++next_;
    settle();
  }

 private:
  /// Moves on to the nearest holder that passes, or to the end.
  void settle() {
    for (;;) {
      if (shallow_)
        next_ = std::find_if(next_, segment_end_, [](Holder holder) { return holder.is_direct(); });
      if (next_ != segment_end_) return;
      if (ranges_.empty()) {
        next_ = segment_end_ = end_;
        return;
      }
      const auto below = [](Holder holder, PrincipalRank rank) { return holder.principal() < rank; };
      next_ = std::lower_bound(segment_end_, end_, ranges_.front().begin, below);
      segment_end_ = std::lower_bound(next_, end_, ranges_.front().end, below);
      ranges_ = ranges_.subspan(1);
    }
  }

  const Holder* next_;
  const Holder* segment_end_;  // holders before it pass the filter
  const Holder* end_;
  std::span<const RankRange> ranges_;  // not looked at yet
  bool shallow_;
};

/// One contribution to a principal: the feed's position, and whether the source grant is direct.
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

/// Merges all feeds: a binary heap of (principal, feed) with one entry per feed that is not done.
class Merge {
 public:
  explicit Merge(std::span<const Feed> feeds) {
    cursors_.reserve(feeds.size());
    for (uint32_t feed = 0; feed < feeds.size(); ++feed) {
      cursors_.emplace_back(feeds[feed]);
      if (!cursors_.back().done()) heap_.push_back(entry(feed));
    }
    std::sort(heap_.begin(), heap_.end());  // ascending is a heap
  }

  bool done() const { return heap_.empty(); }

  /// The next principal; its contributions, by feed, are added to `contributions`.
  PrincipalRank take(std::vector<Contribution>& contributions) {
    const auto principal = static_cast<PrincipalRank>(heap_.front() >> 32);
    do {
      const auto feed = static_cast<uint32_t>(heap_.front());
      Cursor& cursor = cursors_[feed];
      contributions.push_back(contribution(feed, cursor.holder().is_direct()));
      cursor.advance();
      if (cursor.done()) {
        heap_.front() = heap_.back();
        heap_.pop_back();
      } else {
        heap_.front() = entry(feed);
      }
      sink_front();
    } while (!heap_.empty() && heap_.front() >> 32 == principal);
    return principal;
  }

 private:
  uint64_t entry(uint32_t feed) const {
    return (static_cast<uint64_t>(cursors_[feed].holder().principal()) << 32) | feed;
  }

  void sink_front() {
    const std::size_t size = heap_.size();
    std::size_t hole = 0;
    for (std::size_t child = 1; child < size; child = 2 * hole + 1) {
      if (child + 1 < size && heap_[child + 1] < heap_[child]) ++child;
      if (heap_[hole] <= heap_[child]) return;
      std::swap(heap_[hole], heap_[child]);
      hole = child;
    }
  }

  std::vector<Cursor> cursors_;
  std::vector<uint64_t> heap_;
};

/// Final `sources` of rows that do not depend on what their base grant had.
struct SharedSources {
  std::vector<SourceEntry> entries;
  uint32_t key;
  EntitlementIndex first_source;
};

/// Makes each distinct set of contributions into sources once. Holds at most kMaxEntries entries, then
/// starts afresh, so that a destination whose rows all differ costs time and no memory.
class SourceLists {
 public:
  SourceLists(const Input& input, const ReductionRequest& request) : input_(input), request_(request) {}

  /// Valid until the next call.
  const SharedSources& get(const std::vector<Contribution>& contributions, bool with_self) {
    if (last_ != nullptr && last_with_self_ == with_self && last_contributions_ == contributions)
      return *last_;
    last_contributions_ = contributions;
    last_with_self_ = with_self;
    auto& lists = lists_[with_self ? 1 : 0];
    auto found = lists.find(contributions);
    if (found == lists.end()) {
      entries_ += contributions.size() + 1;
      if (entries_ > kMaxEntries) {
        lists_[0].clear();
        lists_[1].clear();
        entries_ = contributions.size() + 1;
      }
      found =
          lists.emplace(contributions, std::make_unique<SharedSources>(make(contributions, with_self))).first;
    }
    last_ = found->second.get();
    return *last_;
  }

  /// A key for sources that no other row shares.
  uint32_t new_key() { return next_key_++; }

 private:
  static constexpr std::size_t kMaxEntries = std::size_t{1} << 20;

  SharedSources make(const std::vector<Contribution>& contributions, bool with_self) {
    SharedSources made;
    made.key = new_key();
    made.entries.reserve(contributions.size() + 1);
    const Feed* first = &request_.feeds[feed_of(contributions.front())];
    for (const Contribution part : contributions) {
      const Feed& feed = request_.feeds[feed_of(part)];
      made.entries.push_back({input_.entitlement(feed.source).id, is_direct(part)});
      // Feeds lie in id order, so of one node the first one met stays.
      if (feed.node < first->node) first = &feed;
    }
    made.first_source = first->source;
    if (with_self) {
      const SourceEntry self{input_.entitlement(request_.destination).id, true};
      made.entries.insert(std::lower_bound(made.entries.begin(), made.entries.end(), self,
                                           [](const SourceEntry& a, const SourceEntry& b) {
                                             return a.entitlement_id < b.entitlement_id;
                                           }),
                          self);
    }
    return made;
  }

  const Input& input_;
  const ReductionRequest& request_;
  absl::flat_hash_map<std::vector<Contribution>, std::unique_ptr<SharedSources>> lists_[2];  // by with_self
  std::size_t entries_ = 0;
  uint32_t next_key_ = 0;
  // Neighbours mostly have the same contributions: one comparison instead of a look-up.
  const SharedSources* last_ = nullptr;
  bool last_with_self_ = false;
  std::vector<Contribution> last_contributions_;
};

/// Adds contributions to sources that a base grant has, both by id: absent ones are added, false becomes true
/// and never the other way round. Returns whether anything changed.
bool add_sources(std::span<const SourceEntry> base, std::span<const SourceEntry> contributions,
                 std::vector<SourceEntry>& merged) {
  merged.clear();
  bool changed = false;
  auto next = base.begin();
  for (const SourceEntry& added : contributions) {
    while (next != base.end() && next->entitlement_id < added.entitlement_id) merged.push_back(*next++);
    if (next == base.end() || next->entitlement_id != added.entitlement_id) {
      merged.push_back(added);
      changed = true;
    } else {
      const bool upgraded = added.is_direct && !next->is_direct;
      merged.push_back({next->entitlement_id, next->is_direct || upgraded});
      changed = changed || upgraded;
      ++next;
    }
  }
  merged.insert(merged.end(), next, base.end());
  return changed;
}

class DestinationReducer {
 public:
  DestinationReducer(const Input& input, const SynthesisedParents& parents, const ReductionRequest& request,
                     ResultSink& sink)
      : input_(input),
        parents_(parents),
        request_(request),
        sink_(sink),
        base_(input.holders(request.destination)),
        base_has_sources_(input.has_sources(request.destination)),
        lists_(input, request) {}

  absl::StatusOr<Reduction> run() && {
    if (absl::Status status = sink_.begin(request_.destination); !status.ok()) return status;
    Merge merge(request_.feeds);
    auto base = base_.begin();
    while (!merge.done()) {
      contributions_.clear();
      const PrincipalRank principal = merge.take(contributions_);
      while (base != base_.end() && base->principal() < principal) keep(*base++);
      absl::Status status;
      if (base != base_.end() && base->principal() == principal) {
        status = update(principal);
        keep(*base++);
      } else {
        status = synthesise(principal);
        keep(Holder(principal, false));
      }
      if (!status.ok()) return status;
    }
    while (base != base_.end()) keep(*base++);
    if (result_.synthesised == 0) result_.holders = {};
    if (absl::Status status = sink_.end(request_.destination); !status.ok()) return status;
    return std::move(result_);
  }

 private:
  void keep(Holder holder) {
    if (request_.keep_holders) result_.holders.push_back(holder);
  }

  absl::Status update(PrincipalRank principal) {
    const Input::SourceList* const sources =
        base_has_sources_ ? input_.sources(request_.destination, principal) : nullptr;
    ResultRow row;
    row.principal = principal;
    if (sources == nullptr) {
      const SharedSources& shared = lists_.get(contributions_, /*with_self=*/true);
      row.sources = shared.entries;
      row.sources_key = shared.key;
    } else {
      if (!add_sources(*sources, lists_.get(contributions_, /*with_self=*/false).entries, merged_)) {
        return absl::OkStatus();
      }
      row.sources = merged_;
      row.sources_key = lists_.new_key();
    }
    ++result_.changed;
    return sink_.row(row);
  }

  absl::Status synthesise(PrincipalRank principal) {
    const SharedSources& shared = lists_.get(contributions_, /*with_self=*/false);
    ResultRow row;
    row.principal = principal;
    row.synthesised = true;
    row.sources = shared.entries;
    row.sources_key = shared.key;
    row.first_source = shared.first_source;
    row.parent = input_.parent_view(parent(principal, shared.first_source));
    ++result_.synthesised;
    return sink_.row(row);
  }

  Input::ParentIndex parent(PrincipalRank principal, EntitlementIndex source) {
    if (!input_.parents_differ(principal)) return input_.parent(principal);
    const auto inherited = parents_.find({source, principal});
    const Input::ParentIndex parent =
        inherited != parents_.end() ? inherited->second : input_.parent_of_grant(source, principal);
    result_.parents.emplace_back(principal, parent);
    return parent;
  }

  const Input& input_;
  const SynthesisedParents& parents_;
  const ReductionRequest& request_;
  ResultSink& sink_;
  std::span<const Holder> base_;
  bool base_has_sources_;
  SourceLists lists_;
  std::vector<Contribution> contributions_;
  std::vector<SourceEntry> merged_;
  Reduction result_;
};

}  // namespace

absl::StatusOr<Reduction> reduce(const Input& input, const SynthesisedParents& parents,
                                 const ReductionRequest& request, ResultSink& sink) {
  return DestinationReducer(input, parents, request, sink).run();
}

}  // namespace baton::expansion
