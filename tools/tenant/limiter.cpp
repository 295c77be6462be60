#include "tenant/limiter.hpp"

namespace tenant {

Limiter::Verdict Limiter::admit(Clock::time_point now) {
  if (!enabled()) return Verdict{true, 0, 0, std::chrono::seconds(0)};
  if (!open_ || now - start_ >= 2 * window_) {
    open_ = true;
    start_ = now;
    used_ = 0;
  } else if (now - start_ >= window_) {
    start_ += window_;
    used_ = 0;
  }
  const bool admitted = used_ < limit_;
  if (admitted) ++used_;
  return Verdict{admitted, limit_, limit_ - used_,
                 std::chrono::ceil<std::chrono::seconds>(start_ + window_ - now)};
}

std::chrono::nanoseconds Limiter::earliest_finish(std::uint64_t requests) const {
  if (!enabled() || requests == 0) return std::chrono::nanoseconds(0);
  return static_cast<std::int64_t>((requests - 1) / limit_) * window_;
}

}  // namespace tenant
