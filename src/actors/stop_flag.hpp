#pragma once

#include <atomic>

#include "absl/status/status.h"

namespace baton::actors {

/// Tells the long steps of detached actors that they shall end; they look between rows. Thread-safe; set
/// once.
class StopFlag {
 public:
  void set() { set_.store(true, std::memory_order_relaxed); }
  bool is_set() const { return set_.load(std::memory_order_relaxed); }
  /// OK, or Cancelled once the flag is set: to be asked often, and to be returned.
  absl::Status go_on() const { return is_set() ? absl::CancelledError("interrupted") : absl::OkStatus(); }

 private:
  std::atomic<bool> set_{false};
};

}  // namespace baton::actors
