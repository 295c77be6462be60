#include "storage/c1z/pages/table_tree.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "storage/c1z/pages/record.hpp"

namespace baton::c1z {
namespace {

std::size_t interior_cell_bytes(std::int64_t row) {
  return 4 + varint_size(static_cast<std::uint64_t>(row));
}

}  // namespace

TableTree::TableTree(PageStream& pages)
    : pages_(pages),
      local_(LocalPayload::of_table(pages.page_bytes())),
      leaf_(pages.page_bytes(), PageType::kTableLeaf) {}

absl::Status TableTree::add(std::int64_t row, std::string_view header, std::string_view body) {
  const std::size_t payload = header.size() + body.size();
  if (payload > local_.largest()) return add_long(row, header, body);
  const std::size_t head = varint_size(payload) + varint_size(static_cast<std::uint64_t>(row));
  const std::size_t cell = head + payload;
  if (!leaf_.fits(cell)) {
    if (absl::Status status = flush_leaf(); !status.ok()) return status;
  }
  char* at = leaf_.add(cell);
  at = put_varint(put_varint(at, payload), static_cast<std::uint64_t>(row));
  std::memcpy(at, header.data(), header.size());
  if (!body.empty()) std::memcpy(at + header.size(), body.data(), body.size());
  last_row_ = row;
  return absl::OkStatus();
}

absl::Status TableTree::add_long(std::int64_t row, std::string_view header, std::string_view body) {
  scratch_.assign(header).append(body);
  const std::size_t here = local_.bytes(scratch_.size());
  const absl::StatusOr<std::uint32_t> overflow =
      write_overflow(pages_, std::string_view(scratch_).substr(here));
  if (!overflow.ok()) return overflow.status();
  const std::size_t cell =
      varint_size(scratch_.size()) + varint_size(static_cast<std::uint64_t>(row)) + here + 4;
  if (!leaf_.fits(cell)) {
    if (absl::Status status = flush_leaf(); !status.ok()) return status;
  }
  char* at = leaf_.add(cell);
  at = put_varint(put_varint(at, scratch_.size()), static_cast<std::uint64_t>(row));
  std::memcpy(at, scratch_.data(), here);
  put_be32(at + here, *overflow);
  last_row_ = row;
  return absl::OkStatus();
}

absl::Status TableTree::flush_leaf() {
  const absl::StatusOr<std::uint32_t> page = pages_.append(leaf_.finish());
  if (!page.ok()) return page.status();
  children_.push_back({*page, last_row_});
  leaf_.clear();
  return absl::OkStatus();
}

std::size_t TableTree::children_on_page(std::span<const Child> children, std::size_t capacity) {
  // The last child of a page is its right-most pointer and needs no cell.
  std::size_t cells = 0;
  std::size_t used = 0;
  while (cells + 1 < children.size()) {
    used += interior_cell_bytes(children[cells].last_row) + PageImage::kPointerBytes;
    if (used > capacity) break;
    ++cells;
  }
  // A page with one child would have no cell: leave two for the last one.
  if (cells + 2 == children.size() && cells > 1) --cells;
  return cells + 1;
}

std::span<const std::byte> TableTree::fill(PageImage& page, std::span<const Child> children) {
  page.clear();
  for (const Child& child : children.first(children.size() - 1)) {
    char* const at = page.add(interior_cell_bytes(child.last_row));
    put_varint(put_be32(at, child.page), static_cast<std::uint64_t>(child.last_row));
  }
  return page.finish(children.back().page);
}

absl::Status TableTree::build_level() {
  PageImage page(pages_.page_bytes(), PageType::kTableInterior);
  const std::vector<Child> below = std::exchange(children_, {});
  for (std::span<const Child> rest(below); !rest.empty();) {
    const std::size_t count = children_on_page(rest, page.capacity());
    const absl::StatusOr<std::uint32_t> number = pages_.append(fill(page, rest.first(count)));
    if (!number.ok()) return number.status();
    children_.push_back({*number, rest[count - 1].last_row});
    rest = rest.subspan(count);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::uint32_t> TableTree::finish() {
  // Never empty but in an empty table, where it is the root.
  if (absl::Status status = flush_leaf(); !status.ok()) return status;
  while (children_.size() > 1) {
    if (absl::Status status = build_level(); !status.ok()) return status;
  }
  return children_.front().page;
}

absl::StatusOr<std::vector<std::byte>> TableTree::finish_on_first_page(std::size_t offset) {
  const auto copy = [](std::span<const std::byte> page) {
    return std::vector<std::byte>(page.begin(), page.end());
  };
  PageImage small_leaf(pages_.page_bytes(), PageType::kTableLeaf, offset);
  if (children_.empty() && leaf_.used() <= small_leaf.capacity()) {
    for (std::size_t i = 0; i < leaf_.count(); ++i) {
      const std::string_view cell = leaf_.cell(i);
      std::memcpy(small_leaf.add(cell.size()), cell.data(), cell.size());
    }
    return copy(small_leaf.finish());
  }
  if (absl::Status status = flush_leaf(); !status.ok()) return status;
  PageImage root(pages_.page_bytes(), PageType::kTableInterior, offset);
  while (children_on_page(children_, root.capacity()) < children_.size()) {
    if (absl::Status status = build_level(); !status.ok()) return status;
  }
  return copy(fill(root, children_));
}

}  // namespace baton::c1z
