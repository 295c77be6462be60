#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"

namespace baton::storage {

/// What `SyncStore::check_invariants` looks for.
class InvariantChecks {
 public:
  InvariantChecks() = default;

  /// References between rows.
  bool references = false;
  /// Answers whether listings of a child type belong to the run; child listings are not looked at when empty.
  std::function<bool(const std::string& child_type)> wants_child;
  /// Asked every few thousand rows; anything but OK ends the pass and is returned.
  std::function<absl::Status()> go_on;
};

}  // namespace baton::storage
