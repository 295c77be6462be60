#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/c1z/envelope.hpp"
#include "storage/c1z/file.hpp"
#include "storage/c1z/grant_ids.hpp"
#include "storage/c1z/row_batches.hpp"
#include "storage/c1z/sqlite.hpp"
#include "storage/c1z/v1_schema.hpp"
#include "storage/c1z/wall_clock.hpp"
#include "storage/c1z/writer.hpp"

namespace baton::c1z {
namespace {

/// Virtual machine steps of SQLite between two looks at whether to go on: tens of milliseconds.
constexpr int kStepsBetweenChecks = 1 << 20;
/// Each round of renaming gives at least one grant its final id, and all of them in the first but for odd
/// cases.
constexpr int kRenameRounds = 8;

enum class Kind : std::uint8_t { kText, kBlob, kFlag };

/// How `RowReader`'s columns enter their table; the sync id is the parameter after the last column.
class Insert {
 public:
  const char* sql;
  std::array<Kind, 10> kinds;
};

constexpr Insert kInserts[] = {
    {"INSERT INTO v1_resource_types (external_id, data, discovered_at, sync_id) VALUES (?1, ?2, ?3, ?4)",
     {Kind::kText, Kind::kBlob, Kind::kText}},
    {"INSERT INTO v1_resources (resource_type_id, external_id, parent_resource_type_id, parent_resource_id, "
     "data, "
     "discovered_at, sync_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
     {Kind::kText, Kind::kText, Kind::kText, Kind::kText, Kind::kBlob, Kind::kText}},
    {"INSERT INTO v1_entitlements (resource_type_id, resource_id, external_id, data, discovered_at, sync_id) "
     "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
     {Kind::kText, Kind::kText, Kind::kText, Kind::kBlob, Kind::kText}},
    {"INSERT INTO v1_grants (resource_type_id, resource_id, entitlement_id, principal_resource_type_id, "
     "principal_resource_id, external_id, expansion, needs_expansion, data, discovered_at, sync_id) "
     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
     {Kind::kText, Kind::kText, Kind::kText, Kind::kText, Kind::kText, Kind::kText, Kind::kBlob, Kind::kFlag,
      Kind::kBlob, Kind::kText}},
};

absl::Status with_place(const absl::Status& status, std::string_view doing) {
  if (status.ok()) return status;
  return absl::Status(
      status.code(),
      absl::StrCat(absl::string_view(doing.data(), doing.size()), ": ", status.message(),
                   absl::IsResourceExhausted(status) ? "; free some space and start again" : ""));
}

absl::Status may_replace(const std::string& path, FileKind kind) {
  switch (kind) {
    case FileKind::kMissing:
    case FileKind::kEmpty:
    case FileKind::kV1:
      return absl::OkStatus();
    case FileKind::kV3:
      return absl::FailedPreconditionError(
          absl::StrCat(path,
                       " is a c1z of version 3, which is not replaced by one of version 1; write to another "
                       "path or move it away"));
    case FileKind::kOther:
    case FileKind::kNotAFile:
      break;
  }
  return absl::FailedPreconditionError(
      absl::StrCat(path, " is not a c1z file and is not replaced; write to another path or move it away"));
}

/// One write from the first row to the rename.
class Write {
 public:
  Write(const WriteOptions& options, const SyncRunInfo& run, storage::RowSource& rows)
      : options_(options), run_(run), rows_(rows) {}

  absl::StatusOr<WriteSummary> run() {
    const absl::StatusOr<FileKind> kind = inspect(options_.path);
    if (!kind.ok()) return kind.status();
    if (absl::Status status = may_replace(options_.path, *kind); !status.ok()) return status;
    summary_.replaced_file = *kind == FileKind::kV1;

    const std::string folder =
        options_.temporary_folder.empty() ? folder_of(options_.path) : options_.temporary_folder;
    absl::StatusOr<TemporaryFile> temporary = TemporaryFile::create(folder, ".c1z-");
    if (!temporary.ok()) return temporary.status();
    absl::Status status =
        with_place(fill(*temporary), absl::StrCat("writing a temporary database in ", folder));
    if (status.ok()) {
      status = with_place(pack(temporary->file()), absl::StrCat("writing ", options_.path));
    }
    if (!status.ok()) return status;
    return std::move(summary_);
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
    status = insert_rows();
    if (!status.ok()) return status;
    const absl::Time rows_done = absl::Now();
    status = create_indexes();
    if (!status.ok()) return status;
    status = database_->execute("COMMIT");
    summary_.rows_time = rows_done - start;
    summary_.indexes_time = absl::Now() - rows_done;
    return status;
  }

