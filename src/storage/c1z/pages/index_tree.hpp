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
#include "storage/c1z/pages/record.hpp"

namespace baton::c1z {

/// Builds the b-tree of an index from its entries in order. The entry that does not fit on a leaf any more
/// separates that leaf from the next and lives on the level above; those are kept, and written by `finish`.
class IndexTree {
 public:
  explicit IndexTree(PageStream& pages);

  /// Adds an entry: the indexed columns, then the row id. Greater than the one before, as SQLite compares
  /// them.
  absl::Status add(std::span<const Value> columns);

  /// Writes what is left; returns the number of the root page. Nothing may follow.
  absl::StatusOr<std::uint32_t> finish();

 private:
  /// A level of the tree: pages, and the cells between them, one fewer.
  class Level {
   public:
    void add_page(std::uint32_t page) { pages.push_back(page); }
    void add_separator(std::string_view cell);
    std::string_view separator(std::size_t index) const;

    std::vector<std::uint32_t> pages;

   private:
    std::string cells_;
    std::vector<std::size_t> ends_;
  };

  /// Room for the next cell, on the leaf or in `held_`.
  absl::StatusOr<char*> place(std::size_t cell_bytes);
  absl::Status flush_leaf();
  /// How many pages of `level` from `first` on hang below one page.
  static std::size_t children_on_page(const Level& level, std::size_t first, std::size_t capacity);
  absl::StatusOr<Level> level_above(const Level& below);

  PageStream& pages_;
  LocalPayload local_;
  PageImage leaf_;
  /// The entry behind a full leaf. It separates only when another one follows: no leaf may be empty.
  std::string held_;
  Level level_;
  std::string scratch_;
};

}  // namespace baton::c1z
