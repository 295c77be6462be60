#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

namespace baton {

/// A 128-bit hash value; ordered by the high half first.
class Hash128 {
 public:
  constexpr Hash128() = default;
  constexpr Hash128(std::uint64_t high_half, std::uint64_t low_half) : high(high_half), low(low_half) {}
  friend constexpr auto operator<=>(const Hash128&, const Hash128&) = default;

  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

/// xxHash64 with seed 0; the same on every machine and in every version, so it may be written to disk.
std::uint64_t hash64(std::string_view bytes);

/// XXH3-128 with seed 0; stable like `hash64`.
Hash128 hash128(std::string_view bytes);

}  // namespace baton
