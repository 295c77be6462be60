#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace baton {

/// Rows that refer to a row that is not there.
class DanglingRows {
 public:
  /// Named one by one, at most; the rest are only counted.
  static constexpr std::size_t kExamples = 25;

  DanglingRows() = default;

  void add(bool type_is_synced, std::string example) {
    ++count;
    if (!type_is_synced) ++unsynced_type;
    if (examples.size() < kExamples) examples.push_back(std::move(example));
  }

  std::uint64_t count = 0;
  /// Of them, references into resource types that the run does not have: a gap of its configuration. The
  /// others are references into synced types, which the connector builds from ids that its listings never
  /// return.
  std::uint64_t unsynced_type = 0;
  std::vector<std::string> examples;
};

/// What the passes over a collected run found; `sync/invariants.hpp` judges it. The names I3 to I10 are those
/// of the sync specification, "Post-collection invariants".
class InvariantFindings {
 public:
  InvariantFindings() = default;

  /// I3: grant to the resource of its entitlement; apart for grants that brought that resource with them.
  DanglingRows grant_resources;
  DanglingRows inserted_grant_resources;
  /// I4: child listings that a stored resource implies and that were never planned.
  DanglingRows child_listings;
  /// I5: one line for each exclusion group that breaks a rule.
  std::vector<std::string> exclusion_groups;
  /// I7: entitlement to its resource.
  DanglingRows entitlement_resources;
  /// I8: grant to its entitlement.
  DanglingRows grant_entitlements;
  /// I9: grant to its principal.
  DanglingRows grant_principals;
  /// I10: cursors that are not at their end.
  std::uint64_t open_cursors = 0;
};

}  // namespace baton
