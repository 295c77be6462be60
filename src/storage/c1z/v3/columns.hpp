#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/c1z/v3/block_writer.hpp"
#include "storage/c1z/v3/bytes_cursor.hpp"

/// Columns of Pebble's columnar blocks, read where they stand. Each view is opened on the bytes of a block
/// from the column's start; what `open` has accepted can be asked for any row without looking outside the
/// block.
namespace baton::c1z::v3 {

/// Numbers: one base, and for each row what is added to it in 0, 1, 2, 4 or 8 bytes.
class UintView {
 public:
  /// `end` becomes the first byte behind the column. False when the bytes are no such column.
  bool open(std::string_view block, std::size_t begin, std::size_t rows, std::size_t& end);

  std::uint64_t at(std::size_t row) const {
    switch (width_) {
      case 0:
        return base_;
      case 1:
        return base_ + static_cast<unsigned char>(values_[row]);
      case 2:
        return base_ + load_le<std::uint16_t>(values_ + 2 * row);
      case 4:
        return base_ + load_le<std::uint32_t>(values_ + 4 * row);
      default:
        return base_ + load_le<std::uint64_t>(values_ + 8 * row);
    }
  }

 private:
  std::uint64_t base_ = 0;
  const char* values_ = nullptr;
  std::size_t width_ = 0;
};

class BoolView {
 public:
  bool open(std::string_view block, std::size_t begin, std::size_t rows);
  bool at(std::size_t row) const {
    return words_ != nullptr && (load_le<std::uint64_t>(words_ + 8 * (row / 64)) >> (row % 64) & 1) != 0;
  }
  /// Whether any of the rows is true.
  bool any(std::size_t rows) const;

 private:
  const char* words_ = nullptr;
};

/// Strings. Where each begins is looked at when it is asked for: an impossible one is empty, and `at` false.
class BytesView {
 public:
  bool open(std::string_view block, std::size_t begin, std::size_t rows);
  bool at(std::size_t row, std::string_view& value) const {
    const std::uint64_t begin = offsets_.at(row);
    const std::uint64_t end = offsets_.at(row + 1);
    if (begin > end || end > data_.size()) return false;
    value = data_.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    return true;
  }

 private:
  UintView offsets_;
  std::string_view data_;
};

/// Keys in ascending order, cut into what all share, what a bundle of them shares, and the rest.
class KeysView {
 public:
  bool open(std::string_view block, std::size_t begin, std::size_t rows);
  /// Replaces `key`. False when the column is damaged there.
  bool at(std::size_t row, std::string& key) const;

 private:
  bool slice(std::size_t index, std::string_view& bytes) const {
    const std::uint64_t begin = index == 0 ? 0 : ends_.at(index - 1);
    const std::uint64_t end = ends_.at(index);
    if (begin > end || end > data_.size()) return false;
    bytes = data_.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    return true;
  }

  UintView ends_;
  std::string_view data_;
  std::string_view shared_;
  unsigned shift_ = 0;
};

/// The head of a columnar block: how many rows, and where which columns begin.
class ColumnarBlock {
 public:
  /// `custom_header` bytes stand in front of the head. False when it is no such block.
  bool open(std::string_view block, std::size_t custom_header);

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  std::string_view bytes() const { return block_; }

  /// Opens a column; false when the block has none of this kind there. `rows` may differ from the block's.
  bool column(std::size_t index, UintView& view, std::size_t rows) const;
  bool column(std::size_t index, BoolView& view, std::size_t rows) const;
  bool column(std::size_t index, BytesView& view, std::size_t rows) const;
  bool column(std::size_t index, KeysView& view, std::size_t rows) const;

 private:
  bool place(std::size_t index, ColumnType type, std::size_t& begin) const;

  std::string_view block_;
  std::size_t head_ = 0;
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
};

}  // namespace baton::c1z::v3
