#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/task.hpp"

namespace baton::sdk {

/// What a connector remembers between the calls of one sync, and only of that sync: the store is bound to it.
///
/// Survives a restart of the process. Keys are 1 to 1024 bytes, values at most 1 MiB (InvalidArgument
/// beyond). Used from the connector's executor only.
class SessionStore {
 public:
  virtual ~SessionStore() = default;
  /// Nothing when the key was never set or has been erased.
  virtual Task<absl::StatusOr<std::optional<std::string>>> get(std::string key) = 0;
  virtual Task<absl::Status> set(std::string key, std::string value) = 0;
  /// OK when the key does not exist.
  virtual Task<absl::Status> erase(std::string key) = 0;
};

}  // namespace baton::sdk
