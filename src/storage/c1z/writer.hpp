#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/c1z/file_step.hpp"
#include "storage/c1z/retention.hpp"
#include "storage/record_source.hpp"
#include "storage/row_source.hpp"

/// Writing a finished sync as a `.c1z` file.
namespace baton::c1z {

/// What kind of file.
enum class FileVersion : std::uint8_t {
  /// A SQLite database, read by every release of upstream's tools.
  kV1,
  /// A Pebble database, upstream's default since August 2026.
  kV3,
};

/// How a file of version 1 is made. Both ways give the same rows, ids and indexes; only the pages of the
/// database differ.
enum class WriteMethod : std::uint8_t {
  /// B-tree pages straight from the sorted rows into the compressor. No temporary database.
  kPages,
  /// Through the SQLite library, which needs a temporary database and about six times as long.
  kLibrary,
};

/// What becomes of the syncs that a v1 file at the path holds already.
enum class Earlier : std::uint8_t {
  /// They stay, but for those that retention removes.
  kKeep,
  /// The file is replaced.
  kReplace,
};

enum class WriteStep : std::uint8_t { kRows, kIndexes, kCompression };

/// How far a write is. Rows: rows written, total unknown (0). Indexes: indexes built. Compression: bytes of
/// the database compressed; page by page that happens all the time and is told once, at the end.
class WriteProgress {
 public:
  WriteStep step = WriteStep::kRows;
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};

class WriteOptions {
 public:
  WriteOptions() = default;

  /// The artifact. Replaced only when its replacement is complete and on disk.
  std::string path;
  WriteMethod method = WriteMethod::kPages;
  Earlier earlier = Earlier::kKeep;
  Retention retention;
  /// Takes temporary files; must exist. Empty: the artifact's folder. Their names are gone as soon as they
  /// are open. The library's database is as large as the decoded file; page by page there is one only when
  /// public ids of grants that are not composed take more than 8 MiB.
  std::string temporary_folder;
  /// zstd level. 1 costs 4 % of the file's size against 3, and saves 40 MiB of memory and a tenth of the
  /// time.
  int level = 1;
  /// Threads that compress beside the caller.
  int workers = 2;
  /// SQLite's page size, a power of two from 512 to 65536.
  int page_bytes = 32768;
  /// What the SQLite library may keep in memory, in KiB.
  int cache_kib = 32 * 1024;
  /// In which timestamps are written: the format has wall clock text without a zone.
  absl::TimeZone time_zone = absl::LocalTimeZone();
  /// Called from the writing thread, a few times a second at least. Anything but OK stops the write, which
  /// then returns it and leaves the target as it was.
  std::function<absl::Status(const WriteProgress&)> progress;
  /// For tests of what is left when a step of the artifact's file fails.
  BeforeStep before_step;
};

/// The facts of the run that a file carries beside its rows. Times are nanoseconds since the Unix epoch.
class SyncRunInfo {
 public:
  SyncRunInfo() = default;

  /// A KSUID.
  std::string sync_id;
  /// "full", "partial", "resources_only", "partial_upserts" or "partial_deletions".
  std::string type = "full";
  std::int64_t started_at = 0;
  std::int64_t ended_at = 0;
  /// Opaque text of the syncer; may be empty.
  std::string token;
  /// Empty for full syncs.
  std::string parent_sync_id;
  /// The expansion columns of grants are complete.
  bool supports_diff = false;
  /// Which checks of the rows the sync passed, and how; all empty when none was made.
  std::string invariant_generation;
  std::vector<std::string> invariant_coverage;
  std::string invariant_mode;
  /// Store the counts in the file; readers count themselves without them.
  bool with_stats = true;
};

/// What a write did.
class WriteSummary {
 public:
  WriteSummary() = default;

  std::uint64_t resource_types = 0;
  std::uint64_t resources = 0;
  std::uint64_t entitlements = 0;
  std::uint64_t grants = 0;
  /// Grants whose public id another grant has; they were given `<entitlement id>:<principal type>:<principal
  /// id>`.
  std::uint64_t renamed_grants = 0;
  /// Up to 25 of them, readable.
  std::vector<std::string> renamed_examples;
  /// A file stood at the path, and no sync of it was to be kept or could be.
  bool replaced_file = false;
  /// Of version 1: ids of the syncs that the file held before, those it still holds, and those it does not.
  std::vector<std::string> kept_syncs;
  std::vector<std::string> removed_syncs;
  /// Of the decoded database (version 3: of all its files), and of the artifact.
  std::uint64_t database_bytes = 0;
  std::uint64_t file_bytes = 0;
  absl::Duration rows_time;
  absl::Duration indexes_time;
  absl::Duration compression_time;
};

/// Writes all rows of `rows` as one finished sync into a v1 file at `options.path`: a new one, or one that
/// keeps earlier syncs of the file that stands there, and takes its place.
///
/// The file appears under its name only when it is complete and durable; on any error the path is as it was
/// and no temporary file stays. The bytes depend on rows, run, options, what the file held and the versions
/// of zstd and, through the library, of SQLite, on nothing else. `rows` is read on another thread while this
/// call runs. Of earlier syncs every row stays with its id; new rows are numbered behind them. They are read
/// from a private copy, in `options.temporary_folder` or else where readers have theirs.
///
/// FailedPrecondition: the path holds a v3 file or something that is no c1z; or one public id stands for two
/// entitlements or two resources, which v1 cannot represent. DataLoss: the file that stands there is damaged;
/// it is left as it is. ResourceExhausted: the disk is full.
absl::StatusOr<WriteSummary> write_v1(const WriteOptions& options, const SyncRunInfo& run,
                                      storage::RowSource& rows);

/// The same as a file of version 3, which holds one sync. `options` on how v1 is made count for nothing here,
/// and no grant is renamed: in version 3 a grant's public id is no part of its identity. The bytes depend on
/// rows, run, level and the versions of zstd and Snappy. `records` is read on the calling thread.
///
/// FailedPrecondition: the path holds a v1 file or something that is no c1z, or a row has an empty id.
absl::StatusOr<WriteSummary> write_v3(const WriteOptions& options, const SyncRunInfo& run,
                                      storage::RecordSource& records);

/// What the writer would say about the path before it has written anything: whether it may be replaced by a
/// file of that version, whether the syncs that it holds can be kept, and whether its folder can be written
/// to. For a check at the start of a long run.
absl::Status check_target(const std::string& path, FileVersion version, Earlier earlier = Earlier::kKeep);

}  // namespace baton::c1z
