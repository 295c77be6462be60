#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace baton::bench {

/// A value of a row: one of SQLite's types and its bytes (of an integer, its eight bytes as they lie in
/// memory).
class Cell {
 public:
  int type = 0;
  std::string_view bytes;
};

/// The rows of one table in the order of their row ids, packed behind each other.
class LoadedTable {
 public:
  std::string name;
  /// Every column but the row id and, where `sync_id_apart`, the sync id, which is the same in all rows.
  std::vector<std::string> columns;
  bool sync_id_apart = true;
  std::uint64_t rows = 0;
  /// `columns.size()` cells for each row, see `CellReader`. In pieces, so that millions of rows are never
  /// moved.
  std::vector<std::string> pieces;
};

/// Walks the cells of a table.
class CellReader {
 public:
  explicit CellReader(const LoadedTable& table) : next_piece_(table.pieces.begin()) {}

  /// The cells of a table must not be read beyond its last one.
  Cell next();

 private:
  std::vector<std::string>::const_iterator next_piece_;
  std::string_view rest_;
};

/// All rows of a v1 file in memory.
class LoadedRows {
 public:
  std::string sync_id;
  /// In the order in which our export writes them.
  std::vector<LoadedTable> tables;
};

/// Reads a v1 file that holds one sync. `folder` takes the decompressed copy. InvalidArgument for a file with
/// more or fewer syncs; otherwise errors as of `c1z::decompress_v1`.
absl::StatusOr<LoadedRows> load_rows(const std::string& path, const std::string& folder);

}  // namespace baton::bench
