#pragma once

#include <string>
#include <vector>

namespace baton::sync {

/// How grants held by groups are propagated to their members (`spec` of grant expansion).
enum class ExpansionMode { kUpstream, kStrict, kOff };

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
