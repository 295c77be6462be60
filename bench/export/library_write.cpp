#include "export/library_write.hpp"

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/c1z/envelope.hpp"
#include "storage/c1z/sqlite.hpp"
#include "storage/c1z/v1_schema.hpp"

namespace baton::bench {
namespace {

std::string insert_sql(const LoadedTable& table) {
  std::string names;
  std::string values;
  int number = 0;
  for (const std::string& column : table.columns) {
    absl::StrAppend(&names, number == 0 ? "" : ", ", column);
    absl::StrAppend(&values, number == 0 ? "?" : ", ?", number + 1);
    ++number;
  }
  if (table.sync_id_apart) {
    absl::StrAppend(&names, ", sync_id");
    absl::StrAppend(&values, ", ?", number + 1);
  }
  return absl::StrCat("INSERT INTO ", table.name, " (", names, ") VALUES (", values, ")");
}

void bind(c1z::Statement& insert, int parameter, const Cell& cell) {
  switch (cell.type) {
    case SQLITE_INTEGER: {
      std::int64_t number = 0;
      std::memcpy(&number, cell.bytes.data(), sizeof number);
      insert.bind_int(parameter, number);
      break;
    }
    case SQLITE_TEXT:
      insert.bind_text(parameter, cell.bytes);
      break;
    case SQLITE_BLOB:
      insert.bind_blob(parameter, cell.bytes);
      break;
    default:
      insert.bind_null(parameter);
  }
}

absl::Status insert_rows(c1z::Database& database, const LoadedTable& table, const std::string& sync_id) {
  absl::StatusOr<c1z::Statement> insert = database.prepare(insert_sql(table));
  if (!insert.ok()) return insert.status();
  const int columns = static_cast<int>(table.columns.size());
  if (table.sync_id_apart) insert->bind_text(columns + 1, sync_id);
  CellReader cells(table);
  for (std::uint64_t row = 0; row < table.rows; ++row) {
    for (int column = 0; column < columns; ++column) bind(*insert, column + 1, cells.next());
    if (absl::Status status = insert->run(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

/// The settings of our export, and none that it lacks.
absl::Status begin(c1z::Database& database, const c1z::WriteOptions& options) {
  absl::Status status = database.execute(
      absl::StrCat("PRAGMA page_size=", options.page_bytes,
                   "; PRAGMA encoding='UTF-8'; PRAGMA locking_mode=exclusive; PRAGMA synchronous=off;"
                   "PRAGMA journal_mode=memory; PRAGMA temp_store=file; PRAGMA cache_size=-",
                   options.cache_kib, "; BEGIN"));
  for (const c1z::TableSchema& table : c1z::v1_tables()) {
    if (status.ok()) status = database.execute(std::string(table.create));
  }
  return status;
}

absl::Status write(const LoadedRows& rows, const c1z::WriteOptions& options, const std::string& path,
                   LibraryTimes& times) {
  absl::StatusOr<c1z::Database> database = c1z::Database::open(path, SQLITE_OPEN_READWRITE);
  if (!database.ok()) return database.status();
  const absl::Time start = absl::Now();
  absl::Status status = begin(*database, options);
  for (const LoadedTable& table : rows.tables) {
    if (status.ok()) status = insert_rows(*database, table, rows.sync_id);
  }
  const absl::Time rows_done = absl::Now();
  for (const c1z::IndexSchema& index : c1z::v1_indexes()) {
    if (status.ok()) status = database->execute(std::string(index.create));
  }
  const absl::Time indexes_done = absl::Now();
  if (status.ok()) status = database->execute("COMMIT");
  if (status.ok()) status = database->close();
  times.rows = rows_done - start;
  times.indexes = indexes_done - rows_done;
  times.close = absl::Now() - indexes_done;
  return status;
}

absl::Status compress(const c1z::File& database, const c1z::WriteOptions& options, const std::string& folder,
                      LibraryTimes& times) {
  const absl::Time start = absl::Now();
  auto target = c1z::TemporaryFile::create(folder, "bench-");
  if (!target.ok()) return target.status();
  c1z::CompressOptions compression;
  compression.level = options.level;
  compression.workers = options.workers;
  const auto written = c1z::compress_v1(database, times.database_bytes, target->file(), compression);
  if (!written.ok()) return written.status();
  const absl::Status status = target->file().sync();
  times.file_bytes = *written;
  times.compression = absl::Now() - start;
  return status;
}

}  // namespace

absl::StatusOr<LibraryTimes> write_with_library(const LoadedRows& rows, const c1z::WriteOptions& options,
                                                const std::string& folder) {
  LibraryTimes times;
  auto target = c1z::TemporaryFile::create(folder, "bench-");
  if (!target.ok()) return target.status();
  if (absl::Status status = write(rows, options, target->path(), times); !status.ok()) return status;
  const absl::StatusOr<std::uint64_t> size = target->file().size();
  if (!size.ok()) return size.status();
  times.database_bytes = *size;
  if (absl::Status status = compress(target->file(), options, folder, times); !status.ok()) return status;
  return times;
}

}  // namespace baton::bench
