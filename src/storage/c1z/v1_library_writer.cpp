#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/c1z/artifact_file.hpp"
#include "storage/c1z/earlier_syncs.hpp"
#include "storage/c1z/envelope.hpp"
#include "storage/c1z/file.hpp"
#include "storage/c1z/grant_ids.hpp"
#include "storage/c1z/row_batches.hpp"
#include "storage/c1z/run_row.hpp"
#include "storage/c1z/sqlite.hpp"
#include "storage/c1z/v1_schema.hpp"
#include "storage/c1z/write_method.hpp"

namespace baton::c1z {
namespace {

/// Virtual machine steps of SQLite between two looks at whether to go on: tens of milliseconds.
constexpr int kStepsBetweenChecks = 1 << 20;
/// Each round of renaming gives at least one grant its final id, and all of them in the first but for odd
/// cases.
constexpr int kRenameRounds = 8;

/// A parameter for each of `RowReader`'s columns.
constexpr const char* kInserts[] = {
    "INSERT INTO v1_resource_types (external_id, data, sync_id, discovered_at) VALUES (?1, ?2, ?3, ?4)",
    "INSERT INTO v1_resources (resource_type_id, external_id, parent_resource_type_id, parent_resource_id, "
    "data, "
    "sync_id, discovered_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    "INSERT INTO v1_entitlements (resource_type_id, resource_id, external_id, data, sync_id, discovered_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    "INSERT INTO v1_grants (resource_type_id, resource_id, entitlement_id, principal_resource_type_id, "
    "principal_resource_id, external_id, expansion, needs_expansion, data, sync_id, discovered_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
};
constexpr const char* kInsertRun =
    "INSERT INTO v1_sync_runs (sync_id, started_at, ended_at, sync_token, sync_type, parent_sync_id, "
    "linked_sync_id, supports_diff, grants_backfilled, stats, ingest_invariant_generation, "
    "ingest_invariant_coverage, ingest_invariant_mode) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

void bind(Statement& insert, int parameter, const Value& value) {
  switch (value.type()) {
    case Value::Type::kNull:
      insert.bind_null(parameter);
      break;
    case Value::Type::kInteger:
      insert.bind_int(parameter, value.number());
      break;
    case Value::Type::kText:
      insert.bind_text(parameter, value.bytes());
      break;
    case Value::Type::kBlob:
      insert.bind_blob(parameter, value.bytes());
      break;
  }
}

/// One write from the first row to the rename.
class Write {
 public:
  Write(const WriteOptions& options, const SyncRunInfo& run, storage::RowSource& rows, EarlierSyncs* earlier,
        WriteSummary& summary)
      : options_(options), run_(run), rows_(rows), earlier_(earlier), summary_(summary) {}

  absl::Status run() {
    const std::string folder =
        options_.temporary_folder.empty() ? folder_of(options_.path) : options_.temporary_folder;
    absl::StatusOr<TemporaryFile> temporary = TemporaryFile::create(folder, ".c1z-");
    if (!temporary.ok()) return temporary.status();
    absl::Status status =
        while_writing(fill(*temporary), absl::StrCat("writing a temporary database in ", folder));
    if (!status.ok()) return status;
    return while_writing(pack(temporary->file()), absl::StrCat("writing ", options_.path));
  }

 private:
  absl::Status fill(TemporaryFile& temporary) {
    absl::StatusOr<Database> database = Database::open(temporary.path(), SQLITE_OPEN_READWRITE);
    if (!database.ok()) return database.status();
    database_ = &*database;
    // From here on the file has no name, and is gone whatever ends this process.
    temporary.unlink();
    sqlite3_progress_handler(database->handle(), kStepsBetweenChecks, &Write::check_progress, this);
    absl::Status status = build();
    database_ = nullptr;
    if (!stop_.ok()) return stop_;
    if (!status.ok()) return status;
    return database->close();
  }

  absl::Status build() {
    absl::Status status = database_->execute(
        absl::StrCat("PRAGMA page_size=", options_.page_bytes,
                     "; PRAGMA encoding='UTF-8'; PRAGMA locking_mode=exclusive; PRAGMA synchronous=off;"
                     // In memory rather than off: a unique index that fails must be undone, and nothing else
                     // is ever recorded.
                     "PRAGMA journal_mode=memory; PRAGMA temp_store=file; PRAGMA cache_size=-",
                     options_.cache_kib, "; BEGIN"));
    if (!status.ok()) return status;
    for (const TableSchema& table : v1_tables()) {
      status = database_->execute(std::string(table.create));
      if (!status.ok()) return status;
    }
    const absl::Time start = absl::Now();
    if (earlier_ != nullptr) status = insert_earlier();
    if (status.ok()) status = insert_rows();
    if (!status.ok()) return status;
    const absl::Time rows_done = absl::Now();
    status = create_indexes();
    if (!status.ok()) return status;
    status = database_->execute("COMMIT");
    summary_.rows_time = rows_done - start;
    summary_.indexes_time = absl::Now() - rows_done;
    return status;
  }

  /// Rows that come later get ids behind these from the library itself.
  absl::Status insert_earlier() {
    for (const TableSchema& table : v1_tables()) {
      if (absl::Status status = insert_earlier(table); !status.ok()) return status;
    }
    // The new database makes its own indexes; those of the old one are only checked.
    return earlier_->check_indexes();
  }
  absl::Status insert_earlier(const TableSchema& table) {
    std::string columns = "id";
    std::string parameters = "?";
    for (const ColumnSchema& column : table.columns) {
      absl::StrAppend(&columns, ", ", absl::string_view(column.name.data(), column.name.size()));
      absl::StrAppend(&parameters, ", ?");
    }
    absl::StatusOr<Statement> insert = database_->prepare(
        absl::StrCat("INSERT INTO ", absl::string_view(table.name.data(), table.name.size()), " (", columns,
                     ") VALUES (", parameters, ")"));
    if (!insert.ok()) return insert.status();
    absl::StatusOr<EarlierRows> rows = earlier_->rows(table);
    if (!rows.ok()) return rows.status();
    while (true) {
      const absl::StatusOr<bool> more = rows->next();
      if (!more.ok() || !*more) return more.status();
      if (table.name == "v1_grants") last_earlier_grant_ = rows->id();
      insert->bind_int(1, rows->id());
      int parameter = 1;
      for (const Value& value : rows->columns()) bind(*insert, ++parameter, value);
      if (absl::Status status = insert->run(); !status.ok()) return status;
    }
  }

  absl::Status insert_rows() {
    std::array<Statement, std::size(kInserts)> inserts;
    for (std::size_t i = 0; i < inserts.size(); ++i) {
      absl::StatusOr<Statement> insert = database_->prepare(kInserts[i]);
      if (!insert.ok()) return insert.status();
      inserts[i] = *std::move(insert);
    }
    std::array<std::uint64_t, std::size(kInserts)> counts{};
    RowReader reader(rows_, options_.time_zone, run_.sync_id);
    while (true) {
      const absl::StatusOr<const RowBatch*> batch = reader.next();
      if (!batch.ok()) return batch.status();
      if (*batch == nullptr) break;
      const auto table = static_cast<std::size_t>((*batch)->table);
      if (absl::Status status = insert_batch(**batch, inserts[table]); !status.ok()) return status;
      counts[table] += (*batch)->cells.size() / static_cast<std::size_t>(RowReader::columns((*batch)->table));
      if (absl::Status status = report(WriteStep::kRows, counts[0] + counts[1] + counts[2] + counts[3], 0);
          !status.ok()) {
        return status;
      }
    }
    summary_.resource_types = counts[0];
    summary_.resources = counts[1];
    summary_.entitlements = counts[2];
    summary_.grants = counts[3];
    return insert_run(reader.counted());
  }

  static absl::Status insert_batch(const RowBatch& batch, Statement& insert) {
    const auto columns = static_cast<std::size_t>(RowReader::columns(batch.table));
    for (std::size_t at = 0; at < batch.cells.size(); at += columns) {
      for (std::size_t column = 0; column < columns; ++column) {
        bind(insert, static_cast<int>(column) + 1, batch.value(batch.cells[at + column]));
      }
      if (absl::Status status = insert.run(); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status insert_run(const StatsCount& counted) {
    absl::StatusOr<Statement> insert = database_->prepare(kInsertRun);
    if (!insert.ok()) return insert.status();
    const RunRow row(run_, counted, options_.time_zone);
    int parameter = 0;
    for (const Value& value : row.values()) bind(*insert, ++parameter, value);
    return insert->run();
  }

  absl::Status create_indexes() {
    std::uint64_t done = 0;
    for (const IndexSchema& index : v1_indexes()) {
      absl::Status status = database_->execute(std::string(index.create));
      if (absl::IsAlreadyExists(status)) status = resolve_clash(index);
      if (!status.ok()) return status;
      status = report(WriteStep::kIndexes, ++done, v1_indexes().size());
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  /// The unique index of a table could not be made.
  absl::Status resolve_clash(const IndexSchema& index) {
    if (index.table == "v1_entitlements") return describe_clashing_entitlements(*database_, run_.sync_id);
    if (index.table == "v1_resources") return describe_clashing_resources(*database_, run_.sync_id);
    if (index.table != "v1_grants") {
      return absl::InternalError(absl::StrCat("rows of one identity came twice for ",
                                              absl::string_view(index.table.data(), index.table.size())));
    }
    for (int round = 0; round < kRenameRounds; ++round) {
      absl::Status status =
          rename_clashing_grants(*database_, run_.sync_id, last_earlier_grant_, rows_, summary_);
      if (status.ok()) status = database_->execute(std::string(index.create));
      if (!absl::IsAlreadyExists(status)) return status;
    }
    return absl::InternalError("the public ids of grants still clash after renaming");
  }

  /// Compresses next to the target, makes it durable, and puts it in its place.
  absl::Status pack(const File& database) {
    const absl::Time start = absl::Now();
    const absl::StatusOr<std::uint64_t> size = database.size();
    if (!size.ok()) return size.status();
    absl::StatusOr<ArtifactFile> artifact = ArtifactFile::create(options_.path, options_.before_step);
    if (!artifact.ok()) return artifact.status();
    absl::Status status = compress(database, *size, artifact->file());
    if (status.ok()) status = artifact->commit();
    summary_.database_bytes = *size;
    summary_.compression_time = absl::Now() - start;
    return status;
  }

  absl::Status compress(const File& database, std::uint64_t size, const File& file) {
    CompressOptions compression;
    compression.level = options_.level;
    compression.workers = options_.workers;
    compression.progress = [this, size](std::uint64_t done) {
      return report(WriteStep::kCompression, done, size);
    };
    const absl::StatusOr<std::uint64_t> written = compress_v1(database, size, file, compression);
    if (!written.ok()) return written.status();
    summary_.file_bytes = *written;
    return absl::OkStatus();
  }

  absl::Status report(WriteStep step, std::uint64_t done, std::uint64_t total) {
    progress_ = WriteProgress{step, done, total};
    return options_.progress ? options_.progress(progress_) : absl::OkStatus();
  }

  /// SQLite asks during long statements; anything but 0 interrupts them.
  static int check_progress(void* self) {
    auto* write = static_cast<Write*>(self);
    if (!write->options_.progress) return 0;
    write->stop_ = write->options_.progress(write->progress_);
    return write->stop_.ok() ? 0 : 1;
  }

  const WriteOptions& options_;
  const SyncRunInfo& run_;
  storage::RowSource& rows_;
  EarlierSyncs* earlier_;
  std::int64_t last_earlier_grant_ = 0;
  WriteSummary& summary_;
  Database* database_ = nullptr;
  WriteProgress progress_;
  absl::Status stop_;
};

}  // namespace

absl::Status write_with_library(const WriteOptions& options, const SyncRunInfo& run, storage::RowSource& rows,
                                EarlierSyncs* earlier, WriteSummary& summary) {
  return Write(options, run, rows, earlier, summary).run();
}

}  // namespace baton::c1z
