#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/invariant_findings.hpp"
#include "storage/database.hpp"

namespace baton::storage {

/// What a pass over the invariants looks for; see `SyncStore::check_invariants`.
class InvariantPass {
 public:
  InvariantPass() = default;

  bool references = false;
  /// Whether a listing of this child type below this parent was planned; empty: not looked at.
  std::function<absl::StatusOr<bool>(const std::string& child_type, const std::string& parent_type,
                                     const std::string& parent_id)>
      child_planned;
  /// Asked every few thousand rows; anything but OK ends the pass and is returned.
  std::function<absl::Status()> go_on;
};

/// One linear pass over each family of collected rows, what expansion made left aside: its references are
/// those of collected rows. Memory: eight bytes and a little for each resource and each exclusion group; two
/// ids whose 64-bit hashes agree would count as one.
absl::StatusOr<InvariantFindings> check_invariants(const Snapshot& snapshot, const InvariantPass& pass);

}  // namespace baton::storage
