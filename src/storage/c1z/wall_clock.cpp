#include "storage/c1z/wall_clock.hpp"

#include <cstdio>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

namespace baton::c1z {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::size_t kSecondTextBytes = 19;

/// Takes pieces off the front of a text; every failed take leaves it as it was.
class Cursor {
 public:
  explicit Cursor(std::string_view rest) : rest_(rest) {}

  bool at_end() const { return rest_.empty(); }
  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take(std::string_view wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }
  std::optional<int> number(std::size_t digits) {
    if (rest_.size() < digits) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, digits)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  /// The digits after a decimal point, as nanoseconds.
  std::optional<std::int64_t> fraction() {
    std::int64_t nanos = 0;
    std::size_t count = 0;
    for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count) {
      if (count < 9) nanos = nanos * 10 + (rest_[count] - '0');
    }
    if (count == 0) return std::nullopt;
    for (std::size_t i = count; i < 9; ++i) nanos *= 10;
    rest_.remove_prefix(count);
    return nanos;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

/// `±hh:mm` or, in Go's own form, `±hhmm`; in seconds.
std::optional<int> take_offset(Cursor& cursor) {
  int sign = 0;
  if (cursor.take('+')) {
    sign = 1;
  } else if (cursor.take('-')) {
    sign = -1;
  } else {
    return std::nullopt;
  }
  const std::optional<int> hours = cursor.number(2);
  cursor.take(':');
  const std::optional<int> minutes = cursor.number(2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

/// What Go prints behind the offset: a zone's name and perhaps a monotonic reading. Says nothing new.
bool is_zone_name(std::string_view rest) {
  if (!rest.starts_with(' ')) return false;
  for (const char c : rest) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    const bool other = (c >= '0' && c <= '9') || c == ' ' || c == '+' || c == '-' || c == '=' || c == '.';
    if (!letter && !other) return false;
  }
  return true;
}

std::optional<absl::Time> parse(std::string_view text) {
  Cursor cursor(text);
  const std::optional<int> year = cursor.number(4);
  if (!year || !cursor.take('-')) return std::nullopt;
  const std::optional<int> month = cursor.number(2);
  if (!month || !cursor.take('-')) return std::nullopt;
  const std::optional<int> day = cursor.number(2);
  if (!day) return std::nullopt;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int64_t nanos = 0;
  int offset = 0;
  if (!cursor.at_end()) {
    if (!cursor.take(' ') && !cursor.take('T')) return std::nullopt;
    const std::optional<int> hours = cursor.number(2);
    if (!hours || !cursor.take(':')) return std::nullopt;
    const std::optional<int> minutes = cursor.number(2);
    if (!minutes) return std::nullopt;
    hour = *hours;
    minute = *minutes;
    if (cursor.take(':')) {
      const std::optional<int> seconds = cursor.number(2);
      if (!seconds) return std::nullopt;
      second = *seconds;
      if (cursor.take('.')) {
        const std::optional<std::int64_t> fraction = cursor.fraction();
        if (!fraction) return std::nullopt;
        nanos = *fraction;
      }
    }
    Cursor zone = cursor;
    zone.take(' ');
    if (const std::optional<int> found = take_offset(zone)) {
      offset = *found;
      cursor = zone;
      if (!cursor.at_end() && !cursor.take('Z') && !is_zone_name(cursor.rest())) return std::nullopt;
    } else if (!cursor.at_end() && !(cursor.take('Z') && cursor.at_end())) {
      return std::nullopt;
    }
  }
  const absl::CivilSecond civil(*year, *month, *day, hour, minute, second);
  // A civil time normalises what is out of range; a day that moved was none.
  if (civil.month() != *month || civil.day() != *day || civil.hour() != hour || civil.minute() != minute ||
      civil.second() != second) {
    return std::nullopt;
  }
  return absl::FromCivil(civil, absl::UTCTimeZone()) + absl::Nanoseconds(nanos) - absl::Seconds(offset);
}

}  // namespace

std::string_view WallClockText::format(std::int64_t unix_nanos) {
  if (unix_nanos == last_ && !text_.empty()) return text_;
  last_ = unix_nanos;
  std::int64_t second = unix_nanos / kNanosPerSecond;
  std::int64_t nanos = unix_nanos % kNanosPerSecond;
  if (nanos < 0) {
    nanos += kNanosPerSecond;
    --second;
  }
  if (second != second_ || text_.empty()) {
    second_ = second;
    text_ = absl::FormatTime("%E4Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(second), zone_);
  }
  text_.resize(kSecondTextBytes);
  if (nanos != 0) {
    char digits[9];
    for (int i = 8; i >= 0; --i, nanos /= 10) digits[i] = static_cast<char>('0' + nanos % 10);
    std::size_t count = 9;
    while (digits[count - 1] == '0') --count;
    text_.push_back('.');
    text_.append(digits, count);
  }
  return text_;
}

absl::StatusOr<absl::Time> parse_wall_clock(std::string_view text) {
  const std::optional<absl::Time> time = parse(text);
  if (!time) {
    return absl::InvalidArgumentError(
        absl::StrCat("not a date and time: \"",
                     absl::string_view(text.data(), std::min<std::size_t>(text.size(), 64)), "\""));
  }
  return *time;
}

}  // namespace baton::c1z
