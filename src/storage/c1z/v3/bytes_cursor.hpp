#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// Numbers in the byte order of Pebble's files: low byte first, whatever the machine's is.
namespace baton::c1z::v3 {

/// `at` must point at enough bytes.
template <class Number>
inline Number load_le(const char* at) {
  if constexpr (std::endian::native == std::endian::little) {
    Number value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
  } else {
    Number value = 0;
    for (std::size_t i = sizeof value; i-- > 0;) {
      value = static_cast<Number>(value << 8 | static_cast<unsigned char>(at[i]));
    }
    return value;
  }
}

/// Takes bytes from the front of a view. Every call is false, and changes nothing that counts, when there are
/// too few of them.
class BytesCursor {
 public:
  explicit BytesCursor(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  bool take(std::uint64_t size, std::string_view& bytes) {
    if (size > rest_.size()) return false;
    bytes = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(static_cast<std::size_t>(size));
    return true;
  }
  bool uvarint(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) return false;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      if (shift == 63 && byte > 1) return false;
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  /// A uvarint length and so many bytes.
  bool string(std::string_view& bytes) {
    std::uint64_t size = 0;
    return uvarint(size) && take(size, bytes);
  }

 private:
  std::string_view rest_;
};

}  // namespace baton::c1z::v3
