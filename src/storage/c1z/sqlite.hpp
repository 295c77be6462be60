#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

/// A thin layer over the SQLite library: ownership, errors as `absl::Status`. Private to this folder.
namespace baton::c1z {

/// The library's last error on `database` as a status: ResourceExhausted for a full disk, DataLoss for a
/// damaged database, AlreadyExists for a broken unique constraint, Internal for the rest. `what` names the
/// action.
absl::Status sqlite_status(sqlite3* database, int code, std::string_view what);

/// A prepared statement. Must not outlive its database.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  /// Parameters are numbered from 1 and keep their value over `reset`. Bytes must stay in place until the
  /// statement was stepped and reset, or bound anew.
  void bind_text(int index, std::string_view value) {
    // A null pointer would bind NULL.
    sqlite3_bind_text(statement_.get(), index, value.data() == nullptr ? "" : value.data(),
                      static_cast<int>(value.size()), SQLITE_STATIC);
  }
  void bind_blob(int index, std::string_view value) {
    sqlite3_bind_blob(statement_.get(), index, value.data() == nullptr ? "" : value.data(),
                      static_cast<int>(value.size()), SQLITE_STATIC);
  }
  void bind_int(int index, std::int64_t value) { sqlite3_bind_int64(statement_.get(), index, value); }
  void bind_null(int index) { sqlite3_bind_null(statement_.get(), index); }

  /// True: there is a row to look at. False: done, and reset.
  absl::StatusOr<bool> step();
  /// Runs a statement that yields no rows, and resets it.
  absl::Status run();
  void reset() { sqlite3_reset(statement_.get()); }

  /// Columns of the current row, from 0; views are valid until the next step, reset or bind.
  std::string_view text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    return bytes == nullptr
               ? std::string_view()
               : std::string_view(bytes,
                                  static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
  }
  std::string_view blob(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
    return bytes == nullptr
               ? std::string_view()
               : std::string_view(bytes,
                                  static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
  }
  int columns() const { return sqlite3_column_count(statement_.get()); }
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  bool is_prepared() const { return statement_ != nullptr; }
  bool is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
  /// One of SQLITE_INTEGER, SQLITE_TEXT and so on.
  int type(int column) const { return sqlite3_column_type(statement_.get(), column); }

 private:
  class Finalize {
   public:
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  absl::Status failure(int code) const;

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// An open database. Not thread-safe: connections are opened without the library's mutexes.
class Database {
 public:
  /// `flags` are SQLITE_OPEN_*; the file must exist unless they say otherwise.
  static absl::StatusOr<Database> open(const std::string& path, int flags);

  /// Runs statements that yield nothing of interest.
  absl::Status execute(const std::string& sql);
  absl::StatusOr<Statement> prepare(std::string_view sql);
  sqlite3* handle() const { return handle_.get(); }
  /// Closes and reports; statements must be gone.
  absl::Status close();

 private:
  class Close {
   public:
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  explicit Database(sqlite3* handle) : handle_(handle) {}

  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace baton::c1z