  absl::Status insert_rows() {
    std::array<Statement, std::size(kInserts)> inserts;
    for (std::size_t i = 0; i < inserts.size(); ++i) {
      absl::StatusOr<Statement> insert = database_->prepare(kInserts[i].sql);
      if (!insert.ok()) return insert.status();
      inserts[i] = *std::move(insert);
      inserts[i].bind_text(RowReader::columns(static_cast<Table>(i)) + 1, run_.sync_id);
    }
    std::array<std::uint64_t, std::size(kInserts)> counts{};
    RowReader reader(rows_, options_.time_zone);
    while (true) {
      const absl::StatusOr<const RowBatch*> batch = reader.next();
      if (!batch.ok()) return batch.status();
      if (*batch == nullptr) break;
      const auto table = static_cast<std::size_t>((*batch)->table);
      if (absl::Status status = insert_batch(**batch, inserts[table], kInserts[table].kinds); !status.ok()) {
        return status;
      }
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

  static absl::Status insert_batch(const RowBatch& batch, Statement& insert,
                                   const std::array<Kind, 10>& kinds) {
    const auto columns = static_cast<std::size_t>(RowReader::columns(batch.table));
    for (std::size_t at = 0; at < batch.cells.size(); at += columns) {
      for (std::size_t column = 0; column < columns; ++column) {
        const RowBatch::Cell& cell = batch.cells[at + column];
        const int parameter = static_cast<int>(column) + 1;
        if (cell.null) {
          insert.bind_null(parameter);
        } else if (kinds[column] == Kind::kText) {
          insert.bind_text(parameter, batch.value(cell));
        } else if (kinds[column] == Kind::kBlob) {
          insert.bind_blob(parameter, batch.value(cell));
        } else {
          insert.bind_int(parameter, cell.size == 0 ? 0 : 1);
        }
      }
      if (absl::Status status = insert.run(); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status insert_run(const StatsCount& counted) {
    absl::StatusOr<Statement> insert = database_->prepare(
        "INSERT INTO v1_sync_runs (sync_id, started_at, ended_at, sync_token, sync_type, parent_sync_id, "
        "supports_diff, grants_backfilled, stats) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8)");
    if (!insert.ok()) return insert.status();
    WallClockText wall_clock(options_.time_zone);
    const std::string started(wall_clock.format(run_.started_at));
    const std::string ended(wall_clock.format(run_.ended_at));
    const std::string stats = run_.with_stats ? stats_text(counted.stats(run_.type)) : "";
    insert->bind_text(1, run_.sync_id);
    insert->bind_text(2, started);
    insert->bind_text(3, ended);
    insert->bind_text(4, run_.token);
    insert->bind_text(5, run_.type);
    insert->bind_text(6, run_.parent_sync_id);
    insert->bind_int(7, run_.supports_diff ? 1 : 0);
    if (run_.with_stats) insert->bind_text(8, stats);
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
    if (index.table == "v1_entitlements") return describe_clashing_entitlements(*database_);
    if (index.table == "v1_resources") return describe_clashing_resources(*database_);
    if (index.table != "v1_grants") {
      return absl::InternalError(absl::StrCat("rows of one identity came twice for ",
                                              absl::string_view(index.table.data(), index.table.size())));
    }
    for (int round = 0; round < kRenameRounds; ++round) {
      absl::Status status = rename_clashing_grants(*database_, rows_, summary_);
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
    const std::string unfinished = options_.path + ".tmp";
    // A file of that name is what an earlier process left when it was killed.
    if (::unlink(unfinished.c_str()) != 0 && errno != ENOENT) {
      return errno_status(errno, absl::StrCat("removing ", unfinished));
    }
    absl::StatusOr<File> file = create_exclusively(unfinished, 0644);
    if (!file.ok()) return file.status();
    absl::Status status = compress(database, *size, *file);
    if (status.ok()) status = file->sync();
    if (status.ok()) status = file->close();
    if (status.ok() && ::rename(unfinished.c_str(), options_.path.c_str()) != 0) {
      status = errno_status(errno, "renaming the finished file");
    }
    if (!status.ok()) {
      ::unlink(unfinished.c_str());
      return status;
    }
    summary_.database_bytes = *size;
    summary_.compression_time = absl::Now() - start;
    return sync_folder(folder_of(options_.path));
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
  Database* database_ = nullptr;
  WriteSummary summary_;
  WriteProgress progress_;
  absl::Status stop_;
};

}  // namespace

absl::StatusOr<WriteSummary> write_v1(const WriteOptions& options, const SyncRunInfo& run,
                                      storage::RowSource& rows) {
  return Write(options, run, rows).run();
}

absl::Status check_target(const std::string& path) {
  const absl::StatusOr<FileKind> kind = inspect(path);
  if (!kind.ok()) return kind.status();
  if (absl::Status status = may_replace(path, *kind); !status.ok()) return status;
  const std::string folder = folder_of(path);
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    return errno_status(errno, absl::StrCat("writing to folder ", folder));
  }
  return absl::OkStatus();
}

}  // namespace baton::c1z
