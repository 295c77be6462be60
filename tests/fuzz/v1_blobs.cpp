/// What stands in the cells of a v1 file, through the `baton` command: the first byte says which cell of an
/// otherwise good file, the rest is what it holds.
#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "cli/app.hpp"
#include "fuzz/memory_file.hpp"
#include "fuzz/require.hpp"
#include "storage/c1z/v1_schema.hpp"

namespace {

using namespace baton;

/// A cell: how bytes get into it, and the commands that read it.
class Cell {
 public:
  const char* update;
  bool text;
  std::vector<std::vector<std::string>> commands;
};

const std::vector<Cell>& cells() {
  static const std::vector<Cell> kCells{
      {"UPDATE v1_resource_types SET data = ?1", false, {{"resource-types"}, {"resources"}}},
      {"UPDATE v1_resources SET data = ?1 WHERE resource_type_id = 'user'",
       false,
       {{"resources"}, {"principals", "-t", "group", "-r", "g"}, {"access", "-t", "user", "-r", "u"}}},
      {"UPDATE v1_entitlements SET data = ?1",
       false,
       {{"entitlements"}, {"access", "-t", "user", "-r", "u"}}},
      {"UPDATE v1_grants SET data = ?1", false, {{"grants"}, {"principals", "-e", "group:g:member"}}},
      {"UPDATE v1_grants SET expansion = ?1", false, {{"grants"}}},
      {"UPDATE v1_sync_runs SET stats = ?1", true, {{"stats"}}},
      {"UPDATE v1_sync_runs SET sync_token = ?1, stats = NULL", true, {{"stats"}, {"syncs", "--wide"}}},
      {"UPDATE v1_sync_runs SET started_at = ?1", true, {{"syncs"}}},
      {"UPDATE v1_sync_runs SET ended_at = ?1", true, {{"stats"}}},
  };
  return kCells;
}

class Close {
 public:
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  void operator()(unsigned char* memory) const { sqlite3_free(memory); }
};
using Database = std::unique_ptr<sqlite3, Close>;

Database open_in_memory() {
  sqlite3* raw = nullptr;
  fuzz::require(sqlite3_open(":memory:", &raw) == SQLITE_OK, "SQLite opens a database in memory");
  return Database(raw);
}

void execute(const Database& database, const std::string& sql) {
  fuzz::require(sqlite3_exec(database.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK,
                sql.c_str());
}

std::string bytes_of(const Database& database) {
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, Close> bytes(sqlite3_serialize(database.get(), "main", &size, 0));
  return std::string(reinterpret_cast<const char*>(bytes.get()), static_cast<std::size_t>(size));
}

/// One row of each kind, in order: the type "group", group g, user u, the group's entitlement and a slim
/// grant of it.
std::string good_database() {
  const Database database = open_in_memory();
  execute(database, "PRAGMA page_size = 512");
  for (const c1z::TableSchema& table : c1z::v1_tables()) execute(database, std::string(table.create));
  execute(database, R"(
    INSERT INTO v1_resource_types (external_id, data, sync_id, discovered_at)
      VALUES ('group', x'0a0567726f7570', 'S', '2024-01-01 00:00:00');
    INSERT INTO v1_resources (resource_type_id, external_id, data, sync_id, discovered_at) VALUES
      ('group', 'group:g', x'0a0a0a0567726f7570120167', 'S', '2024-01-01 00:00:00'),
      ('user', 'user:u', x'0a090a0475736572120175', 'S', '2024-01-01 00:00:00');
    INSERT INTO v1_entitlements (resource_type_id, resource_id, external_id, data, sync_id, discovered_at)
      VALUES ('group', 'g', 'group:g:member',
              x'0a0c0a0a0a0567726f7570120167120e67726f75703a673a6d656d62657242066d656d626572', 'S', '2024-01-01 00:00:00');
    INSERT INTO v1_grants (resource_type_id, resource_id, entitlement_id, principal_resource_type_id,
                           principal_resource_id, external_id, data, sync_id, discovered_at)
      VALUES ('group', 'g', 'group:g:member', 'user', 'u', 'G', x'1a0147', 'S', '2024-01-01 00:00:00');
    INSERT INTO v1_sync_runs (sync_id, started_at, ended_at, sync_token, sync_type, grants_backfilled)
      VALUES ('S', '2024-01-01 00:00:00', '2024-01-01 00:00:01', '', 'full', 0);)");
  return bytes_of(database);
}

std::string database_with(const Cell& cell, std::string_view value) {
  static const std::string kGood = good_database();
  const Database database = open_in_memory();
  auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(kGood.size()));
  fuzz::require(copy != nullptr, "there is memory");
  kGood.copy(reinterpret_cast<char*>(copy), kGood.size());
  const auto size = static_cast<sqlite3_int64>(kGood.size());
  const int code = sqlite3_deserialize(database.get(), "main", copy, size, size,
                                       SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE);
  fuzz::require(code == SQLITE_OK, "SQLite takes a database in memory");
  sqlite3_stmt* raw = nullptr;
  fuzz::require(sqlite3_prepare_v2(database.get(), cell.update, -1, &raw, nullptr) == SQLITE_OK, cell.update);
  const std::unique_ptr<sqlite3_stmt, Close> statement(raw);
  const auto* bytes = value.data() == nullptr ? "" : value.data();
  if (cell.text) {
    sqlite3_bind_text(raw, 1, bytes, static_cast<int>(value.size()), SQLITE_STATIC);
  } else {
    sqlite3_bind_blob(raw, 1, bytes, static_cast<int>(value.size()), SQLITE_STATIC);
  }
  fuzz::require(sqlite3_step(raw) == SQLITE_DONE, cell.update);
  return bytes_of(database);
}

/// Nothing on standard output and one line of an error when it fails.
void run(const std::string& file, std::vector<std::string> command, const std::vector<std::string>& more) {
  command.insert(command.end(), more.begin(), more.end());
  command.insert(command.end(), {"-f", file});
  std::ostringstream results;
  std::ostringstream errors;
  const int code = cli::run(command, results, errors, false);
  const std::string said = errors.str();
  if (code == 0) {
    fuzz::require(said.empty() || said.starts_with("note: "), "success says nothing but notes");
  } else {
    fuzz::require(results.str().empty(), "a failure prints no results");
    fuzz::require(said.starts_with("Error: "), "an error says so");
    fuzz::require(said.find('\n') == said.size() - 1, "an error is one line");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::MemoryFile file;
  [[maybe_unused]] static const bool kBound = (fuzz::bound_reader(), true);
  if (size == 0) return 0;
  const Cell& cell = cells()[data[0] % cells().size()];
  file.assign(
      fuzz::as_v1(database_with(cell, std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1))));
  for (const std::vector<std::string>& command : cell.commands) {
    run(file.path(), command, {"-o", "json"});
    run(file.path(), command, {});
  }
  run(file.path(), {"digest", "--rows"}, {});
  return 0;
}
