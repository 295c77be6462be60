#include "storage/c1z/v3/data_block.hpp"

#include <utility>

namespace baton::c1z::v3 {
namespace {

/// Columns of a data block, behind a header that holds the length of its longest key.
constexpr std::size_t kKeyHeader = 4;
enum Column : std::size_t { kPrefix = 0, kSuffix = 1, kTrailer = 2, kValue = 4, kIsExternal = 5 };

constexpr const char* kNoBlock = "it is no block of rows";

}  // namespace

absl::StatusOr<std::shared_ptr<const DataBlock>> DataBlock::open(std::string bytes, BlockLayout layout) {
  // Not make_shared: the constructor is private.
  std::shared_ptr<DataBlock> block(new DataBlock(std::move(bytes)));
  block->layout_ = layout;
  absl::Status status = layout == BlockLayout::kColumns ? block->open_columns() : block->open_rows();
  if (!status.ok()) return status;
  return std::shared_ptr<const DataBlock>(std::move(block));
}

absl::Status DataBlock::open_columns() {
  ColumnarBlock block;
  BoolView external;
  if (!block.open(bytes_, kKeyHeader)) return absl::DataLossError(kNoBlock);
  rows_ = block.rows();
  if (!block.column(kPrefix, keys_, rows_) || !block.column(kSuffix, suffixes_, rows_) ||
      !block.column(kTrailer, trailers_, rows_) || !block.column(kValue, values_, rows_) ||
      !block.column(kIsExternal, external, rows_)) {
    return absl::DataLossError("its columns are not those of a block of rows");
  }
  if (external.any(rows_)) return absl::UnimplementedError("it has values outside the table");
  return absl::OkStatus();
}

absl::Status DataBlock::open_rows() {
  if (bytes_.size() < 4) return absl::DataLossError(kNoBlock);
  restarts_ = load_le<std::uint32_t>(bytes_.data() + bytes_.size() - 4);
  if (restarts_ == 0 || restarts_ > (bytes_.size() - 4) / 4) return absl::DataLossError(kNoBlock);
  entries_end_ = bytes_.size() - 4 - 4 * restarts_;
  return absl::OkStatus();
}

bool DataCursor::column_key(std::size_t row, std::string& key) const {
  std::string_view suffix;
  if (!block_->keys_.at(row, key) || !block_->suffixes_.at(row, suffix)) return false;
  key.append(suffix);
  return true;
}

DataCursor::Step DataCursor::load_row() {
  if (row_ >= block_->rows_) return Step::kEnd;
  if (!column_key(row_, whole_key_) || !block_->values_.at(row_, value_)) return Step::kDamaged;
  key_ = whole_key_;
  trailer_ = Trailer(block_->trailers_.at(row_));
  return Step::kEntry;
}

DataCursor::Step DataCursor::load_entry() {
  if (at_ >= block_->entries_end_) return Step::kEnd;
  BytesCursor entry(std::string_view(block_->bytes_).substr(at_, block_->entries_end_ - at_));
  const std::size_t had = entry.rest().size();
  std::uint64_t shared = 0;
  std::uint64_t unshared = 0;
  std::uint64_t value_size = 0;
  std::string_view rest;
  if (!entry.uvarint(shared) || !entry.uvarint(unshared) || !entry.uvarint(value_size) ||
      shared > whole_key_.size() || !entry.take(unshared, rest) || !entry.take(value_size, value_)) {
    return Step::kDamaged;
  }
  whole_key_.resize(static_cast<std::size_t>(shared));
  whole_key_.append(rest);
  if (!split_internal_key(whole_key_, key_, trailer_)) return Step::kDamaged;
  at_ += had - entry.rest().size();
  return Step::kEntry;
}

DataCursor::Step DataCursor::first() {
  if (block_->layout_ == BlockLayout::kColumns) {
    row_ = 0;
    return load_row();
  }
  at_ = 0;
  whole_key_.clear();
  return load_entry();
}

DataCursor::Step DataCursor::next() {
  if (block_->layout_ == BlockLayout::kColumns) {
    ++row_;
    return load_row();
  }
  return load_entry();
}

DataCursor::Step DataCursor::seek_column(std::string_view key) {
  std::size_t low = 0;
  std::size_t high = block_->rows_;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (!column_key(middle, whole_key_)) return Step::kDamaged;
    if (whole_key_ < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  row_ = low;
  return load_row();
}

DataCursor::Step DataCursor::seek(std::string_view key) {
  if (block_->layout_ == BlockLayout::kColumns) return seek_column(key);
  // The last restart point whose key is below; entries there stand whole.
  std::size_t low = 0;
  std::size_t high = block_->restarts_;
  while (high - low > 1) {
    const std::size_t middle = low + (high - low) / 2;
    at_ = restart(middle);
    whole_key_.clear();
    if (load_entry() != Step::kEntry) return Step::kDamaged;
    (key_ < key ? low : high) = middle;
  }
  at_ = low == 0 ? 0 : restart(low);
  whole_key_.clear();
  Step step = load_entry();
  while (step == Step::kEntry && key_ < key) step = load_entry();
  return step;
}

}  // namespace baton::c1z::v3
