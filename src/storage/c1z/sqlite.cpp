#include "storage/c1z/sqlite.hpp"

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "storage/c1z/file.hpp"

namespace baton::c1z {
namespace {

absl::StatusCode code_for(sqlite3* database, int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_IOERR: {
      const int error = database == nullptr ? 0 : sqlite3_system_errno(database);
      return is_out_of_space(error) ? absl::StatusCode::kResourceExhausted : absl::StatusCode::kInternal;
    }
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    case SQLITE_CONSTRAINT:
      return code == SQLITE_CONSTRAINT_UNIQUE ? absl::StatusCode::kAlreadyExists
                                              : absl::StatusCode::kInternal;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return absl::StatusCode::kPermissionDenied;
    case SQLITE_INTERRUPT:
    case SQLITE_ABORT:
      return absl::StatusCode::kCancelled;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

absl::Status sqlite_status(sqlite3* database, int code, std::string_view what) {
  const char* detail = database == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(database);
  const int error = database == nullptr || (code & 0xff) != SQLITE_IOERR ? 0 : sqlite3_system_errno(database);
  return absl::Status(code_for(database, code),
                      absl::StrCat(absl::string_view(what.data(), what.size()), ": ", detail,
                                   error == 0 ? "" : ": ", error == 0 ? "" : std::strerror(error)));
}

absl::StatusOr<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) {
    const absl::Status status = failure(code);
    reset();
    return status;
  }
  reset();
  return false;
}

absl::Status Statement::run() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_DONE) [[likely]] {
    reset();
    return absl::OkStatus();
  }
  const absl::Status status =
      code == SQLITE_ROW
          ? absl::InternalError(absl::StrCat("unexpected row from: ", sqlite3_sql(statement_.get())))
          : failure(code);
  reset();
  return status;
}

absl::Status Statement::failure(int code) const {
  sqlite3* database = sqlite3_db_handle(statement_.get());
  return sqlite_status(
      database, sqlite3_extended_errcode(database) != SQLITE_OK ? sqlite3_extended_errcode(database) : code,
      "database");
}

absl::StatusOr<Database> Database::open(const std::string& path, int flags) {
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Database database(raw);
  if (code != SQLITE_OK) return sqlite_status(raw, code, "opening the database");
  return database;
}

absl::Status Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_status(handle(), code, "database");
  return absl::OkStatus();
}

absl::StatusOr<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()), 0, &statement, nullptr);
  if (code != SQLITE_OK) return sqlite_status(handle(), code, "database");
  return Statement(statement);
}

absl::Status Database::close() {
  const int code = sqlite3_close(handle_.get());
  if (code != SQLITE_OK) return sqlite_status(handle(), code, "closing the database");
  handle_.release();
  return absl::OkStatus();
}

}  // namespace baton::c1z
