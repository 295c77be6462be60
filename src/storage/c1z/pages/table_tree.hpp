#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/c1z/pages/overflow.hpp"
#include "storage/c1z/pages/page_image.hpp"
#include "storage/c1z/pages/page_stream.hpp"

namespace baton::c1z {

/// Builds the b-tree of a table from rows in the order of their row ids. A leaf is written when it is full;
/// the levels above, a page number and a row id for each leaf, are kept and written by `finish`.
class TableTree {
 public:
  explicit TableTree(PageStream& pages);

  /// Adds a record, in two pieces that belong behind each other. `row` is greater than the one before.
  absl::Status add(std::int64_t row, std::string_view header, std::string_view body);

  /// Writes what is left; returns the number of the root page. Nothing may follow.
  absl::StatusOr<std::uint32_t> finish();
  /// The same, but the root is no page of the stream: returns page 1, whose first `offset` bytes are left
  /// free.
  absl::StatusOr<std::vector<std::byte>> finish_on_first_page(std::size_t offset);

 private:
  /// A page with the greatest row id in it and below it.
  class Child {
   public:
    std::uint32_t page = 0;
    std::int64_t last_row = 0;
  };

  absl::Status flush_leaf();
  absl::Status add_long(std::int64_t row, std::string_view header, std::string_view body);
  /// How many of the first `children` one page takes whose cells may have `capacity` bytes.
  static std::size_t children_on_page(std::span<const Child> children, std::size_t capacity);
  static std::span<const std::byte> fill(PageImage& page, std::span<const Child> children);
  absl::Status build_level();

  PageStream& pages_;
  LocalPayload local_;
  PageImage leaf_;
  std::int64_t last_row_ = 0;
  std::vector<Child> children_;
  std::string scratch_;
};

}  // namespace baton::c1z
