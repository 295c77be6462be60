#include "http/rate_limit_headers.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "http/http_date.hpp"

namespace baton::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Moment = std::chrono::system_clock::time_point;

constexpr std::int64_t kThirtyYearsSeconds = 946'080'000;
constexpr seconds kFarthestReset = std::chrono::days(31);
constexpr seconds kAssumedReset = std::chrono::minutes(1);

constexpr std::array<std::string_view, 4> kLimitNames = {"X-Ratelimit-Limit", "Ratelimit-Limit",
                                                         "X-RateLimit-Requests-Limit", "X-Rate-Limit-Limit"};
constexpr std::array<std::string_view, 4> kRemainingNames = {"X-Ratelimit-Remaining", "Ratelimit-Remaining",
                                                             "X-RateLimit-Requests-Remaining",
                                                             "X-Rate-Limit-Remaining"};
constexpr std::array<std::string_view, 5> kResetNames = {"X-Ratelimit-Reset", "Ratelimit-Reset",
                                                         "X-RateLimit-Requests-Reset", "X-Rate-Limit-Reset",
                                                         "Retry-After"};

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

template <std::size_t N>
std::int64_t read_count(const Headers& headers, const std::array<std::string_view, N>& names) {
  for (const std::string_view name : names) {
    const std::string_view text = trim(headers.value(name));
    if (text.empty()) continue;
    const LeadingNumber number(text);
    return number.found ? number.value : 0;
  }
  return 0;
}

std::optional<Moment> read_moment(std::string_view text, Moment now) {
  const LeadingNumber number(text);
  std::optional<Moment> moment;
  // A fraction of a second is cut off; any other tail means that this is no number.
  if (number.found && (number.rest.empty() || number.rest.starts_with('.'))) {
    std::int64_t value = number.value;
    if (value > kThirtyYearsSeconds * 1000) value /= 1000;
    if (value > kThirtyYearsSeconds) {
      if (value > kThirtyYearsSeconds * 10) return std::nullopt;
      moment = Moment(seconds(value));
    } else {
      moment = now + seconds(value);
    }
  } else {
    moment = parse_http_date(text);
  }
  if (!moment || *moment - now > kFarthestReset) return std::nullopt;
  return std::max(*moment, now);
}

}  // namespace

RateLimitReading read_rate_limit(int status, const Headers& headers, Moment now) {
  RateLimitReading reading;
  // Most services say nothing; one pass over the names is cheaper than fourteen look-ups.
  bool any = status == 429;
  for (std::size_t i = 0; i < headers.size() && !any; ++i) {
    const std::string_view name = headers.name_at(i);
    any = !name.empty() && (name[0] == 'x' || name[0] == 'X' || name[0] == 'r' || name[0] == 'R');
  }
  if (!any) return reading;

  RateLimitFacts& facts = reading.facts;
  facts.limit = read_count(headers, kLimitNames);
  facts.remaining = read_count(headers, kRemainingNames);
  for (const std::string_view name : kResetNames) {
    const std::string_view text = trim(headers.value(name));
    if (text.empty()) continue;
    facts.reset_at = read_moment(text, now);
    if (facts.reset_at) break;
  }
  if (const std::string_view text = trim(headers.value("Retry-After")); !text.empty()) {
    if (const auto moment = read_moment(text, now)) {
      reading.retry_after = std::chrono::ceil<milliseconds>(*moment - now);
    }
  }

  if (status == 429) {
    facts.state = RateLimitFacts::State::kOverLimit;
    facts.remaining = 0;
    if (facts.reset_at) {
      facts.reset_at = std::max(*facts.reset_at, now + seconds(1));
    } else {
      facts.limit = 1;
      facts.reset_at = now + kAssumedReset;
      reading.reset_assumed = true;
    }
  } else if (facts.remaining > 0) {
    facts.state = RateLimitFacts::State::kOk;
  }
  return reading;
}

}  // namespace baton::http
