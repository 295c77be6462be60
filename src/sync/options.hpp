#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baton::sync {

/// How grants held by groups are propagated to their members (`spec` of grant expansion).
enum class ExpansionMode { kUpstream, kStrict, kOff };

/// As flags, configurations and run headers spell it.
constexpr const char* to_string(ExpansionMode mode) {
  switch (mode) {
    case ExpansionMode::kUpstream:
      return "upstream";
    case ExpansionMode::kStrict:
      return "strict";
    case ExpansionMode::kOff:
      break;
  }
  return "off";
}

/// The mode of that spelling; kOff for any other word.
constexpr ExpansionMode expansion_mode(std::string_view word) {
  for (const ExpansionMode mode : {ExpansionMode::kUpstream, ExpansionMode::kStrict}) {
    if (word == to_string(mode)) return mode;
  }
  return ExpansionMode::kOff;
}

/// One resource that a targeted sync is about.
class ResourceTarget {
 public:
  ResourceTarget() = default;
  ResourceTarget(std::string type, std::string id, std::string parent_type = {}, std::string parent_id = {})
      : type_id(std::move(type)),
        id(std::move(id)),
        parent_type_id(std::move(parent_type)),
        parent_id(std::move(parent_id)) {}

  std::string type_id;
  std::string id;
  /// Both empty at the root.
  std::string parent_type_id;
  std::string parent_id;
};

/// What the operator asked a sync to do; the part that decides which rows the result holds.
class SyncOptions {
 public:
  SyncOptions() = default;

  /// Keep only these resource types; empty keeps all.
  std::vector<std::string> resource_types;
  /// Read `targets` and what hangs on them instead of everything; `targets` may be empty then.
  bool targeted = false;
  std::vector<ResourceTarget> targets;
  bool skip_entitlements_and_grants = false;
  bool skip_grants = false;
  /// Validate, then seal an empty sync.
  bool skip_full_sync = false;
  ExpansionMode expansion = ExpansionMode::kUpstream;
  /// A type whose listing is not found ends the sync, instead of being left out with a warning.
  bool require_all_types = false;
  /// Rows that refer to rows that are not there end the sync, instead of being told of.
  bool strict_invariants = false;
  /// Types of the external sync that are copied into this one; empty without one.
  std::set<std::string, std::less<>> external_types;

  bool wants_type(const std::string& id) const {
    if (resource_types.empty()) return true;
    for (const std::string& wanted : resource_types) {
      if (wanted == id) return true;
    }
    return false;
  }
  /// All rows are read: references between them can be judged.
  bool is_full() const { return !targeted && !skip_entitlements_and_grants; }
  /// The sync type that the result is recorded as.
  const char* sync_type() const {
    if (targeted) return "partial";
    return skip_entitlements_and_grants ? "resources_only" : "full";
  }
};

}  // namespace baton::sync
