#pragma once

#include <string>
#include <string_view>
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

/// What the operator asked a sync to do; the part that decides which rows the result holds.
class SyncOptions {
 public:
  SyncOptions() = default;

  /// Keep only these resource types; empty keeps all.
  std::vector<std::string> resource_types;
  bool skip_entitlements_and_grants = false;
  bool skip_grants = false;
  /// Validate, then seal an empty sync.
  bool skip_full_sync = false;
  ExpansionMode expansion = ExpansionMode::kUpstream;

  bool wants_type(const std::string& id) const {
    if (resource_types.empty()) return true;
    for (const std::string& wanted : resource_types) {
      if (wanted == id) return true;
    }
    return false;
  }
  /// The sync type that the result is recorded as.
  const char* sync_type() const { return skip_entitlements_and_grants ? "resources_only" : "full"; }
};

}  // namespace baton::sync
