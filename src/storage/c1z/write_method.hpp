#pragma once

#include <string>

#include "absl/status/status.h"
#include "storage/c1z/earlier_syncs.hpp"
#include "storage/c1z/envelope.hpp"
#include "storage/c1z/writer.hpp"
#include "storage/row_source.hpp"

/// The two ways to write a v1 file, which give the same rows. Both have the contract of `write_v1`, once the
/// path has been found to be replaceable; `earlier` are the syncs that the file keeps, null for none.
/// `summary` is complete when they return OK.
namespace baton::c1z {

/// Page by page from the sorted rows, straight into the envelope: no database is ever stored.
absl::Status write_pages(const WriteOptions& options, const SyncRunInfo& run, storage::RowSource& rows,
                         EarlierSyncs* earlier, WriteSummary& summary);

/// Through the SQLite library and a temporary database.
absl::Status write_with_library(const WriteOptions& options, const SyncRunInfo& run, storage::RowSource& rows,
                                EarlierSyncs* earlier, WriteSummary& summary);

/// Whether a file of that version may take the place of what stands at the path. FailedPrecondition: not.
absl::Status may_replace(const std::string& path, FileKind kind, FileVersion version);

/// The status with what was being done in front of it, and advice for a full disk.
absl::Status while_writing(const absl::Status& status, const std::string& doing);

}  // namespace baton::c1z
