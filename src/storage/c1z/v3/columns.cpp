#include "storage/c1z/v3/columns.hpp"

#include <algorithm>

namespace baton::c1z::v3 {
namespace {

constexpr char kBlockVersion = 1;
/// Version (1), columns (2), rows (4); then for each column its type (1) and offset (4).
constexpr std::size_t kHeadBytes = 7;
constexpr std::size_t kColumnBytes = 5;
constexpr unsigned kDelta = 0x80;
constexpr unsigned kMostBundleShift = 16;

std::size_t align(std::size_t at, std::size_t width) {
  return (at + width - 1) / width * width;
}

}  // namespace

bool UintView::open(std::string_view block, std::size_t begin, std::size_t rows, std::size_t& end) {
  if (begin >= block.size()) return false;
  const auto encoding = static_cast<unsigned char>(block[begin]);
  std::size_t at = begin + 1;
  width_ = encoding & ~kDelta;
  if (width_ != 0 && width_ != 1 && width_ != 2 && width_ != 4 && width_ != 8) return false;
  base_ = 0;
  if ((encoding & kDelta) != 0) {
    if (block.size() - at < sizeof base_) return false;
    base_ = load_le<std::uint64_t>(block.data() + at);
    at += sizeof base_;
  }
  values_ = nullptr;
  if (width_ != 0) {
    at = align(at, width_);
    if (at > block.size() || (block.size() - at) / width_ < rows) return false;
    values_ = block.data() + at;
    at += width_ * rows;
  }
  end = at;
  return true;
}

bool BoolView::open(std::string_view block, std::size_t begin, std::size_t rows) {
  words_ = nullptr;
  if (rows == 0) return true;
  if (begin >= block.size()) return false;
  if (block[begin] == 1) return true;
  if (block[begin] != 0) return false;
  const std::size_t at = align(begin + 1, 8);
  if (at > block.size() || (block.size() - at) / 8 < (rows + 63) / 64) return false;
  words_ = block.data() + at;
  return true;
}

bool BoolView::any(std::size_t rows) const {
  if (words_ == nullptr) return false;
  for (std::size_t row = 0; row < rows; ++row) {
    if (at(row)) return true;
  }
  return false;
}

bool BytesView::open(std::string_view block, std::size_t begin, std::size_t rows) {
  data_ = {};
  if (rows == 0) return true;
  std::size_t end = 0;
  if (!offsets_.open(block, begin, rows + 1, end)) return false;
  data_ = block.substr(end);
  return true;
}

bool KeysView::open(std::string_view block, std::size_t begin, std::size_t rows) {
  if (begin >= block.size()) return false;
  shift_ = static_cast<unsigned char>(block[begin]);
  if (shift_ > kMostBundleShift) return false;
  const std::size_t bundles = (rows + (std::size_t{1} << shift_) - 1) >> shift_;
  std::size_t end = 0;
  if (!ends_.open(block, begin + 1, rows + bundles + 1, end)) return false;
  data_ = block.substr(end);
  return slice(0, shared_);
}

bool KeysView::at(std::size_t row, std::string& key) const {
  const std::size_t bundle = row >> shift_;
  const std::size_t prefix_at = 1 + (bundle << shift_) + bundle;
  const std::size_t first = prefix_at + 1;
  std::size_t at = first + (row - (bundle << shift_));
  std::string_view prefix;
  std::string_view rest;
  if (!slice(prefix_at, prefix)) return false;
  // An empty rest says "the key before once more", which the first of a bundle cannot say.
  do {
    if (!slice(at, rest)) return false;
  } while (rest.empty() && at-- > first);
  key.assign(shared_);
  key.append(prefix);
  key.append(rest);
  return true;
}

bool ColumnarBlock::open(std::string_view block, std::size_t custom_header) {
  block_ = block;
  if (block.size() < custom_header + kHeadBytes || block[custom_header] != kBlockVersion) return false;
  columns_ = load_le<std::uint16_t>(block.data() + custom_header + 1);
  rows_ = load_le<std::uint32_t>(block.data() + custom_header + 3);
  head_ = custom_header + kHeadBytes;
  return (block.size() - head_) / kColumnBytes >= columns_;
}

bool ColumnarBlock::place(std::size_t index, ColumnType type, std::size_t& begin) const {
  if (index >= columns_) return false;
  const char* const entry = block_.data() + head_ + kColumnBytes * index;
  begin = load_le<std::uint32_t>(entry + 1);
  return static_cast<ColumnType>(entry[0]) == type && begin <= block_.size();
}

bool ColumnarBlock::column(std::size_t index, UintView& view, std::size_t rows) const {
  std::size_t begin = 0;
  std::size_t end = 0;
  return place(index, ColumnType::kUint, begin) && (rows == 0 || view.open(block_, begin, rows, end));
}
bool ColumnarBlock::column(std::size_t index, BoolView& view, std::size_t rows) const {
  std::size_t begin = 0;
  return place(index, ColumnType::kBool, begin) && view.open(block_, begin, rows);
}
bool ColumnarBlock::column(std::size_t index, BytesView& view, std::size_t rows) const {
  std::size_t begin = 0;
  return place(index, ColumnType::kBytes, begin) && view.open(block_, begin, rows);
}
bool ColumnarBlock::column(std::size_t index, KeysView& view, std::size_t rows) const {
  std::size_t begin = 0;
  return place(index, ColumnType::kPrefixBytes, begin) && (rows == 0 || view.open(block_, begin, rows));
}

}  // namespace baton::c1z::v3
