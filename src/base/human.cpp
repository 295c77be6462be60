#include "base/human.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

namespace baton {

std::string human_duration(std::chrono::nanoseconds duration) {
  duration = std::max(duration, std::chrono::nanoseconds::zero());
  std::array<char, 48> text{};
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto whole = static_cast<long long>(seconds + 0.5);
  if (seconds < 9.995) {
    std::snprintf(text.data(), text.size(), "%.2f s", seconds);
  } else if (seconds < 59.95) {
    std::snprintf(text.data(), text.size(), "%.1f s", seconds);
  } else if (whole < 3600) {
    std::snprintf(text.data(), text.size(), "%lld m %02lld s", whole / 60, whole % 60);
  } else {
    const long long minutes = whole / 60;
    std::snprintf(text.data(), text.size(), "%lld h %02lld m", minutes / 60, minutes % 60);
  }
  return text.data();
}

std::string human_bytes(std::uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  constexpr std::array<std::string_view, 6> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  // 1023.95 would print as 1024.0, so the step up comes just before.
  for (; value >= 1023.95 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f ", value);
  return std::string(text.data()).append(kUnits[unit]);
}

std::string human_count(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

}  // namespace baton
