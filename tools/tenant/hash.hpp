#pragma once

#include <cstdint>

namespace tenant {

/// What a random draw is for. Draws of different streams are independent, so that adding a field to a row
/// never changes another one.
enum class Stream : std::uint64_t {
  kUser = 1,
  kGroup,
  kRole,
  kMemberStart,
  kMemberStride,
  kAssignmentStart,
  kAssignmentStride,
  kRoleUserStart,
  kRoleUserStride,
  kCursor,
  kJitter
};

inline constexpr std::uint64_t kGoldenGamma = 0x9e3779b97f4a7c15;

/// The finaliser of splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014):
/// a bijection on 64 bits in which every input bit reaches every output bit.
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// The key of one stream under one seed; see `draw`.
constexpr std::uint64_t stream_key(std::uint64_t seed, Stream stream) {
  return mix(mix(seed + kGoldenGamma) + static_cast<std::uint64_t>(stream) * kGoldenGamma);
}

/// Draw number `index` of a stream, without any state: the same arguments give the same 64 bits on every
/// machine, so any row can be made without the rows before it.
constexpr std::uint64_t draw(std::uint64_t key, std::uint64_t index) {
  return mix(key + (index + 1) * kGoldenGamma);
}

}  // namespace tenant
