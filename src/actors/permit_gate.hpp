#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "base/clock.hpp"
#include "sync/rate_control.hpp"

namespace baton::actors {

/// Where permits of one limit key are taken. While the key is far from its limits a permit costs one look
/// here; who finds none waits with the RATE LIMITER of the key, which shares this gate, keeps the order and
/// the timers.
///
/// Thread-safe; the lock is held for a few comparisons.
class PermitGate {
 public:
  using Verdict = sync::RateControl::Verdict;

  PermitGate(const sync::RateLimit& limit, std::shared_ptr<const Clock> clock);

  /// Takes a permit if there is one and nobody waits who comes first: who goes on comes before who begins.
  /// Otherwise the caller counts as waiting, and has to tell the limiter.
  bool take(bool goes_on);
  /// A permit comes back. True when the limiter should look again.
  bool give_back();
  /// An answer came. To be called before its permit comes back.
  void report(const RateReport& report);
  sync::RateUse use() const;

  /// For the limiter: it looks; from here on `give_back` tells again.
  void look();
  /// For the limiter: takes a permit for the first who waits, who then no longer does.
  Verdict take_for_waiting(bool goes_on);
  /// Somebody waits no longer without a permit.
  void leave(bool goes_on);

 private:
  bool nobody_waits() const { return going_on_ + beginning_ == 0; }

  std::shared_ptr<const Clock> clock_;
  mutable std::mutex mutex_;
  sync::RateControl control_;
  /// Who waits, or is on the way to wait.
  std::uint64_t going_on_ = 0;
  std::uint64_t beginning_ = 0;
  /// The limiter has been told and did not look yet.
  bool told_ = false;
};

}  // namespace baton::actors
