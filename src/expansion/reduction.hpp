#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "expansion/graph.hpp"
#include "expansion/holder_set.hpp"
#include "expansion/input.hpp"
#include "expansion/types.hpp"

namespace baton::expansion {

/// One row of a destination that expansion adds or changes. The span lives until the sink returns; the texts
/// in it live as long as the Input.
struct ResultRow {
  PrincipalRank principal = 0;
  /// True: a new grant, to be written whole, marked immutable. False: the base grant stays as it is but for
  /// its sources.
  bool synthesised = false;
  /// The grant's sources as they shall be, sorted by the bytes of the id.
  std::span<const SourceEntry> sources;
  /// For the sink to keep its encoding of `sources` in, empty at first: rows of one kind (synthesised or not)
  /// and destination with equal sources mostly share it. Few sources are distinct in real data.
  std::string* encoded = nullptr;
  /// Of a synthesised grant: the source entitlement that named the principal first, in (node order,
  /// entitlement id) order.
  EntitlementIndex first_source = 0;
  /// Of a synthesised grant: the principal's parent, as carried by the grant on first_source.
  ResourceView parent;
};

/// Takes what expansion finds. Called from the thread that evaluates, never concurrently by one evaluation.
/// An error stops the evaluation and is handed on.
class ResultSink {
 public:
  virtual ~ResultSink() = default;

  /// Rows of this destination follow, possibly none. Each destination comes once.
  virtual absl::Status begin(EntitlementIndex destination) = 0;
  /// Rows come by ascending principal.
  virtual absl::Status row(const ResultRow& row) = 0;
  /// The destination is complete.
  virtual absl::Status end(EntitlementIndex destination) = 0;
};

/// Which parent a principal's synthesised grants carry; kept only for principals whose base grants disagree
/// (Input::parents_differ).
using CarriedParent = std::pair<PrincipalRank, Input::ParentIndex>;

/// What one source entitlement offers a destination.
struct Feed {
  EntitlementIndex source = 0;
  /// The node of the source, for the order of first sources.
  NodeIndex node = 0;
  /// All that hold the source now.
  HolderSet holders;
  /// Of the source's synthesised grants, by principal.
  std::span<const CarriedParent> parents;
  bool shallow = false;
  bool filtered = false;
  /// With `filtered`: the ranks that pass, ascending and disjoint.
  std::span<const RankRange> ranges;
};

/// What passes the edges of `feeds`, by feed.
std::vector<Run> runs_of(std::span<const Feed> feeds);

/// The parent that the grant of a feed's source to this principal carries. The grant must exist.
Input::ParentIndex carried_parent(const Input& input, const Feed& feed, PrincipalRank principal);

/// Rows that a destination gets.
struct RowCounts {
  uint64_t synthesised = 0;
  uint64_t changed = 0;
};

/// Works out one destination: merges the feeds (distinct sources, by the bytes of their ids, their grants
/// final) by principal, applies the rules of what is written, and hands changed rows to the sink between
/// `begin` and `end`. O(n log k) for n holders in k feeds, O(n) when they are many and dense; memory is O(k)
/// and a bounded table of distinct source lists. Reads and writes only its arguments. Fails only as the sink
/// fails.
absl::StatusOr<RowCounts> reduce(const Input& input, EntitlementIndex destination,
                                 std::span<const Feed> feeds, ResultSink& sink);

}  // namespace baton::expansion
