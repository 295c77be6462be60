#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

/// Values as SQLite stores them: varints, serial types and record headers, "Record Format" in
/// https://www.sqlite.org/fileformat2.html. Private to this folder.
namespace baton::c1z {

/// Bytes of `value` as a SQLite varint: seven bits each, high ones first; a ninth byte has eight.
constexpr std::size_t varint_size(std::uint64_t value) {
  const auto bits = static_cast<std::size_t>(std::bit_width(value | 1));
  return bits > 56 ? 9 : (bits + 6) / 7;
}

/// Writes `value` at `at`; returns what is behind it.
inline char* put_varint(char* at, std::uint64_t value) {
  if (value < 0x80) {
    *at = static_cast<char>(value);
    return at + 1;
  }
  const std::size_t size = varint_size(value);
  std::size_t rest = size;
  if (size == 9) {
    at[8] = static_cast<char>(value);
    value >>= 8;
    rest = 8;
  }
  for (std::size_t i = rest; i-- > 0; value >>= 7) at[i] = static_cast<char>((value & 0x7f) | 0x80);
  if (size < 9) at[size - 1] = static_cast<char>(at[size - 1] & 0x7f);
  return at + size;
}

/// A value of one column. Does not own its bytes.
class Value {
 public:
  enum class Type : std::uint8_t { kNull, kInteger, kText, kBlob };

  constexpr Value() = default;
  static constexpr Value null() { return Value(); }
  static constexpr Value integer(std::int64_t number) { return Value(Type::kInteger, number, {}); }
  static constexpr Value text(std::string_view bytes) { return Value(Type::kText, 0, bytes); }
  static constexpr Value blob(std::string_view bytes) { return Value(Type::kBlob, 0, bytes); }

  Type type() const { return type_; }
  std::int64_t number() const { return number_; }
  std::string_view bytes() const { return bytes_; }

  /// The serial type, which says kind and size. Integers 0 and 1 have types of their own.
  std::uint64_t serial_type() const {
    switch (type_) {
      case Type::kNull:
        return 0;
      case Type::kText:
        return 13 + 2 * static_cast<std::uint64_t>(bytes_.size());
      case Type::kBlob:
        return 12 + 2 * static_cast<std::uint64_t>(bytes_.size());
      case Type::kInteger:
        break;
    }
    if (number_ == 0 || number_ == 1) return 8 + static_cast<std::uint64_t>(number_);
    constexpr std::array<std::uint64_t, 9> kTypes{0, 1, 2, 3, 4, 0, 5, 0, 6};
    return kTypes[integer_size()];
  }
  /// Bytes behind the header.
  std::size_t body_size() const { return type_ == Type::kInteger ? integer_size() : bytes_.size(); }
  /// Writes the body; returns what is behind it.
  char* put_body(char* at) const {
    if (type_ == Type::kInteger) {
      const std::size_t size = integer_size();
      auto rest = static_cast<std::uint64_t>(number_);
      for (std::size_t i = size; i-- > 0; rest >>= 8) at[i] = static_cast<char>(rest);
      return at + size;
    }
    if (!bytes_.empty()) std::memcpy(at, bytes_.data(), bytes_.size());
    return at + bytes_.size();
  }

 private:
  constexpr Value(Type type, std::int64_t number, std::string_view bytes)
      : type_(type), number_(number), bytes_(bytes) {}

  /// Two's complement in 1, 2, 3, 4, 6 or 8 bytes.
  std::size_t integer_size() const {
    if (number_ == 0 || number_ == 1) return 0;
    const std::uint64_t magnitude = static_cast<std::uint64_t>(number_ < 0 ? ~number_ : number_);
    const auto bits = static_cast<std::size_t>(std::bit_width(magnitude)) + 1;
    const std::size_t bytes = (bits + 7) / 8;
    return bytes <= 4 ? bytes : bytes <= 6 ? 6 : 8;
  }

  Type type_ = Type::kNull;
  std::int64_t number_ = 0;
  std::string_view bytes_;
};

/// The order of entries in an index, column by column: NULL, then integers, texts and blobs, bytes by bytes.
inline std::strong_ordering compare(std::span<const Value> left, std::span<const Value> right) {
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    std::strong_ordering order = left[i].type() <=> right[i].type();
    if (order == 0) order = left[i].number() <=> right[i].number();
    if (order == 0) order = left[i].bytes().compare(right[i].bytes()) <=> 0;
    if (order != 0) return order;
  }
  return left.size() <=> right.size();
}

/// The header of a record: its own size, then a serial type for each column.
class RecordHeader {
 public:
  /// No table or index of the format has as many columns.
  static constexpr std::size_t kMostColumns = 16;

  void add(std::uint64_t serial_type) { end_ = put_varint(end_, serial_type); }
  /// Valid until the next `add`.
  std::string_view finish() {
    const auto types = static_cast<std::size_t>(end_ - (bytes_.data() + kRoom));
    std::size_t size = types + 1;
    if (size > 127) ++size;
    char* const begin = bytes_.data() + kRoom - (size - types);
    put_varint(begin, size);
    return {begin, size};
  }

 private:
  // The size comes first and is known last: one byte, or two.
  static constexpr std::size_t kRoom = 2;
  std::array<char, kRoom + 9 * kMostColumns> bytes_;
  char* end_ = bytes_.data() + kRoom;
};

}  // namespace baton::c1z
