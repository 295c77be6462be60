#include "connectors/ldap/directory_time.hpp"

#include <charconv>
#include <cstdint>

namespace baton::connectors::ldap {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;

constexpr int kFirstYear = 1678;
constexpr int kLastYear = 2261;
constexpr std::int64_t kTicksPerSecond = 10'000'000;
constexpr std::int64_t kSecondsFrom1601To1970 = 11'644'473'600;

/// The number that the next `digits` characters are; -1 when one is no digit.
int take_digits(std::string_view& text, std::size_t digits) {
  int number = 0;
  if (text.size() < digits) return -1;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return number;
}

/// The seconds by which a time zone is ahead; nothing for what is no zone.
std::optional<seconds> parse_zone(std::string_view text) {
  if (text == "Z") return seconds(0);
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int sign = text[0] == '+' ? 1 : -1;
  text.remove_prefix(1);
  const int hours = take_digits(text, 2);
  const int minutes = take_digits(text, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  return seconds(sign * (hours * 3600 + minutes * 60));
}

}  // namespace

std::optional<system_clock::time_point> parse_generalized_time(std::string_view text) {
  const int year = take_digits(text, 4);
  const int month = take_digits(text, 2);
  const int day = take_digits(text, 2);
  const int hour = take_digits(text, 2);
  const int minute = take_digits(text, 2);
  const int second = take_digits(text, 2);
  const std::optional<seconds> ahead = parse_zone(text);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < kFirstYear || year > kLastYear || month < 1 || day < 1 || hour < 0 || hour > 23 || minute < 0 ||
      minute > 59 || second < 0 || second > 59 || !ahead || !date.ok()) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         seconds(second) - *ahead;
}

std::optional<system_clock::time_point> parse_file_time(std::string_view text) {
  std::int64_t ticks = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ticks);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  const std::int64_t since_1970 = ticks / kTicksPerSecond - kSecondsFrom1601To1970;
  const std::chrono::sys_days first = std::chrono::sys_days(std::chrono::year(kFirstYear) / 1 / 1);
  const std::chrono::sys_days last = std::chrono::sys_days(std::chrono::year(kLastYear) / 12 / 31);
  if (since_1970 < seconds(first.time_since_epoch()).count() ||
      since_1970 > seconds(last.time_since_epoch()).count()) {
    return std::nullopt;
  }
  return system_clock::time_point(seconds(since_1970));
}

}  // namespace baton::connectors::ldap
