#pragma once

#include <string>

#include "conformance/expansion/replay.hpp"
#include "conformance/expansion/vector_file.hpp"

namespace baton::expansion::conformance {

enum class ReferenceMode { kUpstream, kStrict };

struct ReferenceResult {
  GrantTable grants;
  /// As in the vectors' `expected_error`; empty if expansion succeeds.
  std::string error;
};

/// Expansion as the specification words it: sets, maps and loops over everything, nothing shared with the
/// library. At most 128 entitlements.
ReferenceResult reference_expand(const VectorCase& vector, const GrantTable& grants, ReferenceMode mode);

}  // namespace baton::expansion::conformance
