#include "storage/c1z/v1_database.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/c1z/file.hpp"

namespace baton::c1z {
namespace {

/// No row of a real file comes near, as rows travel in messages of a few MiB; a damaged one may claim more.
/// Decoded, a hostile one of this size can grow forty times.
constexpr int kLargestValueBytes = 16 << 20;
constexpr int kLongestSqlBytes = 1 << 20;
constexpr int kMostColumns = 256;

/// Work is counted in slices of so many instructions. Our lists and look-ups need less than four instructions
/// for each byte of a file, even of one without indexes.
constexpr int kSliceInstructions = 10'000;
constexpr std::int64_t kLeastSlices = 10'000;
constexpr std::uint64_t kBytesPerSlice = 625;

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

constexpr std::string_view kTooMuchWork =
    "reading it takes far more work than a file of its size can need; its pages must point in circles";

int take_slice(void* slices) {
  return --*static_cast<std::int64_t*>(slices) < 0 ? 1 : 0;
}

/// Decides about every step of a statement while it is compiled; nothing of a file's own schema is among
/// them.
int authorize(void* /*context*/, int action, const char* first, const char* second, const char* /*database*/,
              const char* /*by*/) {
  constexpr std::array<std::string_view, 5> kFunctions{"count", "ifnull", "length", "min",
                                                       "starts_with_resource"};
  constexpr std::array<std::string_view, 3> kPragmas{"index_info", "index_list", "table_info"};
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_CREATE_INDEX:
    case SQLITE_REINDEX:
      return SQLITE_OK;
    case SQLITE_INSERT:  // what creating an index does to the schema's table
    case SQLITE_UPDATE:
      return std::string_view(first) == "sqlite_master" ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_FUNCTION:
      return std::ranges::find(kFunctions, std::string_view(second)) != kFunctions.end() ? SQLITE_OK
                                                                                         : SQLITE_DENY;
    case SQLITE_PRAGMA:
      return std::ranges::find(kPragmas, std::string_view(first)) != kPragmas.end() ? SQLITE_OK : SQLITE_DENY;
    default:
      return SQLITE_DENY;
  }
}

/// The columns without which a table says nothing; `discovered_at` is not among them.
class Needed {
 public:
  std::string_view table;
  std::vector<std::string_view> columns;
};
const std::vector<Needed>& needed_columns() {
  static const std::vector<Needed> kNeeded{
      {"v1_resource_types", {"id", "external_id", "data", "sync_id"}},
      {"v1_resources", {"id", "resource_type_id", "external_id", "data", "sync_id"}},
      {"v1_entitlements", {"id", "resource_type_id", "resource_id", "external_id", "data", "sync_id"}},
      {"v1_grants",
       {"id", "resource_type_id", "resource_id", "entitlement_id", "principal_resource_type_id",
        "principal_resource_id", "external_id", "data", "sync_id"}},
      {"v1_sync_runs", {"id", "sync_id", "started_at", "ended_at", "sync_token"}},
      {"v1_assets", {"sync_id"}},
      {"v1_connector_sessions", {"sync_id"}},
  };
  return kNeeded;
}

/// A database saved in write-ahead mode says so in two bytes, and would get files of its own beside it when
/// opened. The copy is complete without a log, so the bytes can say otherwise. `is_utf8` tells the encoding
/// of texts.
absl::Status check_header(const std::string& path, const File& database, bool& is_utf8) {
  std::array<char, kDatabaseHeaderBytes> header{};
  is_utf8 = true;
  const ssize_t got = ::pread(database.descriptor(), header.data(), header.size(), 0);
  if (got == 0) return absl::OkStatus();
  if (got != static_cast<ssize_t>(header.size()) ||
      std::memcmp(header.data(), kDatabaseMagic.data(), kDatabaseMagic.size()) != 0) {
    return absl::DataLossError(absl::StrCat(path, " is damaged: what it holds is not a SQLite database"));
  }
  is_utf8 = header[59] <= 1;
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
  absl::StatusOr<DecodeLimits> limits = options.limits.has_value()
                                            ? absl::StatusOr<DecodeLimits>(*options.limits)
                                            : DecodeLimits::from_environment();
  if (!limits.ok()) return limits.status();
  const absl::StatusOr<File> file = open_for_reading(path);
  if (!file.ok()) return file.status();
  absl::StatusOr<TemporaryFile> copy = TemporaryFile::create(
      options.temporary_folder.empty() ? temporary_folder() : options.temporary_folder, "c1z-");
  if (!copy.ok()) return copy.status();
  const absl::StatusOr<std::uint64_t> decoded = decompress_v1(*file, path, copy->file(), *limits);
  if (!decoded.ok()) return decoded.status();
  bool is_utf8 = true;
  if (absl::Status status = check_header(path, copy->file(), is_utf8); !status.ok()) return status;
  absl::StatusOr<Database> database = Database::open(copy->path(), SQLITE_OPEN_READWRITE);
  copy->unlink();
  if (!database.ok()) return database.status();
  V1Database opened(path, *decoded, *std::move(database));
  opened.is_utf8_ = is_utf8;
  absl::Status status = opened.configure(options.cache_kib);
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

absl::StatusOr<bool> V1Database::is_indexed(std::string_view table, std::string_view column) {
  absl::StatusOr<Statement> indexed = prepare(absl::StrCat(
      "SELECT 1 FROM pragma_index_list('", view(table), "') AS list, pragma_index_info(list.name) AS info ",
      "WHERE info.seqno = 0 AND info.name = ?1 AND list.partial = 0 LIMIT 1"));
  if (!indexed.ok()) return indexed.status();
  indexed->bind_text(1, column);
  const absl::StatusOr<bool> found = indexed->step();
  if (!found.ok()) return named(found.status(), table);
  return *found;
}

absl::Status V1Database::create_index(std::string_view table, std::string_view column) {
  return named(database_.execute(absl::StrCat("CREATE INDEX baton_lookup_", view(table), " ON ", view(table),
                                              " (", view(column), ")")),
               table);
}

absl::StatusOr<Statement> V1Database::prepare(std::string_view sql) {
  absl::StatusOr<Statement> statement = database_.prepare(sql);
  if (!statement.ok()) return named(statement.status());
  return statement;
}

absl::Status V1Database::named(const absl::Status& status) const {
  if (status.ok()) return status;
  if (work_->slices < 0) return damaged(kTooMuchWork);
  return absl::Status(status.code(), absl::StrCat(path_, ": ", status.message()));
}

absl::Status V1Database::named(const absl::Status& status, std::string_view table) const {
  if (status.ok()) return status;
  if (work_->slices < 0) return damaged(absl::StrCat(view(table), ": ", view(kTooMuchWork)));
  return absl::Status(status.code(), absl::StrCat(path_, ": ", view(table), ": ", status.message()));
}

absl::Status V1Database::damaged(std::string_view what) const {
  return absl::DataLossError(absl::StrCat(path_, " is damaged: ", view(what)));
}

void V1Database::renew_work() {
  work_->slices = std::max(kLeastSlices, static_cast<std::int64_t>(bytes_ / kBytesPerSlice));
}

absl::Status V1Database::configure(int cache_kib) {
  constexpr std::pair<int, int> kLimits[] = {
      {SQLITE_LIMIT_LENGTH, kLargestValueBytes}, {SQLITE_LIMIT_SQL_LENGTH, kLongestSqlBytes},
      {SQLITE_LIMIT_COLUMN, kMostColumns},       {SQLITE_LIMIT_ATTACHED, 0},
      {SQLITE_LIMIT_TRIGGER_DEPTH, 0},           {SQLITE_LIMIT_WORKER_THREADS, 0},
  };
  for (const auto& [limit, value] : kLimits) sqlite3_limit(database_.handle(), limit, value);
  renew_work();
  sqlite3_progress_handler(database_.handle(), kSliceInstructions, &take_slice, &work_->slices);
  const int code = sqlite3_create_function_v2(database_.handle(), "starts_with_resource", 3,
                                              SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, nullptr,
                                              &starts_with_resource, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_status(database_.handle(), code, "registering a function");
  // Page contents are checked as they are read.
  absl::Status status = database_.execute(
      absl::StrCat("PRAGMA cell_size_check=on; PRAGMA locking_mode=exclusive; PRAGMA journal_mode=off;"
                   "PRAGMA synchronous=off; PRAGMA temp_store=file; PRAGMA cache_size=-",
                   cache_kib));
  if (!status.ok()) return status;
  // Behind the pragmas: a defensive connection keeps a journal, for which the private copy has no name.
  constexpr std::pair<int, int> kSwitches[] = {
      {SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
      {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
      {SQLITE_DBCONFIG_DQS_DDL, 0},        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
  };
  for (const auto& [option, value] : kSwitches) {
    sqlite3_db_config(database_.handle(), option, value, nullptr);
  }
  sqlite3_set_authorizer(database_.handle(), &authorize, nullptr);
  return absl::OkStatus();
}

absl::Status V1Database::look_at_tables() {
  absl::StatusOr<Statement> kinds = database_.prepare(
      "SELECT type, rootpage FROM sqlite_master WHERE name = ?1 COLLATE NOCASE AND type IN ('table', "
      "'view')");
  if (!kinds.ok()) return kinds.status();
  absl::StatusOr<Statement> names = database_.prepare("SELECT name FROM pragma_table_info(?1)");
  if (!names.ok()) return names.status();
  for (const Needed& needed : needed_columns()) {
    kinds->bind_text(1, needed.table);
    const absl::StatusOr<bool> exists = kinds->step();
    if (!exists.ok()) return exists.status();
    if (!*exists) continue;
    const bool is_view = kinds->text(0) == "view";
    const bool is_stored = kinds->integer(1) > 0;
    kinds->reset();
    if (is_view || !is_stored) {
      return absl::DataLossError(absl::StrCat(
          view(needed.table), " is a ", is_view ? "view" : "virtual table", " where a table is expected"));
    }
    auto& columns = columns_[std::string(needed.table)];
    names->bind_text(1, needed.table);
    while (true) {
      const absl::StatusOr<bool> more = names->step();
      if (!more.ok()) return more.status();
      if (!*more) break;
      columns.emplace(absl::AsciiStrToLower(view(names->text(0))));
    }
    for (const std::string_view column : needed.columns) {
      if (!columns.contains(column)) {
        return absl::DataLossError(absl::StrCat(view(needed.table), " has no column ", view(column)));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace baton::c1z
