#include "expansion/reduction.hpp"

#include <algorithm>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "expansion/merge.hpp"

namespace baton::expansion {
namespace {

/// Final `sources` of rows that do not depend on what their base grant had.
struct SharedSources {
  std::vector<SourceEntry> entries;
  /// The feed of the first node.
  uint32_t first_feed = 0;
  /// For the sink.
  std::string encoded;
};

/// Makes each distinct set of contributions into sources once. Holds at most kMaxEntries entries, then
/// starts afresh, so that a destination whose rows all differ costs time and no memory.
class SourceLists {
 public:
  SourceLists(const Input& input, EntitlementIndex destination, std::span<const Feed> feeds, bool with_self)
      : input_(input), destination_(destination), feeds_(feeds), with_self_(with_self) {}

  /// Valid until the next call.
  SharedSources& get(const std::vector<Contribution>& contributions) {
    if (last_ != nullptr && last_contributions_ == contributions) return *last_;
    last_contributions_ = contributions;
    std::unique_ptr<SharedSources>& place =
        feeds_.size() <= kPackedFeeds ? packed_[pack(contributions)] : lists_[contributions];
    if (place == nullptr) {
      entries_ += contributions.size() + 1;
      auto made = make(contributions);
      if (entries_ > kMaxEntries) {
        packed_.clear();
        lists_.clear();
        entries_ = contributions.size() + 1;
        return keep(feeds_.size() <= kPackedFeeds ? packed_[pack(contributions)] : lists_[contributions],
                    std::move(made));
      }
      return keep(place, std::move(made));
    }
    last_ = place.get();
    return *last_;
  }

 private:
  static constexpr std::size_t kMaxEntries = std::size_t{1} << 16;
  /// Feeds whose contributions fit a word, two bits each.
  static constexpr std::size_t kPackedFeeds = 32;

  static uint64_t pack(const std::vector<Contribution>& contributions) {
    uint64_t packed = 0;
    for (const Contribution part : contributions) {
      packed |= (is_direct(part) ? UINT64_C(3) : UINT64_C(1)) << (2 * feed_of(part));
    }
    return packed;
  }

  SharedSources& keep(std::unique_ptr<SharedSources>& place, std::unique_ptr<SharedSources> made) {
    place = std::move(made);
    last_ = place.get();
    return *last_;
  }

  std::unique_ptr<SharedSources> make(const std::vector<Contribution>& contributions) const {
    auto made = std::make_unique<SharedSources>();
    made->entries.reserve(contributions.size() + 1);
    made->first_feed = feed_of(contributions.front());
    for (const Contribution part : contributions) {
      const Feed& feed = feeds_[feed_of(part)];
      made->entries.push_back({input_.entitlement(feed.source).id, is_direct(part)});
      // Feeds lie in id order, so of one node the first one met stays.
      if (feed.node < feeds_[made->first_feed].node) made->first_feed = feed_of(part);
    }
    if (with_self_) {
      const SourceEntry self{input_.entitlement(destination_).id, true};
      made->entries.insert(std::lower_bound(made->entries.begin(), made->entries.end(), self,
                                            [](const SourceEntry& a, const SourceEntry& b) {
                                              return a.entitlement_id < b.entitlement_id;
                                            }),
                           self);
    }
    return made;
  }

  const Input& input_;
  const EntitlementIndex destination_;
  const std::span<const Feed> feeds_;
  const bool with_self_;
  absl::flat_hash_map<uint64_t, std::unique_ptr<SharedSources>> packed_;
  absl::flat_hash_map<std::vector<Contribution>, std::unique_ptr<SharedSources>> lists_;
  std::size_t entries_ = 0;
  // Neighbours mostly have the same contributions: one comparison instead of a look-up.
  SharedSources* last_ = nullptr;
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
  DestinationReducer(const Input& input, EntitlementIndex destination, std::span<const Feed> feeds,
                     ResultSink& sink)
      : input_(input),
        destination_(destination),
        feeds_(feeds),
        sink_(sink),
        base_(input.holders(destination)),
        base_has_sources_(input.has_sources(destination)),
        new_lists_(input, destination, feeds, false),
        self_lists_(input, destination, feeds, true) {}

  absl::StatusOr<RowCounts> run() && {
    if (absl::Status status = sink_.begin(destination_); !status.ok()) return status;
    Merge merge(runs_of(feeds_), input_);
    auto base = base_.begin();
    while (!merge.done()) {
      const PrincipalRank principal = merge.take(contributions_);
      while (base != base_.end() && base->principal() < principal) ++base;
      const bool has_base = base != base_.end() && base->principal() == principal;
      if (absl::Status status = has_base ? update(principal) : synthesise(principal); !status.ok()) {
        return status;
      }
    }
    if (absl::Status status = sink_.end(destination_); !status.ok()) return status;
    return counts_;
  }

 private:
  absl::Status update(PrincipalRank principal) {
    const Input::SourceList* const sources =
        base_has_sources_ ? input_.sources(destination_, principal) : nullptr;
    ResultRow row;
    row.principal = principal;
    if (sources == nullptr) {
      SharedSources& shared = self_lists_.get(contributions_);
      row.sources = shared.entries;
      row.encoded = &shared.encoded;
    } else {
      if (!add_sources(*sources, new_lists_.get(contributions_).entries, merged_)) return absl::OkStatus();
      row.sources = merged_;
      merged_encoded_.clear();
      row.encoded = &merged_encoded_;
    }
    ++counts_.changed;
    return sink_.row(row);
  }

  absl::Status synthesise(PrincipalRank principal) {
    SharedSources& shared = new_lists_.get(contributions_);
    const Feed& first = feeds_[shared.first_feed];
    ResultRow row;
    row.principal = principal;
    row.synthesised = true;
    row.sources = shared.entries;
    row.encoded = &shared.encoded;
    row.first_source = first.source;
    row.parent = input_.parent_view(carried_parent(input_, first, principal));
    ++counts_.synthesised;
    return sink_.row(row);
  }

  const Input& input_;
  const EntitlementIndex destination_;
  const std::span<const Feed> feeds_;
  ResultSink& sink_;
  std::span<const Holder> base_;
  bool base_has_sources_;
  SourceLists new_lists_;   // contributions alone
  SourceLists self_lists_;  // and the destination itself
  std::vector<Contribution> contributions_;
  std::vector<SourceEntry> merged_;
  std::string merged_encoded_;
  RowCounts counts_;
};

}  // namespace

std::vector<Run> runs_of(std::span<const Feed> feeds) {
  std::vector<Run> runs;
  for (uint32_t i = 0; i < feeds.size(); ++i) {
    append_runs(runs, feeds[i].holders, i, feeds[i].shallow, feeds[i].filtered, feeds[i].ranges);
  }
  return runs;
}

Input::ParentIndex carried_parent(const Input& input, const Feed& feed, PrincipalRank principal) {
  if (!input.parents_differ(principal)) return input.parent(principal);
  if (holds(feed.holders.base, principal)) return input.parent_of_grant(feed.source, principal);
  const auto place =
      std::lower_bound(feed.parents.begin(), feed.parents.end(), principal,
                       [](const CarriedParent& carried, PrincipalRank rank) { return carried.first < rank; });
  return place != feed.parents.end() && place->first == principal ? place->second : input.parent(principal);
}

absl::StatusOr<RowCounts> reduce(const Input& input, EntitlementIndex destination,
                                 std::span<const Feed> feeds, ResultSink& sink) {
  return DestinationReducer(input, destination, feeds, sink).run();
}

}  // namespace baton::expansion
