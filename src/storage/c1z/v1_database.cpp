#include "storage/c1z/v1_database.hpp"

#include <unistd.h>

#include <array>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "storage/c1z/file.hpp"
#include "storage/c1z/v1_schema.hpp"

namespace baton::c1z {
namespace {

/// No row of a real file comes near; a damaged one may claim more.
constexpr int kLargestValueBytes = 256 << 20;
constexpr std::size_t kDatabaseHeaderBytes = 100;
constexpr std::string_view kDatabaseMagic{"SQLite format 3\0", 16};

absl::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

/// SQL function `starts_with_resource(type, resource, id)`: whether the id begins with `type:resource:`.
/// Counts bytes, which SQL's own text functions do not.
void starts_with_resource(sqlite3_context* context, int /*count*/, sqlite3_value** values) {
  const auto text = [&](int i) {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_value_text(values[i]));
    return bytes == nullptr
               ? std::string_view()
               : std::string_view(bytes, static_cast<std::size_t>(sqlite3_value_bytes(values[i])));
  };
  std::string_view id = text(2);
  int result = 1;
  for (const std::string_view part : {text(0), text(1)}) {
    if (!id.starts_with(part) || id.size() == part.size() || id[part.size()] != ':') {
      result = 0;
      break;
    }
    id.remove_prefix(part.size() + 1);
  }
  sqlite3_result_int(context, result);
}

/// A database saved in write-ahead mode says so in two bytes, and would get files of its own beside it when
/// opened. The copy is complete without a log, so the bytes can say otherwise.
absl::Status check_header(const std::string& path, const File& database) {
  std::array<char, kDatabaseHeaderBytes> header{};
  const ssize_t got = ::pread(database.descriptor(), header.data(), header.size(), 0);
  if (got == 0) return absl::OkStatus();
  if (got != static_cast<ssize_t>(header.size()) ||
      std::memcmp(header.data(), kDatabaseMagic.data(), kDatabaseMagic.size()) != 0) {
    return absl::DataLossError(absl::StrCat(path, " is damaged: what it holds is not a SQLite database"));
  }
  if (header[18] == 2 && header[19] == 2) {
    const char legacy[2] = {1, 1};
    if (::pwrite(database.descriptor(), legacy, sizeof legacy, 18) != sizeof legacy) {
      return errno_status(errno, "changing the private copy");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<V1Database> V1Database::open(const std::string& path, const ReaderOptions& options) {
  const absl::StatusOr<FileKind> kind = inspect(path);
  if (!kind.ok()) return kind.status();
  if (*kind == FileKind::kMissing || *kind == FileKind::kEmpty) {
    return absl::NotFoundError(
        absl::StrCat(path, *kind == FileKind::kMissing ? " does not exist" : " is empty"));
  }
  if (*kind == FileKind::kNotAFile) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not a c1z file: it is not even a file"));
  }
  absl::StatusOr<DecodeLimits> limits = options.limits.has_value()
                                            ? absl::StatusOr<DecodeLimits>(*options.limits)
                                            : DecodeLimits::from_environment();
  if (!limits.ok()) return limits.status();
  const absl::StatusOr<File> file = open_for_reading(path);
  if (!file.ok()) return file.status();
  absl::StatusOr<TemporaryFile> copy = TemporaryFile::create(
      options.temporary_folder.empty() ? temporary_folder() : options.temporary_folder, "c1z-");
  if (!copy.ok()) return copy.status();
  if (const absl::StatusOr<std::uint64_t> decoded = decompress_v1(*file, path, copy->file(), *limits);
      !decoded.ok()) {
    return decoded.status();
  }
  if (absl::Status status = check_header(path, copy->file()); !status.ok()) return status;
  absl::StatusOr<Database> database = Database::open(copy->path(), SQLITE_OPEN_READWRITE);
  copy->unlink();
  if (!database.ok()) return database.status();
  V1Database opened(path, *std::move(database));
  absl::Status status = opened.configure();
  if (status.ok()) status = opened.look_at_tables();
  if (!status.ok()) return opened.named(status);
  return opened;
}

bool V1Database::has_column(std::string_view table, std::string_view column) const {
  const auto at = columns_.find(table);
  return at != columns_.end() && at->second.contains(column);
}

std::string V1Database::column_or(std::string_view table, std::string_view column,
                                  std::string_view instead) const {
  if (has_column(table, column)) return std::string(column);
  return absl::StrCat(view(instead), " AS ", view(column));
}

absl::Status V1Database::index_external_ids(std::string_view table) {
  absl::StatusOr<Statement> indexed = prepare(absl::StrCat(
      "SELECT 1 FROM pragma_index_list('", view(table), "') AS list, pragma_index_info(list.name) AS info ",
      "WHERE info.seqno = 0 AND info.name = 'external_id' AND list.partial = 0 LIMIT 1"));
  if (!indexed.ok()) return indexed.status();
  const absl::StatusOr<bool> found = indexed->step();
  if (!found.ok() || *found) return named(found.status());
  return named(database_.execute(
      absl::StrCat("CREATE INDEX baton_lookup_", view(table), " ON ", view(table), " (external_id)")));
}

absl::StatusOr<Statement> V1Database::prepare(std::string_view sql) {
  absl::StatusOr<Statement> statement = database_.prepare(sql);
  if (!statement.ok()) return named(statement.status());
  return statement;
}

absl::Status V1Database::named(const absl::Status& status) const {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(path_, ": ", status.message()));
}

absl::Status V1Database::configure() {
  sqlite3_limit(database_.handle(), SQLITE_LIMIT_LENGTH, kLargestValueBytes);
  const int code = sqlite3_create_function_v2(database_.handle(), "starts_with_resource", 3,
                                              SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, nullptr,
                                              &starts_with_resource, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_status(database_.handle(), code, "registering a function");
  // The schema is a stranger's: nothing in it may call functions, and page contents are checked as they are
  // read.
  return database_.execute(
      "PRAGMA trusted_schema=off; PRAGMA cell_size_check=on; PRAGMA locking_mode=exclusive;"
      "PRAGMA journal_mode=off; PRAGMA synchronous=off; PRAGMA temp_store=file; PRAGMA cache_size=-32768");
}

absl::Status V1Database::look_at_tables() {
  absl::StatusOr<Statement> kinds =
      database_.prepare("SELECT type FROM sqlite_master WHERE name = ?1 AND type IN ('table', 'view')");
  if (!kinds.ok()) return kinds.status();
  absl::StatusOr<Statement> names = database_.prepare("SELECT name FROM pragma_table_info(?1)");
  if (!names.ok()) return names.status();
  for (const TableSchema& table : v1_tables()) {
    kinds->bind_text(1, table.name);
    const absl::StatusOr<bool> exists = kinds->step();
    if (!exists.ok()) return exists.status();
    if (!*exists) continue;
    const bool is_table = kinds->text(0) == "table";
    kinds->reset();
    if (!is_table) {
      return absl::DataLossError(absl::StrCat(view(table.name), " is a view where a table is expected"));
    }
    auto& columns = columns_[std::string(table.name)];
    names->bind_text(1, table.name);
    while (true) {
      const absl::StatusOr<bool> more = names->step();
      if (!more.ok()) return more.status();
      if (!*more) break;
      columns.emplace(names->text(0));
    }
  }
  return absl::OkStatus();
}

}  // namespace baton::c1z
