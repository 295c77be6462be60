#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

/// What a stored row looks like inside its key and its value. Private to `storage/`.
///
///     key    identity tuple · 00 · structural order (16 bytes)          families of collected rows
///            identity tuple                                             family `expanded`
///     value  flags (1) · length of the record (4, low byte first) · record · Extra
namespace baton::storage {

/// Bits of a value's first byte.
namespace flag {
/// Made by expansion.
inline constexpr std::uint8_t kSynthesised = 1;
/// The record has an `expansion`.
inline constexpr std::uint8_t kHasExpansion = 2;
/// The record says `needs_expansion`.
inline constexpr std::uint8_t kNeedsExpansion = 4;
/// The Extra has a residual: the record alone does not give the v2 message.
inline constexpr std::uint8_t kHasResidual = 8;
/// In `expanded`: the record is an ExpandedSources, which replaces the sources of the collected row.
inline constexpr std::uint8_t kSourcesOnly = 16;
}  // namespace flag

inline constexpr std::size_t kValueHeaderBytes = 5;
inline constexpr std::size_t kOrderBytes = 16;

/// A stored value taken apart; views into it.
class StoredValue {
 public:
  std::uint8_t flags = 0;
  std::string_view record;
  std::string_view extra;

  bool has(std::uint8_t bits) const { return (flags & bits) != 0; }

  /// False when `value` is too short for what its header says.
  static bool parse(std::string_view value, StoredValue& result) {
    if (value.size() < kValueHeaderBytes) return false;
    std::uint32_t length = 0;
    for (std::size_t i = kValueHeaderBytes - 1; i > 0; --i) {
      length = (length << 8) | static_cast<unsigned char>(value[i]);
    }
    value.remove_prefix(kValueHeaderBytes);
    if (length > value.size()) return false;
    result.flags = static_cast<std::uint8_t>(value.data()[-static_cast<std::ptrdiff_t>(kValueHeaderBytes)]);
    result.record = value.substr(0, length);
    result.extra = value.substr(length);
    return true;
  }

  /// Fills in the header of a value that begins at `header` and whose record has `length` bytes.
  static void write_header(char* header, std::uint8_t flags, std::size_t length) {
    header[0] = static_cast<char>(flags);
    for (std::size_t i = 1; i < kValueHeaderBytes; ++i, length >>= 8) header[i] = static_cast<char>(length);
  }
};

/// A collected row's key taken apart. False when it is too short.
inline bool split_row_key(std::string_view key, std::string_view& identity, std::string_view& order) {
  if (key.size() < kOrderBytes + 1) return false;
  identity = key.substr(0, key.size() - kOrderBytes - 1);
  order = key.substr(key.size() - kOrderBytes);
  return true;
}

}  // namespace baton::storage
