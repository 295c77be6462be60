#include "export/loaded_rows.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/c1z/envelope.hpp"
#include "storage/c1z/sqlite.hpp"

namespace baton::bench {
namespace {

constexpr std::array<const char*, 5> kTables = {"v1_resource_types", "v1_resources", "v1_entitlements",
                                                "v1_grants", "v1_sync_runs"};
constexpr const char* kSyncRuns = "v1_sync_runs";

constexpr std::size_t kPieceBytes = std::size_t{16} << 20;

void append_cell(std::vector<std::string>& pieces, int type, std::string_view bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  const std::size_t needed = 1 + sizeof size + bytes.size();
  if (pieces.empty() || pieces.back().capacity() - pieces.back().size() < needed) {
    pieces.emplace_back().reserve(std::max(kPieceBytes, needed));
  }
  std::string& cells = pieces.back();
  cells.push_back(static_cast<char>(type));
  cells.append(reinterpret_cast<const char*>(&size), sizeof size);
  cells.append(bytes);
}

absl::StatusOr<std::vector<std::string>> columns_of(c1z::Database& database, const LoadedTable& table) {
  auto names = database.prepare("SELECT name FROM pragma_table_info(?1) WHERE name <> 'id' ORDER BY cid");
  if (!names.ok()) return names.status();
  names->bind_text(1, table.name);
  std::vector<std::string> columns;
  while (true) {
    const absl::StatusOr<bool> more = names->step();
    if (!more.ok()) return more.status();
    if (!*more) return columns;
    std::string name(names->text(0));
    if (!table.sync_id_apart || name != "sync_id") columns.push_back(std::move(name));
  }
}

absl::Status load_table(c1z::Database& database, LoadedTable& table) {
  auto columns = columns_of(database, table);
  if (!columns.ok()) return columns.status();
  table.columns = *std::move(columns);
  std::string sql = "SELECT ";
  for (const std::string& column : table.columns) absl::StrAppend(&sql, column, ", ");
  absl::StrAppend(&sql, "id FROM ", table.name, " ORDER BY id");
  auto rows = database.prepare(sql);
  if (!rows.ok()) return rows.status();
  while (true) {
    const absl::StatusOr<bool> more = rows->step();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    for (int i = 0; i < static_cast<int>(table.columns.size()); ++i) {
      const int type = rows->type(i);
      if (type == SQLITE_INTEGER) {
        const std::int64_t number = rows->integer(i);
        append_cell(table.pieces, type,
                    std::string_view(reinterpret_cast<const char*>(&number), sizeof number));
      } else {
        append_cell(table.pieces, type, type == SQLITE_NULL ? std::string_view() : rows->blob(i));
      }
    }
    ++table.rows;
  }
}

absl::StatusOr<std::string> only_sync(c1z::Database& database, const std::string& path) {
  auto syncs = database.prepare("SELECT min(sync_id), count(*) FROM v1_sync_runs");
  if (!syncs.ok()) return syncs.status();
  if (const absl::StatusOr<bool> row = syncs->step(); !row.ok()) return row.status();
  if (syncs->integer(1) != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " holds ", syncs->integer(1), " syncs; the bench wants a file with one"));
  }
  return std::string(syncs->text(0));
}

/// Decompresses and opens; the copy has no name any more.
absl::StatusOr<c1z::Database> open_copy(const std::string& path, const std::string& folder) {
  const absl::StatusOr<c1z::File> file = c1z::open_for_reading(path);
  if (!file.ok()) return file.status();
  auto temporary = c1z::TemporaryFile::create(folder, "bench-");
  if (!temporary.ok()) return temporary.status();
  const auto decoded = c1z::decompress_v1(*file, path, temporary->file(), c1z::DecodeLimits());
  if (!decoded.ok()) return decoded.status();
  return c1z::Database::open(temporary->path(), SQLITE_OPEN_READONLY);
}

}  // namespace

Cell CellReader::next() {
  if (rest_.empty()) rest_ = *next_piece_++;
  Cell cell;
  std::uint32_t size = 0;
  cell.type = rest_.front();
  std::memcpy(&size, rest_.data() + 1, sizeof size);
  cell.bytes = rest_.substr(1 + sizeof size, size);
  rest_.remove_prefix(1 + sizeof size + size);
  return cell;
}

absl::StatusOr<LoadedRows> load_rows(const std::string& path, const std::string& folder) {
  LoadedRows loaded;
  auto database = open_copy(path, folder);
  if (!database.ok()) return database.status();
  auto sync_id = only_sync(*database, path);
  if (!sync_id.ok()) return sync_id.status();
  loaded.sync_id = *std::move(sync_id);
  for (const char* name : kTables) {
    LoadedTable& table = loaded.tables.emplace_back();
    table.name = name;
    table.sync_id_apart = table.name != kSyncRuns;
    if (absl::Status status = load_table(*database, table); !status.ok()) return status;
  }
  return loaded;
}

}  // namespace baton::bench
