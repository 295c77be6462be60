#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/c1z/reader.hpp"
#include "storage/c1z/sqlite.hpp"

namespace baton::c1z {

/// The database of a v1 file, opened in a private copy, with what its tables really look like: files of older
/// writers lack columns and tables, and hand-made ones lack indexes.
///
/// The file is a stranger's, so SQLite runs with its guards up: no SQL of the file is ever run (views,
/// triggers, generated columns, virtual tables), only the functions that our own statements need exist,
/// values have a largest size, and its work is bounded in proportion to the file's size, as pages that point
/// in circles could keep it busy for ever.
class V1Database {
 public:
  /// Decompresses and opens. Errors as of `open_reader`.
  static absl::StatusOr<V1Database> open(const std::string& path, const ReaderOptions& options);

  /// A missing table reads as empty.
  bool has_table(std::string_view table) const { return columns_.contains(table); }
  bool has_column(std::string_view table, std::string_view column) const;
  /// `column` when the table has it, else `instead`, an SQL expression.
  std::string column_or(std::string_view table, std::string_view column, std::string_view instead) const;

  /// Whether an index over all rows begins with this column.
  absl::StatusOr<bool> is_indexed(std::string_view table, std::string_view column);
  /// Makes that so, sorting the whole table by the column.
  absl::Status create_index(std::string_view table, std::string_view column);

  /// Errors name the file.
  absl::StatusOr<Statement> prepare(std::string_view sql);
  absl::Status named(const absl::Status& status) const;
  /// The same for an error on the way through a table.
  absl::Status named(const absl::Status& status, std::string_view table) const;
  absl::Status damaged(std::string_view what) const;
  /// Gives SQLite its work for this file once more, for a pass of its own.
  void renew_work();
  /// Otherwise texts are UTF-16: they are converted as they are read, and sort in another order.
  bool is_utf8() const { return is_utf8_; }
  const std::string& path() const { return path_; }
  /// Size of the database. Rows that claim more than this in sum lie: pages of theirs are counted twice.
  std::uint64_t bytes() const { return bytes_; }

 private:
  /// What SQLite may still do for this file, in instructions of its virtual machine.
  class Work {
   public:
    std::int64_t slices = 0;
  };

  V1Database(std::string path, std::uint64_t bytes, Database database)
      : path_(std::move(path)), bytes_(bytes), database_(std::move(database)) {}

  absl::Status configure(int cache_kib);
  absl::Status look_at_tables();

  std::string path_;
  std::uint64_t bytes_;
  bool is_utf8_ = true;
  /// On the heap, as SQLite holds a pointer to it; destroyed after the database.
  std::unique_ptr<Work> work_ = std::make_unique<Work>();
  Database database_;
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> columns_;
};

}  // namespace baton::c1z
