#include "http/rate_limit_headers.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "http/http_date.hpp"
#include "http/rate_limit_policy.hpp"

namespace baton::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Moment = std::chrono::system_clock::time_point;

constexpr std::int64_t kThirtyYearsSeconds = 946'080'000;
constexpr seconds kFarthestReset = std::chrono::days(31);
constexpr seconds kAssumedReset = std::chrono::minutes(1);
/// A `Date` has no fractions and travels for a while: only a larger difference is a clock that goes wrong.
constexpr seconds kNoSkew{3};
constexpr double kNearLimit = 0.8;

constexpr std::array<std::string_view, 4> kLimitNames = {"X-Ratelimit-Limit", "Ratelimit-Limit",
                                                         "X-RateLimit-Requests-Limit", "X-Rate-Limit-Limit"};
constexpr std::array<std::string_view, 4> kRemainingNames = {"X-Ratelimit-Remaining", "Ratelimit-Remaining",
                                                             "X-RateLimit-Requests-Remaining",
                                                             "X-Rate-Limit-Remaining"};
constexpr std::array<std::string_view, 5> kResetNames = {"X-Ratelimit-Reset", "Ratelimit-Reset",
                                                         "X-RateLimit-Requests-Reset", "X-Rate-Limit-Reset",
                                                         "Retry-After"};
constexpr std::array<std::string_view, 2> kMillisecondNames = {"Retry-After-Ms", "x-ms-retry-after-ms"};

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The run of digits that `text` starts with, and what follows it; nothing for no digit or too many.
class LeadingNumber {
 public:
  explicit LeadingNumber(std::string_view text) {
    std::size_t length = 0;
    while (length < text.size() && text[length] >= '0' && text[length] <= '9') {
      if (length == 18) return;
      value = value * 10 + (text[length] - '0');
      ++length;
    }
    found = length > 0;
    rest = text.substr(length);
  }

  bool found = false;
  std::int64_t value = 0;
  std::string_view rest;
};

/// ".5" as 500 ms, rounded up; nothing for text that is no fraction.
std::optional<milliseconds> read_fraction(std::string_view text) {
  if (text.empty()) return milliseconds(0);
  if (text.front() != '.') return std::nullopt;
  std::int64_t value = 0;
  std::int64_t unit = 100;
  bool more = false;
  for (const char c : text.substr(1)) {
    if (c < '0' || c > '9') return std::nullopt;
    value += (c - '0') * unit;
    more = more || (unit == 0 && c != '0');
    unit /= 10;
  }
  return milliseconds(value + (more ? 1 : 0));
}

template <std::size_t N>
std::optional<std::int64_t> read_count(const Headers& headers, const std::array<std::string_view, N>& names) {
  for (const std::string_view name : names) {
    const std::string_view text = trim(headers.value(name));
    if (text.empty()) continue;
    const LeadingNumber number(text);
    if (number.found) return number.value;
    return std::nullopt;
  }
  return std::nullopt;
}

/// Reads moments as the service means them.
class MomentReader {
 public:
  MomentReader(const Headers& headers, Moment now) : now_(now), theirs_(now) {
    const auto date = parse_http_date(trim(headers.value("Date")));
    if (!date) return;
    const auto skew = *date - now;
    if (skew > kNoSkew || skew < -kNoSkew) theirs_ = *date;
  }

  /// In our time; not before now.
  std::optional<Moment> read(std::string_view text) const {
    const LeadingNumber number(text);
    std::optional<Moment> moment;
    const auto fraction = number.found ? read_fraction(number.rest) : std::nullopt;
    if (fraction) {
      std::int64_t value = number.value;
      if (value > kThirtyYearsSeconds * 1000) value /= 1000;
      if (value > kThirtyYearsSeconds) {
        if (value > kThirtyYearsSeconds * 7) return std::nullopt;
        moment = now_ + (Moment(seconds(value)) - theirs_);
      } else {
        moment = now_ + seconds(value) + *fraction;
      }
    } else if (const auto date = parse_http_date(text)) {
      moment = now_ + (*date - theirs_);
    }
    if (!moment || *moment - now_ > kFarthestReset) return std::nullopt;
    return std::max(*moment, now_);
  }

