#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "conformance/expansion/vector_file.hpp"
#include "expansion/report.hpp"

namespace baton::expansion::conformance {

/// A grant's identity: entitlement resource, entitlement id, principal.
using GrantKey = std::tuple<Ref, std::string, Ref>;

/// The grant table of one sync, as a store that folds equal identities holds it.
using GrantTable = std::map<GrantKey, VectorGrant>;

/// In which order rows are fed to the builder; the result must not depend on it.
enum class RowOrder { kKeyOrder, kReversed };

struct Replay {
  GrantTable grants;
  GraphReport report;
  Statistics statistics;
  /// Members of every collapsed cycle, sorted.
  std::vector<std::vector<std::string>> cycles;
  /// Breaches of what ResultSink and ResultRow promise, in words.
  std::vector<std::string> breaches;
};

/// What ingest makes of a case's rows before expansion: grants of unlisted principal types are dropped,
/// unlisted types leave filters (a filter emptied that way takes the description with it), descriptions
/// without a usable id are dropped, and of equal identities the last one stays.
GrantTable ingest(const VectorCase& vector);

/// Runs expansion over `grants` and applies what it delivers, as a store would.
absl::StatusOr<Replay> expand(const VectorCase& vector, GrantTable grants, RowOrder order,
                              CycleMode mode = CycleMode::kCollapse);

/// The table in the form of a vector's `expected_grants`, sorted.
std::vector<ExpectedGrant> as_expected(const GrantTable& grants);

}  // namespace baton::expansion::conformance
