#pragma once

#include <map>
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
class V1Database {
 public:
  /// Decompresses and opens. Errors as of `open_reader`.
  static absl::StatusOr<V1Database> open(const std::string& path, const ReaderOptions& options);

  /// A missing table reads as empty.
  bool has_table(std::string_view table) const { return columns_.contains(table); }
  bool has_column(std::string_view table, std::string_view column) const;
  /// `column` when the table has it, else `instead`, an SQL expression.
  std::string column_or(std::string_view table, std::string_view column, std::string_view instead) const;

  /// Makes sure that looking up rows by `external_id` does not read the whole table.
  absl::Status index_external_ids(std::string_view table);

  /// Errors name the file.
  absl::StatusOr<Statement> prepare(std::string_view sql);
  absl::Status named(const absl::Status& status) const;
  const std::string& path() const { return path_; }

 private:
  V1Database(std::string path, Database database) : path_(std::move(path)), database_(std::move(database)) {}

  absl::Status configure();
  absl::Status look_at_tables();

  std::string path_;
  Database database_;
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> columns_;
};

}  // namespace baton::c1z
