#include "actors/permit_gate.hpp"

#include <utility>

namespace baton::actors {

PermitGate::PermitGate(const sync::RateLimit& limit, std::shared_ptr<const Clock> clock)
    : clock_(std::move(clock)), control_(limit) {}

bool PermitGate::take(bool goes_on) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t ahead = goes_on ? going_on_ : going_on_ + beginning_;
  if (ahead == 0 && control_.start(clock_->steady_now()).kind == Verdict::Kind::kGo) return true;
  ++(goes_on ? going_on_ : beginning_);
  return false;
}

bool PermitGate::give_back() {
  const std::lock_guard lock(mutex_);
  control_.finish();
  if (told_ || nobody_waits()) return false;
  told_ = true;
  return true;
}

void PermitGate::report(const RateReport& report) {
  const std::lock_guard lock(mutex_);
  control_.report(report);
}

sync::RateUse PermitGate::use() const {
  const std::lock_guard lock(mutex_);
  return control_.use(clock_->steady_now());
}

void PermitGate::look() {
  const std::lock_guard lock(mutex_);
  told_ = false;
}

PermitGate::Verdict PermitGate::take_for_waiting(bool goes_on) {
  const std::lock_guard lock(mutex_);
  const Verdict verdict = control_.start(clock_->steady_now());
  if (verdict.kind == Verdict::Kind::kGo) --(goes_on ? going_on_ : beginning_);
  return verdict;
}

void PermitGate::leave(bool goes_on) {
  const std::lock_guard lock(mutex_);
  --(goes_on ? going_on_ : beginning_);
  if (nobody_waits()) control_.nobody_waits(clock_->steady_now());
}

}  // namespace baton::actors
