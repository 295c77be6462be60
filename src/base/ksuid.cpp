#include "base/ksuid.hpp"

#include <algorithm>
#include <limits>
#include <span>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace baton {
namespace {

constexpr std::int64_t kEpochSeconds = 1'400'000'000;
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::uint32_t kRadix = 62;

/// Value of a base62 digit, or -1.
int digit_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'Z') return digit - 'A' + 10;
  if (digit >= 'a' && digit <= 'z') return digit - 'a' + 36;
  return -1;
}

}  // namespace

Ksuid Ksuid::mint(const Clock& clock, Entropy& entropy) {
  const auto since_unix =
      std::chrono::duration_cast<std::chrono::seconds>(clock.now().time_since_epoch()).count();
  const auto seconds = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(since_unix - kEpochSeconds, 0, std::numeric_limits<std::uint32_t>::max()));
  Bytes bytes{};
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(seconds >> (24 - 8 * i));
  entropy.fill(std::as_writable_bytes(std::span(bytes).subspan(4)));
  return Ksuid(bytes);
}

absl::StatusOr<Ksuid> Ksuid::parse(std::string_view text) {
  if (text.size() != kTextBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a sync id has ", kTextBytes, " characters, this one has ", text.size()));
  }
  Bytes bytes{};
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int value = digit_value(text[at]);
    if (value < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("character ", at + 1, " of a sync id is not one of 0-9, A-Z, a-z"));
    }
    // bytes = bytes * 62 + value, from the low end.
    auto carry = static_cast<std::uint32_t>(value);
    for (std::size_t i = kBytes; i-- > 0;) {
      carry += bytes[i] * kRadix;
      bytes[i] = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
    if (carry != 0) return absl::InvalidArgumentError("a sync id does not fit into 20 bytes");
  }
  return Ksuid(bytes);
}

std::string Ksuid::str() const {
  std::string text(kTextBytes, '0');
  Bytes rest = bytes_;
  for (std::size_t at = kTextBytes; at-- > 0;) {
    std::uint32_t remainder = 0;
    for (std::uint8_t& byte : rest) {
      remainder = (remainder << 8) | byte;
      byte = static_cast<std::uint8_t>(remainder / kRadix);
      remainder %= kRadix;
    }
    text[at] = kAlphabet[remainder];
  }
  return text;
}

std::chrono::system_clock::time_point Ksuid::time() const {
  std::uint32_t seconds = 0;
  for (int i = 0; i < 4; ++i) seconds = (seconds << 8) | bytes_[i];
  return std::chrono::system_clock::time_point(std::chrono::seconds(kEpochSeconds + seconds));
}

}  // namespace baton
