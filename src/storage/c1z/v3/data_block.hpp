#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/c1z/v3/columns.hpp"
#include "storage/c1z/v3/internal_key.hpp"

namespace baton::c1z::v3 {

/// How the blocks of a table are laid out.
enum class BlockLayout : std::uint8_t { kRows, kColumns };

/// A decoded block of entries, in either layout; immutable.
class DataBlock {
 public:
  /// DataLoss for bytes that are no such block; Unimplemented for values that lie elsewhere.
  static absl::StatusOr<std::shared_ptr<const DataBlock>> open(std::string bytes, BlockLayout layout);

  std::size_t memory() const { return sizeof(DataBlock) + bytes_.capacity(); }

 private:
  friend class DataCursor;

  explicit DataBlock(std::string bytes) : bytes_(std::move(bytes)) {}
  absl::Status open_columns();
  absl::Status open_rows();

  std::string bytes_;
  BlockLayout layout_ = BlockLayout::kRows;
  // Columns
  std::size_t rows_ = 0;
  KeysView keys_;
  BytesView suffixes_;
  UintView trailers_;
  BytesView values_;
  // Rows: entries end where the offsets of the restart points begin.
  std::size_t entries_end_ = 0;
  std::size_t restarts_ = 0;
};

/// A position in a block. Views stay valid until the next step; the block is kept alive.
class DataCursor {
 public:
  enum class Step : std::uint8_t { kEntry, kEnd, kDamaged };

  void open(std::shared_ptr<const DataBlock> block) { block_ = std::move(block); }
  void close() { block_.reset(); }
  bool is_open() const { return block_ != nullptr; }
  const DataBlock* block() const { return block_.get(); }

  Step first();
  /// The first entry whose user key is not below.
  Step seek(std::string_view key);
  Step next();

  std::string_view key() const { return key_; }
  Trailer trailer() const { return trailer_; }
  std::string_view value() const { return value_; }

 private:
  Step load_row();
  bool column_key(std::size_t row, std::string& key) const;
  Step seek_column(std::string_view key);
  /// Reads the entry at `at_` of a block of rows.
  Step load_entry();
  std::size_t restart(std::size_t index) const {
    return load_le<std::uint32_t>(block_->bytes_.data() + block_->entries_end_ + 4 * index);
  }

  std::shared_ptr<const DataBlock> block_;
  std::size_t row_ = 0;
  std::size_t at_ = 0;
  std::string whole_key_;
  std::string_view key_;
  Trailer trailer_;
  std::string_view value_;
};

}  // namespace baton::c1z::v3
