#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The columnar blocks of Pebble's table format v7. Numbers have their low byte first.
///
///     custom header · version 1 (1) · columns (2) · rows (4) · per column: type (1), offset (4) · columns ·
///     00
namespace baton::c1z::v3 {

enum class ColumnType : std::uint8_t { kBool = 1, kUint = 2, kBytes = 3, kPrefixBytes = 4 };

/// Low byte first.
void append_le16(std::string& out, std::uint16_t value);
void append_le32(std::string& out, std::uint32_t value);
void append_le64(std::string& out, std::uint64_t value);
void append_uvarint(std::string& out, std::uint64_t value);

/// Appends one block to a string. Each column must be written, in order, then `finish`.
class BlockWriter {
 public:
  /// Everything in the block is placed relative to where `out` ends now, the custom header included.
  BlockWriter(std::string& out, std::string_view custom_header, std::span<const ColumnType> columns,
              std::uint32_t rows);

  /// kUint, all rows the same.
  void add_constant(std::uint64_t value);
  /// kUint, in as many bytes as the largest takes.
  void add_numbers(std::span<const std::uint32_t> values);
  /// kBool.
  void add_all_false();
  void add_all_true();
  /// kBytes.
  void add_bytes(std::span<const std::string_view> values);
  /// kBytes, all rows empty.
  void add_empty_bytes();
  /// kPrefixBytes of keys in ascending order, each once: what all share, then for each 16 of them what these
  /// share, then the rest of each.
  void add_keys(std::span<const std::string_view> keys);

  void finish() { out_.push_back('\0'); }

 private:
  void begin_column();
  void number_values(std::span<const std::uint32_t> values, bool leading_zero);
  void align(std::size_t width);
  /// Room for `size` bytes, to be filled.
  char* extend(std::size_t size) {
    const std::size_t at = out_.size();
    out_.resize(at + size);
    return out_.data() + at;
  }

  std::string& out_;
  std::size_t begin_;
  std::size_t next_offset_at_;
  std::uint32_t rows_;
  std::vector<std::uint32_t> ends_;
  std::vector<std::uint32_t> cuts_;
};

}  // namespace baton::c1z::v3
