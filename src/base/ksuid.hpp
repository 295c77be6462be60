#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/clock.hpp"

namespace baton {

/// A sync id: 4 bytes of big-endian seconds since 2014-05-13T16:53:20Z, then 16 random bytes.
///
/// Written as 27 base62 characters (`0-9A-Za-z`), padded with `0` on the left, so that text order is time
/// order down to one second. A value type; order and equality are those of the bytes.
class Ksuid {
 public:
  static constexpr std::size_t kBytes = 20;
  static constexpr std::size_t kTextBytes = 27;
  using Bytes = std::array<std::uint8_t, kBytes>;

  /// All zero; what `is_nil` tells.
  Ksuid() : bytes_{} {}
  explicit Ksuid(const Bytes& bytes) : bytes_(bytes) {}

  /// A new id for the clock's present second. Times outside the format's range (2014 to 2150) are clamped.
  static Ksuid mint(const Clock& clock, Entropy& entropy);

  /// InvalidArgument for a wrong length, a foreign character or a value beyond 160 bits.
  static absl::StatusOr<Ksuid> parse(std::string_view text);

  std::string str() const;
  const Bytes& bytes() const { return bytes_; }
  /// The moment it was minted, in whole seconds.
  std::chrono::system_clock::time_point time() const;
  bool is_nil() const { return bytes_ == Bytes{}; }

  friend auto operator<=>(const Ksuid&, const Ksuid&) = default;

 private:
  Bytes bytes_;
};

}  // namespace baton
