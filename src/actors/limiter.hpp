#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "base/rate_report.hpp"
#include "sync/rate_control.hpp"

namespace baton::actors {

/// The permits of one limit key. Thread-safe; lives as long as its engine.
class Limiter {
 public:
  virtual ~Limiter() = default;

  /// Takes a permit if there is one and nobody waits who comes first. False when there is none: the caller
  /// then counts as waiting and has to call `wait` or `give_up`. `goes_on` says that the request continues
  /// something begun, which comes first.
  virtual bool take(bool goes_on) = 0;
  /// Instead of `wait`, for a caller that wants none any more.
  virtual void give_up(bool goes_on) = 0;
  /// Waits for a permit after `take` found none: `granted` is called once, from any thread, with OK or why
  /// there is none. The result names the wait for `cancel`.
  virtual std::uint64_t wait(bool goes_on, std::function<void(absl::Status)> granted) = 0;
  /// Nobody wants the permit of this wait any more; it is answered with Cancelled unless it was granted.
  virtual void cancel(std::uint64_t id) = 0;
  virtual void release() = 0;
  /// An answer came; before its permit is released.
  virtual void report(const RateReport& report) = 0;
};

/// What one limit key has done.
class LimitUse {
 public:
  LimitUse() = default;
  LimitUse(std::string limit_key, sync::RateUse rate_use) : key(std::move(limit_key)), use(rate_use) {}

  std::string key;
  sync::RateUse use;
};

}  // namespace baton::actors
