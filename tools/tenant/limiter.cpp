#include "tenant/limiter.hpp"

#include <algorithm>

namespace tenant {

Limiter::Verdict Limiter::admit(Clock::time_point now) {
  using std::chrono::seconds;
  if (!enabled()) return Verdict{true, 0, 0, seconds(0), seconds(0)};
  if (style_ == LimitStyle::kBucket) return admit_from_bucket(now);
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
  const seconds reset = std::chrono::ceil<seconds>(start_ + window_ - now);
  return Verdict{admitted, limit_, limit_ - used_, reset, used_ < limit_ ? seconds(0) : reset};
}

Limiter::Verdict Limiter::admit_from_bucket(Clock::time_point now) {
  const auto full = static_cast<double>(limit_);
  const double per_nanosecond = full / static_cast<double>(window_.count());
  level_ =
      open_ ? std::min(full, level_ + per_nanosecond * static_cast<double>((now - start_).count())) : full;
  open_ = true;
  start_ = now;
  const bool admitted = level_ >= 1;
  if (admitted) level_ -= 1;
  const auto until = [&](double level) {
    const double wait = std::max(0.0, level - level_) / per_nanosecond;
    return std::chrono::ceil<std::chrono::seconds>(std::chrono::duration<double, std::nano>(wait));
  };
  return Verdict{admitted, limit_, static_cast<std::uint64_t>(level_), until(full), until(1)};
}

std::chrono::nanoseconds Limiter::earliest_finish(std::uint64_t requests) const {
  if (!enabled() || requests == 0) return std::chrono::nanoseconds(0);
  if (style_ == LimitStyle::kWindow) return static_cast<std::int64_t>((requests - 1) / limit_) * window_;
  if (requests <= limit_) return std::chrono::nanoseconds(0);
  const double seconds = std::chrono::duration<double>(window_).count() / static_cast<double>(limit_) *
                         static_cast<double>(requests - limit_);
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
}

}  // namespace tenant
