#include "sdk/timestamps.hpp"

#include <optional>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"

namespace baton::sdk {
namespace {

/// Reads fixed-width parts of a text from front to back; remembers whether any part was missing.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  int digits(int count) {
    int value = 0;
    for (int i = 0; i < count; ++i) {
      if (rest_.empty() || rest_[0] < '0' || rest_[0] > '9') {
        failed_ = true;
        return 0;
      }
      value = value * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }

  /// Takes one of `choices` and returns it; 0 and failure otherwise.
  char one_of(std::string_view choices) {
    if (rest_.empty() || choices.find(rest_[0]) == std::string_view::npos) {
      failed_ = true;
      return '\0';
    }
    const char taken = rest_[0];
    rest_.remove_prefix(1);
    return taken;
  }

  /// A fraction of a second in nanoseconds, 0 when there is none; digits beyond the ninth are dropped.
  int fraction() {
    if (rest_.empty() || rest_[0] != '.') return 0;
    rest_.remove_prefix(1);
    int nanos = digits(1);
    int count = 1;
    for (; !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; rest_.remove_prefix(1)) {
      if (count < 9) {
        nanos = nanos * 10 + (rest_[0] - '0');
        ++count;
      }
    }
    for (; count < 9; ++count) nanos *= 10;
    return nanos;
  }

  bool complete() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

std::optional<std::chrono::system_clock::time_point> read_rfc3339(std::string_view text) {
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::nanoseconds;
  using std::chrono::seconds;
  Cursor cursor(text);
  const int year = cursor.digits(4);
  cursor.one_of("-");
  const int month = cursor.digits(2);
  cursor.one_of("-");
  const int day = cursor.digits(2);
  cursor.one_of("Tt ");
  const int hour = cursor.digits(2);
  cursor.one_of(":");
  const int minute = cursor.digits(2);
  cursor.one_of(":");
  const int second = cursor.digits(2);
  const int nanos = cursor.fraction();
  const char zone = cursor.one_of("Zz+-");
  minutes offset(0);
  if (zone == '+' || zone == '-') {
    const int offset_hours = cursor.digits(2);
    cursor.one_of(":");
    const int offset_minutes = cursor.digits(2);
    if (offset_hours > 23 || offset_minutes > 59) return std::nullopt;
    offset = hours(offset_hours) + minutes(offset_minutes);
    if (zone == '-') offset = -offset;
  }
  if (!cursor.complete()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  // 60 is a leap second. The clock counts nanoseconds in 64 bits, hence the range of years.
  if (!date.ok() || hour > 23 || minute > 59 || second > 60 || year < 1678 || year > 2261)
    return std::nullopt;
  return std::chrono::sys_days(date) + hours(hour) + minutes(minute) + seconds(second) + nanoseconds(nanos) -
         offset;
}

}  // namespace

void set_timestamp(google::protobuf::Timestamp& timestamp, std::chrono::system_clock::time_point moment) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(moment);
  timestamp.set_seconds(whole.time_since_epoch().count());
  timestamp.set_nanos(static_cast<int>(std::chrono::nanoseconds(moment - whole).count()));
}

absl::StatusOr<std::chrono::system_clock::time_point> parse_rfc3339(std::string_view text) {
  const auto moment = read_rfc3339(text);
  if (moment) return *moment;
  return absl::InvalidArgumentError(
      absl::StrCat("\"", scrub(text, 64), "\" is not a time like 2026-08-25T10:00:00Z"));
}

}  // namespace baton::sdk
