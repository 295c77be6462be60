#pragma once

#include <cstdint>
#include <string_view>

#include "storage/c1z/v3/bytes_cursor.hpp"

/// What stands behind a user key in Pebble's files: sequence number << 8 | kind, eight bytes.
namespace baton::c1z::v3 {

inline constexpr std::size_t kTrailerBytes = 8;
inline constexpr std::uint64_t kLargestSequence = (std::uint64_t{1} << 56) - 1;

enum class EntryKind : std::uint8_t {
  kDelete = 0,
  kSet = 1,
  kMerge = 2,
  kSingleDelete = 7,
  kRangeDelete = 15,
  kSetWithDelete = 18,
  kSizedDelete = 23,
};

class Trailer {
 public:
  constexpr Trailer() = default;
  constexpr explicit Trailer(std::uint64_t bits) : bits(bits) {}

  constexpr std::uint64_t sequence() const { return bits >> 8; }
  constexpr EntryKind kind() const { return static_cast<EntryKind>(bits & 0xff); }
  /// On a table's largest key: the key itself is outside.
  constexpr bool is_exclusive_bound() const {
    return sequence() == kLargestSequence && kind() == EntryKind::kRangeDelete;
  }

  std::uint64_t bits = 0;
};

/// Cuts a key into user key and trailer; false when it is too short.
inline bool split_internal_key(std::string_view key, std::string_view& user_key, Trailer& trailer) {
  if (key.size() < kTrailerBytes) return false;
  user_key = key.substr(0, key.size() - kTrailerBytes);
  trailer = Trailer(load_le<std::uint64_t>(key.data() + user_key.size()));
  return true;
}

}  // namespace baton::c1z::v3
