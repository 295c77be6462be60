#pragma once

#include "absl/status/status.h"

namespace baton::cli {

/// While it lives, a first SIGINT, SIGTERM or SIGHUP is only remembered, so that what lies on the disk for
/// the time of a command is cleaned up; a second one ends the process. One at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

/// CANCELLED once a signal has come, else OK. Thread-safe.
absl::Status interrupt_status();

}  // namespace baton::cli
