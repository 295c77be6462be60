#include "base/duration_text.hpp"

#include <charconv>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"

namespace baton {
namespace {

/// Milliseconds in a unit, or 0 for a text that is none.
double unit_millis(std::string_view unit) {
  if (unit == "ns") return 1e-6;
  if (unit == "us" || unit == "\xc2\xb5s") return 1e-3;
  if (unit == "ms") return 1;
  if (unit == "s") return 1e3;
  if (unit == "m") return 60e3;
  if (unit == "h") return 3600e3;
  if (unit == "d") return 86400e3;
  return 0;
}

absl::Status not_a_duration(std::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", scrub(text, 64), "\" is not a duration; write for example 50ms, 10s, 1h30m"));
}

}  // namespace

absl::StatusOr<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text == "0") return std::chrono::milliseconds(0);
  if (text.empty()) return not_a_duration(text);
  constexpr double kMaxMillis = 100 * 366 * 86400e3;
  double total = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t number_end = rest.find_first_not_of("0123456789.");
    double number = 0;
    const std::string_view digits = rest.substr(0, number_end);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed);
    if (error != std::errc() || end != digits.data() + digits.size()) return not_a_duration(text);
    rest.remove_prefix(digits.size());
    const std::string_view unit = rest.substr(0, rest.find_first_of("0123456789."));
    const double millis = unit_millis(unit);
    if (millis == 0) return not_a_duration(text);
    total += number * millis;
    if (total > kMaxMillis) return not_a_duration(text);
    rest.remove_prefix(unit.size());
  }
  // Halfway values such as 0.1 s are not exact in binary; the nudge keeps 1.1 s at 1100 ms.
  return std::chrono::milliseconds(static_cast<std::int64_t>(total + 1e-6));
}

}  // namespace baton
