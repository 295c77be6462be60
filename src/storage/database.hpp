#pragma once

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/iterator.h>
#include <rocksdb/options.h>
#include <rocksdb/snapshot.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

/// RocksDB behind owning handles and our error codes. Private to `storage/`.
namespace baton::storage {

/// The column families of a run directory.
enum class Table : std::uint8_t {
  kRun,
  kPlan,
  kResourceTypes,
  kResources,
  kEntitlements,
  kGrants,
  kExpanded,
  kWarnings,
  kSessions,
};
inline constexpr std::size_t kTables = 9;

inline rocksdb::Slice slice(std::string_view text) {
  return rocksdb::Slice(text.data(), text.size());
}
inline std::string_view view(const rocksdb::Slice& text) {
  return std::string_view(text.data(), text.size());
}

/// One open database. Iterators and snapshots must be gone before it is; share it to keep it alive for them.
/// Reading is thread-safe; `clear` must have no readers of its table.
class Database {
 public:
  /// FailedPrecondition when another process has it open, NotFound when it `must_exist` and does not,
  /// DataLoss for damaged files.
  ///
  /// `read_only` takes no lock and writes nothing; for the run's own records and its plan only, as families
  /// of rows may be missing while another process is at work. `file_system`: the system's when null.
  static absl::StatusOr<std::shared_ptr<Database>> open(
      const std::string& directory, bool must_exist, std::size_t memtable_bytes, bool read_only = false,
      const std::shared_ptr<rocksdb::FileSystem>& file_system = nullptr);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& directory() const { return directory_; }

  /// Once a write or a sync has failed, all later ones answer with its error: the log may end in half a
  /// record, and Debian's RocksDB asserts that nobody touches it again. Reading goes on.
  absl::Status write(rocksdb::WriteBatch& batch, bool sync);
  absl::Status sync_log();
  /// False when there is no such key.
  absl::StatusOr<bool> get(Table table, std::string_view key, std::string& value) const;
  /// Drops everything in the table.
  absl::Status clear(Table table);
  /// Takes finished table files in, at most one per table: all of them or none. They are moved, and must lie
  /// in the database's directory. The log must be synced before. Thread-safe.
  absl::Status ingest(std::span<const std::pair<Table, std::string>> files);
  absl::Status close();

  /// For writing a file that `ingest` will take.
  rocksdb::Options file_options(Table table) const;
  rocksdb::ColumnFamilyHandle* handle(Table table) const { return handles_[static_cast<std::size_t>(table)]; }
  std::unique_ptr<rocksdb::Iterator> iterator(Table table, const rocksdb::ReadOptions& options = {}) const;
  rocksdb::DB& raw() const { return *db_; }

  /// In our codes, with the directory in front.
  absl::Status status(const rocksdb::Status& status) const;

 private:
  static absl::StatusOr<std::shared_ptr<Database>> open_to_read(
      const std::shared_ptr<Database>& database, const rocksdb::DBOptions& options,
      std::span<const rocksdb::ColumnFamilyDescriptor> families);
  Database(std::string directory, std::size_t memtable_bytes)
      : directory_(std::move(directory)), memtable_bytes_(memtable_bytes) {}

  std::string directory_;
  std::size_t memtable_bytes_;
  /// Before the database, which it outlives; the process's own when null.
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kTables> handles_{};
  absl::Status failure_;
};

/// A point in time to read at; released with the object, which keeps the database alive.
class Snapshot {
 public:
  explicit Snapshot(std::shared_ptr<Database> database);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  /// For one long pass over a table: read ahead, leave the cache alone.
  std::unique_ptr<rocksdb::Iterator> scan(Table table) const;
  const Database& database() const { return *database_; }

 private:
  std::shared_ptr<Database> database_;
  const rocksdb::Snapshot* snapshot_;
};

/// RocksDB's verdict in our codes: no space is ResourceExhausted, damage DataLoss, a held lock
/// FailedPrecondition.
absl::Status to_status(const rocksdb::Status& status, const std::string& directory);

/// Files that wait to be taken in are named so, in the run directory.
inline constexpr const char* kSegmentPrefix = "segment-";

/// A directory with a file of this name was being removed when the process ended; the next one goes on with
/// it.
inline constexpr const char* kRemovalMark = "REMOVING";

/// Whether RocksDB or this store writes files of that name. For refusing to remove anything else.
bool is_store_file(std::string_view name);

}  // namespace baton::storage
