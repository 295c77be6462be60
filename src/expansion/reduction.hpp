#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "expansion/graph.hpp"
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
  /// Rows of one destination with equal keys have equal sources: a caller that encodes them can do so once
  /// per key. Keys count up from 0 in order of first use; few are distinct in real data.
  uint32_t sources_key = 0;
  /// Of a synthesised grant: the source entitlement that named the principal first, in (node order,
  /// entitlement id) order.
  EntitlementIndex first_source = 0;
  /// Of a synthesised grant: the principal's parent, as carried by the grant on first_source.
  ResourceView parent;
};

/// Takes what expansion finds. Called from the thread that evaluates, never concurrently by one evaluator.
/// An error stops the evaluation and is handed on.
class ResultSink {
 public:
  virtual ~ResultSink() = default;

  /// Rows of this destination follow, possibly none. Each destination comes once, parents before children.
  virtual absl::Status begin(EntitlementIndex destination) = 0;
  /// Rows come by ascending principal.
  virtual absl::Status row(const ResultRow& row) = 0;
  /// The destination is complete.
  virtual absl::Status end(EntitlementIndex destination) = 0;
};

/// What one source entitlement offers a destination.
struct Feed {
  EntitlementIndex source = 0;
  /// The node of the source, for the order of first sources.
  NodeIndex node = 0;
  /// All that hold the source now, by principal.
  std::span<const Holder> holders;
  bool shallow = false;
  bool filtered = false;
  /// With `filtered`: the ranks that pass, ascending and disjoint.
  std::span<const RankRange> ranges;
};

/// Parents that synthesised grants carry, only for principals whose base grants disagree
/// (Input::parents_differ).
using SynthesisedParents =
    absl::flat_hash_map<std::pair<EntitlementIndex, PrincipalRank>, Input::ParentIndex>;

struct ReductionRequest {
  EntitlementIndex destination = 0;
  /// Distinct sources, by the bytes of their ids; their grants are final.
  std::span<const Feed> feeds;
  /// Whether somebody will read the destination's holders.
  bool keep_holders = true;
};

struct Reduction {
  /// All that hold the destination afterwards. Empty if no row was synthesised, when these are just the base
  /// holders, or if the caller did not ask for them.
  std::vector<Holder> holders;
  /// What to add to SynthesisedParents; almost always nothing.
  std::vector<std::pair<PrincipalRank, Input::ParentIndex>> parents;
  uint64_t synthesised = 0;
  uint64_t changed = 0;
};

/// Works out one destination: merges the feeds by principal, applies the rules of what is written, and hands
/// changed rows to the sink between `begin` and `end`. O(n log k) for n holders in k feeds; memory besides
/// the result is O(k) and a bounded table of distinct source lists. Reads and writes only its arguments.
/// Fails only as the sink fails.
absl::StatusOr<Reduction> reduce(const Input& input, const SynthesisedParents& parents,
                                 const ReductionRequest& request, ResultSink& sink);

}  // namespace baton::expansion
