#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/invariant_findings.hpp"
#include "sync/options.hpp"

namespace baton::sync {

/// Which invariants apply to a run.
class InvariantChecks {
 public:
  InvariantChecks() = default;

  /// References between rows (I3, I7, I8, I9): full syncs only, as the others do not hold all rows.
  bool references = false;
  /// I4, in fail-fast mode.
  bool child_listings = false;
};
InvariantChecks invariant_checks(const SyncOptions& options);

/// What the invariants mean for the end of a run.
class InvariantVerdict {
 public:
  InvariantVerdict() = default;

  /// FailedPrecondition, not to be retried, when the run must not be sealed.
  absl::Status violation;
  /// One line for each invariant.
  std::vector<std::string> warnings;
  /// The marker of the sealed file: which checks it passed, and how strictly.
  std::vector<std::string> coverage;
  std::string mode;
};

/// The generation of the checks, for the same marker.
inline constexpr const char* kInvariantGeneration = "1";

/// Pure. In fail-fast mode every warning is a violation.
InvariantVerdict judge_invariants(const InvariantFindings& findings, const SyncOptions& options);

}  // namespace baton::sync
