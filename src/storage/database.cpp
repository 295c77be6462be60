#include "storage/database.hpp"

#include <fcntl.h>
#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/memtablerep.h>
#include <rocksdb/table.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/durable_mark.hpp"
#include "storage/sync_store.hpp"

namespace baton::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, kTables> kTableNames = {"default",   "plan",         "resource_types",
                                                          "resources", "entitlements", "grants",
                                                          "expanded",  "warnings",     "sessions"};

/// All memtables together, whatever the number of families.
constexpr std::size_t kMemtableTotalBytes = std::size_t{48} << 20;
/// Logs kept for families that were not flushed yet; bounds the replay after a crash to well under a second.
constexpr std::size_t kLogTotalBytes = std::size_t{64} << 20;
constexpr std::size_t kBlockCacheBytes = std::size_t{8} << 20;
constexpr std::size_t kScanReadaheadBytes = std::size_t{256} << 10;

/// RocksDB's own log tells a user nothing that its errors do not, and Debian's build ends the process when
/// the disk is too full for it.
class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::DBOptions database_options(bool must_exist) {
  rocksdb::DBOptions options;
  options.create_if_missing = !must_exist;
  options.create_missing_column_families = true;
  options.db_write_buffer_size = kMemtableTotalBytes;
  options.max_total_wal_size = kLogTotalBytes;
  options.max_background_jobs = 2;
  options.allow_concurrent_memtable_write = false;  // there is one writer
  // A record that power loss tore, or any rubbish that the file system left behind the last synced byte, ends
  // the replay there: what came before is a consistent state. That this cuts off only commits that were never
  // promised to be durable is checked by the store against its own mark (`durable_mark.hpp`); RocksDB's modes
  // know "torn" only as "too short".
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.info_log = std::make_shared<NoLog>();
  return options;
}

/// `format_version` 2, CRC-32C and Snappy are what upstream's engine can read, so that an export may copy
/// tables.
rocksdb::ColumnFamilyOptions family_options(Table table, std::size_t memtable_bytes,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.format_version = 2;
  blocks.checksum = rocksdb::kCRC32c;
  blocks.block_cache = cache;
  blocks.block_size = std::size_t{16} << 10;

  rocksdb::ColumnFamilyOptions options;
  options.compression = rocksdb::kSnappyCompression;
  options.write_buffer_size = memtable_bytes;
  options.max_write_buffer_number = 3;
  options.arena_block_size = std::min(std::size_t{512} << 10, memtable_bytes / 8);
  // Rows come once and are read once: merging early buys nothing.
  options.level0_file_num_compaction_trigger = 8;
  options.level0_slowdown_writes_trigger = 32;
  options.level0_stop_writes_trigger = 48;
  if (table == Table::kPlan) {
    // "Was this cursor planned before?" is nearly always no, and asked for each resource.
    blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    options.memtable_whole_key_filtering = true;
    options.memtable_prefix_bloom_size_ratio = 0.1;
  }
  if (table == Table::kGrants || table == Table::kEntitlements) {
    options.memtable_factory = std::make_shared<rocksdb::VectorRepFactory>();
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  return options;
}

std::string errno_text(int error) {
  return std::error_code(error, std::generic_category()).message();
}

/// Makes the directory ours alone. Refuses one that holds something else than a run.
absl::Status prepare_directory(const std::string& directory, bool must_exist, bool read_only) {
  std::error_code error;
  const bool exists = fs::is_directory(directory, error);
  if (!exists) {
    if (must_exist) return absl::NotFoundError(absl::StrCat("no run directory at ", directory));
    const fs::path parent = fs::path(directory).parent_path();
    if (!parent.empty()) fs::create_directories(parent, error);
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
      const int reason = errno;
      const std::string text =
          absl::StrCat("cannot create the run directory ", directory, ": ", errno_text(reason));
      if (reason == ENOSPC || reason == EDQUOT) return absl::ResourceExhaustedError(text);
      if (reason == EACCES || reason == EPERM || reason == EROFS) return absl::PermissionDeniedError(text);
      return absl::FailedPreconditionError(text);
    }
    return absl::OkStatus();
  }
  bool has_current = false;
  std::string foreign;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name == "CURRENT") has_current = true;
    if (!is_store_file(name)) foreign = name;
  }
  if (error) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot read the run directory ", directory, ": ", error.message()));
  }
  if (!has_current && must_exist) return absl::NotFoundError(absl::StrCat("no run in ", directory));
  if (!has_current && !foreign.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(directory, " is no run directory: it holds ", foreign,
                                                      "; name an empty or a new directory"));
  }
  if (read_only) return absl::OkStatus();
  // Rows may be personal data. A directory that is not ours to change was made by someone who knows.
  ::chmod(directory.c_str(), 0700);
  return absl::OkStatus();
}

}  // namespace

