#include "tenant/text.hpp"

#include <charconv>
#include <cmath>

namespace tenant {

std::string json_escape(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(text.size() + 8);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (byte < 0x20) {
          out += "\\u00";
          out += kHex[byte >> 4];
          out += kHex[byte & 15];
        } else {
          out += c;
        }
    }
  }
  return out;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text,
                                                       std::chrono::nanoseconds bare_unit) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  const std::string_view unit(end, text.data() + text.size());
  double nanoseconds = 0;
  if (unit.empty()) {
    nanoseconds = value * static_cast<double>(bare_unit.count());
  } else if (unit == "us") {
    nanoseconds = value * 1e3;
  } else if (unit == "ms") {
    nanoseconds = value * 1e6;
  } else if (unit == "s") {
    nanoseconds = value * 1e9;
  } else if (unit == "m") {
    nanoseconds = value * 60e9;
  } else {
    return std::nullopt;
  }
  constexpr double kDay = 86400e9;
  if (nanoseconds < 0 || nanoseconds > kDay) return std::nullopt;
  return std::chrono::nanoseconds(std::llround(nanoseconds));
}

}  // namespace tenant