 private:
  Moment now_;
  Moment theirs_;
};

std::optional<milliseconds> read_retry_after(const Headers& headers, const MomentReader& moments,
                                             Moment now) {
  for (const std::string_view name : kMillisecondNames) {
    const LeadingNumber number(trim(headers.value(name)));
    if (number.found && number.value < milliseconds(kFarthestReset).count()) {
      return milliseconds(number.value);
    }
  }
  const std::string_view text = trim(headers.value("Retry-After"));
  if (text.empty()) return std::nullopt;
  const auto moment = moments.read(text);
  if (!moment) return std::nullopt;
  return std::chrono::ceil<milliseconds>(*moment - now);
}

/// "0.85" and above. The figure is small: digits, a point, digits.
bool is_near_limit(std::string_view text) {
  const LeadingNumber number(trim(text));
  if (!number.found) return false;
  const auto fraction = read_fraction(number.rest);
  return fraction &&
         static_cast<double>(number.value) + static_cast<double>(fraction->count()) / 1000 >= kNearLimit;
}

}  // namespace

RateLimitReading read_rate_limit(int status, const Headers& headers, Moment now) {
  RateLimitReading reading;
  // Most services say nothing; one pass over the names is cheaper than twenty look-ups.
  bool any = status == 429;
  for (std::size_t i = 0; i < headers.size() && !any; ++i) {
    const std::string_view name = headers.name_at(i);
    any = !name.empty() && (name[0] == 'x' || name[0] == 'X' || name[0] == 'r' || name[0] == 'R');
  }
  if (!any) return reading;

  const MomentReader moments(headers, now);
  RateLimitFacts& facts = reading.facts;
  facts.limit = read_count(headers, kLimitNames).value_or(0);
  const std::optional<std::int64_t> remaining = read_count(headers, kRemainingNames);
  facts.remaining = remaining.value_or(0);
  reading.has_remaining = remaining.has_value();
  for (const std::string_view name : kResetNames) {
    const std::string_view text = trim(headers.value(name));
    if (text.empty()) continue;
    facts.reset_at = moments.read(text);
    if (facts.reset_at) break;
  }
  reading.retry_after = read_retry_after(headers, moments, now);

  const RateLimitPolicy policy = read_rate_limit_policy(headers);
  reading.quota = policy.quota;
  if (policy.remaining && !reading.has_remaining) {
    facts.remaining = *policy.remaining;
    reading.has_remaining = true;
    if (policy.reset) facts.reset_at = now + *policy.reset;
    if (facts.limit == 0 && policy.limit) facts.limit = *policy.limit;
  }
  if (facts.limit == 0 && policy.quota) facts.limit = policy.quota->units;
  reading.strained = is_near_limit(headers.value("x-ms-throttle-limit-percentage"));

  if (status == 429) {
    facts.state = RateLimitFacts::State::kOverLimit;
    facts.remaining = 0;
    if (facts.reset_at) {
      facts.reset_at = std::max(*facts.reset_at, now + seconds(1));
    } else if (reading.retry_after) {
      facts.reset_at = now + std::max(*reading.retry_after, milliseconds(1000));
    } else {
      facts.limit = 1;
      facts.reset_at = now + kAssumedReset;
      reading.reset_assumed = true;
    }
    return reading;
  }
  if (facts.remaining > 0) facts.state = RateLimitFacts::State::kOk;
  if (status == 403) {
    const bool used_up = reading.has_remaining && facts.remaining == 0 && facts.reset_at > now;
    reading.refused = used_up || reading.retry_after.has_value();
    if (reading.refused) facts.state = RateLimitFacts::State::kOverLimit;
  }
  return reading;
}

}  // namespace baton::http
