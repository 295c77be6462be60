#include "storage/c1z/pages/index_tree.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace baton::c1z {
namespace {

constexpr std::size_t kPageNumberBytes = 4;

}  // namespace

void IndexTree::Level::add_separator(std::string_view cell) {
  cells_.append(cell);
  ends_.push_back(cells_.size());
}

std::string_view IndexTree::Level::separator(std::size_t index) const {
  const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
  return std::string_view(cells_).substr(begin, ends_[index] - begin);
}

IndexTree::IndexTree(PageStream& pages)
    : pages_(pages),
      local_(LocalPayload::of_index(pages.page_bytes())),
      leaf_(pages.page_bytes(), PageType::kIndexLeaf) {}

absl::Status IndexTree::add(std::span<const Value> columns) {
  RecordHeader types;
  std::size_t payload = 0;
  for (const Value& value : columns) {
    types.add(value.serial_type());
    payload += value.body_size();
  }
  const std::string_view header = types.finish();
  payload += header.size();
  const auto put_record = [&](char* at) {
    std::memcpy(at, header.data(), header.size());
    at += header.size();
    for (const Value& value : columns) at = value.put_body(at);
  };
  if (payload <= local_.largest()) {
    const absl::StatusOr<char*> at = place(varint_size(payload) + payload);
    if (!at.ok()) return at.status();
    put_record(put_varint(*at, payload));
    return absl::OkStatus();
  }
  scratch_.resize(payload);
  put_record(scratch_.data());
  const std::size_t here = local_.bytes(payload);
  const auto overflow = write_overflow(pages_, std::string_view(scratch_).substr(here));
  if (!overflow.ok()) return overflow.status();
  const absl::StatusOr<char*> at = place(varint_size(payload) + here + kPageNumberBytes);
  if (!at.ok()) return at.status();
  char* const record = put_varint(*at, payload);
  std::memcpy(record, scratch_.data(), here);
  put_be32(record + here, *overflow);
  return absl::OkStatus();
}

absl::StatusOr<char*> IndexTree::place(std::size_t cell_bytes) {
  if (!held_.empty()) {
    if (absl::Status status = flush_leaf(); !status.ok()) return status;
    level_.add_separator(held_);
    held_.clear();
  }
  if (leaf_.fits(cell_bytes)) return leaf_.add(cell_bytes);
  held_.resize(cell_bytes);
  return held_.data();
}

absl::Status IndexTree::flush_leaf() {
  const absl::StatusOr<std::uint32_t> page = pages_.append(leaf_.finish());
  if (!page.ok()) return page.status();
  level_.add_page(*page);
  leaf_.clear();
  return absl::OkStatus();
}

std::size_t IndexTree::children_on_page(const Level& level, std::size_t first, std::size_t capacity) {
  // The last page needs no cell: it is the right-most pointer.
  const std::size_t left = level.pages.size() - first;
  std::size_t cells = 0;
  std::size_t used = 0;
  while (cells + 1 < left) {
    used += kPageNumberBytes + level.separator(first + cells).size() + PageImage::kPointerBytes;
    if (used > capacity) break;
    ++cells;
  }
  // A page with one child would have no cell: leave two for the last one.
  if (cells + 2 == left && cells > 1) --cells;
  return cells + 1;
}

absl::StatusOr<IndexTree::Level> IndexTree::level_above(const Level& below) {
  PageImage page(pages_.page_bytes(), PageType::kIndexInterior);
  Level above;
  for (std::size_t first = 0; first < below.pages.size();) {
    const std::size_t last = first + children_on_page(below, first, page.capacity()) - 1;
    page.clear();
    for (std::size_t i = first; i < last; ++i) {
      const std::string_view cell = below.separator(i);
      char* const at = put_be32(page.add(kPageNumberBytes + cell.size()), below.pages[i]);
      std::memcpy(at, cell.data(), cell.size());
    }
    const absl::StatusOr<std::uint32_t> number = pages_.append(page.finish(below.pages[last]));
    if (!number.ok()) return number.status();
    above.add_page(*number);
    first = last + 1;
    if (first < below.pages.size()) above.add_separator(below.separator(last));
  }
  return above;
}

absl::StatusOr<std::uint32_t> IndexTree::finish() {
  if (!held_.empty()) {
    // Nothing follows: the leaf's last entry separates instead, and the held one begins the last leaf.
    const std::string separator(leaf_.cell(leaf_.count() - 1));
    leaf_.drop_last();
    if (absl::Status status = flush_leaf(); !status.ok()) return status;
    level_.add_separator(separator);
    std::memcpy(leaf_.add(held_.size()), held_.data(), held_.size());
  }
  if (absl::Status status = flush_leaf(); !status.ok()) return status;
  while (level_.pages.size() > 1) {
    absl::StatusOr<Level> above = level_above(level_);
    if (!above.ok()) return above.status();
    level_ = *std::move(above);
  }
  return level_.pages.front();
}

}  // namespace baton::c1z
