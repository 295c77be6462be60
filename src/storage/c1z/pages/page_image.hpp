#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace baton::c1z {

/// The first byte of a b-tree page.
enum class PageType : std::uint8_t {
  kIndexInterior = 2,
  kTableInterior = 5,
  kIndexLeaf = 10,
  kTableLeaf = 13
};

/// A b-tree page that is being filled: header and cell pointers grow from the front, cells from the back.
/// "B-tree Pages" in https://www.sqlite.org/fileformat2.html.
class PageImage {
 public:
  /// The page's header stands behind `offset` bytes that are not the tree's: 100 on page 1, 0 elsewhere.
  PageImage(std::size_t page_bytes, PageType type, std::size_t offset = 0);

  std::size_t count() const { return count_; }
  /// Bytes that cells and their pointers may take together, on an empty page.
  std::size_t capacity() const { return bytes_.size() - first_pointer_; }
  bool fits(std::size_t cell_bytes) const { return pointers_end_ + kPointerBytes + cell_bytes <= content_; }
  /// Room for the next cell, in key order; it must fit. The caller fills it in.
  char* add(std::size_t cell_bytes);

  /// Bytes that cells and their pointers take.
  std::size_t used() const { return bytes_.size() - content_ + pointers_end_ - first_pointer_; }
  /// The cell that was added `index`th, from 0.
  std::string_view cell(std::size_t index) const;
  /// Takes the last one off again.
  void drop_last();

  /// The complete page. `right` is the right-most child of an interior page.
  std::span<const std::byte> finish(std::uint32_t right = 0);
  /// Empties the page.
  void clear();

  static constexpr std::size_t kPointerBytes = 2;

 private:
  char* data() { return reinterpret_cast<char*>(bytes_.data()); }
  const char* data() const { return reinterpret_cast<const char*>(bytes_.data()); }

  std::vector<std::byte> bytes_;
  PageType type_;
  std::size_t offset_;
  std::size_t first_pointer_;
  std::size_t pointers_end_;
  std::size_t content_;
  std::size_t count_ = 0;
};

/// Writes `value` with its high byte first; returns what is behind it.
inline char* put_be16(char* at, std::size_t value) {
  at[0] = static_cast<char>(value >> 8);
  at[1] = static_cast<char>(value);
  return at + 2;
}
inline char* put_be32(char* at, std::uint32_t value) {
  return put_be16(put_be16(at, value >> 16), value & 0xffff);
}

}  // namespace baton::c1z