absl::Status to_status(const rocksdb::Status& status, const std::string& directory) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = status.ToString();
  if (status.IsNoSpace() || absl::StrContains(text, "No space left on device") ||
      absl::StrContains(text, "Disk quota exceeded") || absl::StrContains(text, "File too large")) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no space left for the run directory ", directory,
                     "; free space and run again: everything committed is kept (", text, ")"));
  }
  if (status.IsIOError() && absl::StrContains(text, "/LOCK")) {
    if (absl::StrContains(text, "Permission denied")) {
      return absl::PermissionDeniedError(
          absl::StrCat("cannot write to the run directory ", directory, ": ", text));
    }
    return absl::FailedPreconditionError(absl::StrCat("another process is syncing into ", directory,
                                                      "; wait for it to end, or name another --state-dir"));
  }
  if (status.IsBusy()) {
    return absl::FailedPreconditionError(absl::StrCat("the run directory ", directory, " is in use: ", text));
  }
  if (status.IsCorruption()) {
    return absl::DataLossError(
        absl::StrCat("the run directory ", directory, " is damaged: ", text, "; start over with --restart"));
  }
  if (absl::StrContains(text, "Permission denied") || absl::StrContains(text, "Read-only file system")) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot write to the run directory ", directory, ": ", text));
  }
  if (status.IsNotFound() || status.IsPathNotFound()) {
    return absl::DataLossError(absl::StrCat("a file of the run directory ", directory, " is missing: ", text,
                                            "; start over with --restart"));
  }
  return absl::InternalError(absl::StrCat("the run directory ", directory, ": ", text));
}

bool is_in_use(const std::string& directory) {
  const std::string path = absl::StrCat(directory, "/LOCK");
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return false;
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool held = ::fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(file);
  return held;
}

