#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "export/loaded_rows.hpp"
#include "storage/c1z/writer.hpp"

namespace baton::bench {

/// What one write by the SQLite library took.
class LibraryTimes {
 public:
  absl::Duration rows;
  absl::Duration indexes;
  /// Commit and close.
  absl::Duration close;
  /// The zstd step of our export over the finished database, synced to disk.
  absl::Duration compression;
  std::uint64_t database_bytes = 0;
  std::uint64_t file_bytes = 0;
};

/// Writes the rows into a new database in `folder` with nothing but the library: the schema of a v1 file,
/// the settings of our export (`options`: page size, cache, level, workers), prepared inserts in the same
/// order inside one transaction, then the indexes.
absl::StatusOr<LibraryTimes> write_with_library(const LoadedRows& rows, const c1z::WriteOptions& options,
                                                const std::string& folder);

}  // namespace baton::bench
