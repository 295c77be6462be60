#include "http/http_date.hpp"

#include <array>
#include <cstddef>

namespace baton::http {
namespace {

/// A year before the first moment: an offset may lead into the next.
constexpr int kFirstYear = 1969;
constexpr int kLastYear = 2200;

/// Takes pieces off the front of a text; once one does not fit, everything after it fails too.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && rest_.empty(); }

  void literal(std::string_view expected) {
    if (!rest_.starts_with(expected)) {
      ok_ = false;
      return;
    }
    rest_.remove_prefix(expected.size());
  }

  bool optional(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void skip_spaces() {
    while (optional(' ')) {
    }
  }

  void word() {
    std::size_t length = 0;
    while (length < rest_.size() && rest_[length] >= 'A' && rest_[length] <= 'z') ++length;
    ok_ = ok_ && length > 0;
    rest_.remove_prefix(length);
  }

  int number(std::size_t least_digits, std::size_t most_digits) {
    int value = 0;
    std::size_t length = 0;
    while (length < most_digits && length < rest_.size() && rest_[length] >= '0' && rest_[length] <= '9') {
      value = value * 10 + (rest_[length] - '0');
      ++length;
    }
    ok_ = ok_ && length >= least_digits;
    rest_.remove_prefix(length);
    return value;
  }

  unsigned month() {
    static constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
      if (rest_.starts_with(kMonths[i])) {
        rest_.remove_prefix(3);
        return static_cast<unsigned>(i + 1);
      }
    }
    ok_ = false;
    return 1;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

class DateParts {
 public:
  DateParts() = default;
  int year = 0;
  unsigned month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int offset_minutes = 0;
  std::chrono::milliseconds fraction{0};
};

void read_time(Scanner& in, DateParts& date) {
  date.hour = in.number(2, 2);
  in.literal(":");
  date.minute = in.number(2, 2);
  in.literal(":");
  date.second = in.number(2, 2);
}

bool read_imf_fixdate(std::string_view text, DateParts& date) {
  Scanner in(text);
  in.word();
  in.literal(", ");
  date.day = in.number(1, 2);
  in.literal(" ");
  date.month = in.month();
  in.literal(" ");
  date.year = in.number(4, 4);
  in.literal(" ");
  read_time(in, date);
  in.literal(" GMT");
  return in.at_end();
}

bool read_rfc850(std::string_view text, DateParts& date) {
  Scanner in(text);
  in.word();
  in.literal(", ");
  date.day = in.number(2, 2);
  in.literal("-");
  date.month = in.month();
  in.literal("-");
  date.year = in.number(2, 2);
  date.year += date.year < 70 ? 2000 : 1900;
  in.literal(" ");
  read_time(in, date);
  in.literal(" GMT");
  return in.at_end();
}

bool read_asctime(std::string_view text, DateParts& date) {
  Scanner in(text);
  in.word();
  in.literal(" ");
  date.month = in.month();
  in.literal(" ");
  in.skip_spaces();
  date.day = in.number(1, 2);
  in.literal(" ");
  read_time(in, date);
  in.literal(" ");
  date.year = in.number(4, 4);
  return in.at_end();
}

bool read_rfc3339(std::string_view text, DateParts& date) {
  Scanner in(text);
  date.year = in.number(4, 4);
  in.literal("-");
  date.month = static_cast<unsigned>(in.number(2, 2));
  in.literal("-");
  date.day = in.number(2, 2);
  if (!in.optional('t')) in.literal("T");
  read_time(in, date);
  if (in.optional('.')) {
    // Milliseconds are kept, finer digits are skipped.
    int scale = 100;
    int digits = 0;
    while (in.ok() && !in.at_end() && digits < 9) {
      Scanner ahead = in;
      const int digit = ahead.number(1, 1);
      if (!ahead.ok()) break;
      in = ahead;
      date.fraction += std::chrono::milliseconds(digit * scale);
      scale /= 10;
      ++digits;
    }
    if (digits == 0) return false;
  }
  if (in.optional('Z') || in.optional('z')) return in.at_end();
  const bool west = in.optional('-');
  if (!west) in.literal("+");
  const int hours = in.number(2, 2);
  in.literal(":");
  const int minutes = in.number(2, 2);
  if (hours > 23 || minutes > 59) return false;
  date.offset_minutes = (west ? -1 : 1) * (hours * 60 + minutes);
  return in.at_end();
}

}  // namespace

std::optional<std::chrono::system_clock::time_point> parse_http_date(std::string_view text) {
  for (const auto read : {read_imf_fixdate, read_rfc850, read_asctime, read_rfc3339}) {
    DateParts date;
    if (!read(text, date)) continue;
    const std::chrono::year_month_day day(std::chrono::year(date.year), std::chrono::month(date.month),
                                          std::chrono::day(static_cast<unsigned>(date.day)));
    // The system's clock counts nanoseconds, which reach from 1677 to 2262.
    if (date.year < kFirstYear || date.year > kLastYear) return std::nullopt;
    // 60 is a leap second; it counts as the first second of the next minute.
    if (!day.ok() || date.hour > 23 || date.minute > 59 || date.second > 60) return std::nullopt;
    const std::chrono::system_clock::time_point moment =
        std::chrono::sys_days(day) + std::chrono::hours(date.hour) +
        std::chrono::minutes(date.minute - date.offset_minutes) + std::chrono::seconds(date.second) +
        date.fraction;
    if (moment < std::chrono::system_clock::time_point()) return std::nullopt;
    return moment;
  }
  return std::nullopt;
}

}  // namespace baton::http