bool is_store_file(std::string_view name) {
  const auto digits_then = [&](std::string_view suffix) {
    if (!name.ends_with(suffix)) return false;
    const std::string_view stem = name.substr(0, name.size() - suffix.size());
    return stem.size() >= 6 &&
           std::all_of(stem.begin(), stem.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  return name == "CURRENT" || name == "IDENTITY" || name == "LOCK" || name == "LOG" ||
         name == DurableMark::kFileName || name == kRemovalMark || name.starts_with("LOG.old.") ||
         (name.starts_with(kSegmentPrefix) && name.ends_with(".sst")) || name.starts_with("MANIFEST-") ||
         name.starts_with("OPTIONS-") || digits_then(".sst") || digits_then(".log") || digits_then(".dbtmp");
}

absl::StatusOr<std::shared_ptr<Database>> Database::open(
    const std::string& directory, bool must_exist, std::size_t memtable_bytes, bool read_only,
    const std::shared_ptr<rocksdb::FileSystem>& file_system) {
  must_exist = must_exist || read_only;
  absl::Status prepared = prepare_directory(directory, must_exist, read_only);
  if (!prepared.ok()) return prepared;

  std::shared_ptr<Database> database(new Database(directory, memtable_bytes));
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (std::size_t i = 0; i < kTables; ++i) {
    families.emplace_back(kTableNames[i], family_options(static_cast<Table>(i), memtable_bytes, cache));
  }
  // In a new directory the families are made in one go: opening makes them one by one, each with an options
  // file and four syncs of its own.
  std::vector<rocksdb::ColumnFamilyDescriptor> missing;
  std::error_code ignored;
  if (!fs::exists(fs::path(directory) / "CURRENT", ignored)) {
    missing.assign(families.begin() + 1, families.end());
    families.resize(1);
  }
  rocksdb::DBOptions options = database_options(must_exist);
  if (read_only) return open_to_read(database, options, families);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  if (file_system != nullptr) {
    database->env_ = rocksdb::NewCompositeEnv(file_system);
    options.env = database->env_.get();
  }
  const rocksdb::Status opened = rocksdb::DB::Open(options, directory, families, &handles, &db);
  if (!opened.ok()) return to_status(opened, directory);
  database->db_.reset(db);
  std::copy(handles.begin(), handles.end(), database->handles_.begin());
  if (missing.empty()) return database;
  const rocksdb::Status made = db->CreateColumnFamilies(missing, &handles);
  std::copy(handles.begin(), handles.end(), database->handles_.begin() + 1);
  if (!made.ok()) return to_status(made, directory);
  return database;
}

absl::StatusOr<std::shared_ptr<Database>> Database::open_to_read(
    const std::shared_ptr<Database>& database, const rocksdb::DBOptions& options,
    std::span<const rocksdb::ColumnFamilyDescriptor> families) {
  const std::string& directory = database->directory_;
  std::vector<std::string> names;
  const rocksdb::Status listed = rocksdb::DB::ListColumnFamilies(options, directory, &names);
  if (!listed.ok()) return to_status(listed, directory);
  // A process that starts makes the families one after the other, and one that expands makes one of them
  // anew.
  std::vector<rocksdb::ColumnFamilyDescriptor> present;
  std::vector<std::size_t> tables;
  for (std::size_t i = 0; i < families.size(); ++i) {
    if (std::find(names.begin(), names.end(), families[i].name) == names.end()) continue;
    present.push_back(families[i]);
    tables.push_back(i);
  }
  const auto has = [&tables](Table table) {
    return std::find(tables.begin(), tables.end(), static_cast<std::size_t>(table)) != tables.end();
  };
  if (!has(Table::kRun) || !has(Table::kPlan) || !has(Table::kWarnings)) {
    return absl::NotFoundError(absl::StrCat("no run in ", directory));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::OpenForReadOnly(options, directory, present, &handles, &db);
  if (!opened.ok()) return to_status(opened, directory);
  database->db_.reset(db);
  for (std::size_t i = 0; i < handles.size(); ++i) database->handles_[tables[i]] = handles[i];
  return database;
}

Database::~Database() {
  // Nobody is left to report to; whoever wants to know calls close().
  const absl::Status ignored = close();
  static_cast<void>(ignored);
}

absl::Status Database::close() {
  if (db_ == nullptr) return absl::OkStatus();
  rocksdb::Status result;
  for (rocksdb::ColumnFamilyHandle*& handle : handles_) {
    if (handle == nullptr) continue;
    const rocksdb::Status destroyed = db_->DestroyColumnFamilyHandle(handle);
    if (result.ok()) result = destroyed;
    handle = nullptr;
  }
  const rocksdb::Status closed = db_->Close();
  if (result.ok()) result = closed;
  db_.reset();
  // What an earlier failure does to the closing is no news.
  return failure_.ok() ? status(result) : failure_;
}

absl::Status Database::write(rocksdb::WriteBatch& batch, bool sync) {
  if (!failure_.ok()) return failure_;
  rocksdb::WriteOptions options;
  options.sync = sync;
  return failure_ = status(db_->Write(options, &batch));
}

absl::Status Database::sync_log() {
  if (!failure_.ok()) return failure_;
  return failure_ = status(db_->SyncWAL());
}

absl::StatusOr<bool> Database::get(Table table, std::string_view key, std::string& value) const {
  const rocksdb::Status got = db_->Get(rocksdb::ReadOptions(), handle(table), slice(key), &value);
  if (got.ok()) return true;
  if (got.IsNotFound()) return false;
  return status(got);
}

absl::Status Database::clear(Table table) {
  rocksdb::ColumnFamilyHandle*& handle = handles_[static_cast<std::size_t>(table)];
  rocksdb::ColumnFamilyDescriptor descriptor;
  rocksdb::Status done = handle->GetDescriptor(&descriptor);
  if (!done.ok()) return status(done);
  // Dies the process between the two, the next open makes the missing family.
  done = db_->DropColumnFamily(handle);
  if (!done.ok()) return status(done);
  rocksdb::ColumnFamilyHandle* fresh = nullptr;
  done = db_->CreateColumnFamily(descriptor.options, descriptor.name, &fresh);
  if (!done.ok()) return status(done);
  done = db_->DestroyColumnFamilyHandle(handle);
  handle = fresh;
  return status(done);
}

absl::Status Database::ingest(std::span<const std::pair<Table, std::string>> files) {
  std::vector<rocksdb::IngestExternalFileArg> arguments;
  for (const auto& [table, path] : files) {
    rocksdb::IngestExternalFileArg& argument = arguments.emplace_back();
    argument.column_family = handle(table);
    argument.external_files = {path};
    argument.options.move_files = true;
    argument.options.write_global_seqno = false;
    // Nobody reads an older snapshot of what is replaced.
    argument.options.snapshot_consistency = false;
  }
  return status(db_->IngestExternalFiles(arguments));
}

rocksdb::Options Database::file_options(Table table) const {
  rocksdb::ColumnFamilyDescriptor descriptor;
  const rocksdb::Status known = handle(table)->GetDescriptor(&descriptor);
  // Cannot fail for a family that is open.
  static_cast<void>(known);
  return rocksdb::Options(db_->GetDBOptions(), descriptor.options);
}

std::unique_ptr<rocksdb::Iterator> Database::iterator(Table table,
                                                      const rocksdb::ReadOptions& options) const {
  return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(options, handle(table)));
}

absl::Status Database::status(const rocksdb::Status& status) const {
  return to_status(status, directory_);
}

Snapshot::Snapshot(std::shared_ptr<Database> database)
    : database_(std::move(database)), snapshot_(database_->raw().GetSnapshot()) {}

Snapshot::~Snapshot() {
  database_->raw().ReleaseSnapshot(snapshot_);
}

std::unique_ptr<rocksdb::Iterator> Snapshot::scan(Table table) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  options.fill_cache = false;
  options.readahead_size = kScanReadaheadBytes;
  return database_->iterator(table, options);
}

}  // namespace baton::storage
