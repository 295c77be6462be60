#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "storage/c1z/reader.hpp"
#include "storage/c1z/writer.hpp"
#include "storage/sync_store.hpp"

namespace baton::cli {

/// The version of the file that is read: what a command writes unless it is told otherwise.
absl::StatusOr<c1z::FileVersion> version_of_input(const Options& options);

/// Whether the file of that version that a command is to write may be written: it is named, is not the file
/// that is read, and does not exist, or exists and `--overwrite` was given. A usage error, AlreadyExists or
/// what keeps it from being written.
absl::Status check_output_file(const Options& options, c1z::FileVersion version);

/// The sync of a file that a command copies: finished, or FailedPrecondition.
absl::StatusOr<c1z::SyncInfo> sync_to_copy(const c1z::Reader& reader, const Options& options);

/// Notes what the file holds beside rows, which is not copied.
absl::Status note_what_is_left(c1z::Reader& reader, Output& output);

/// Writes all rows of the store as the file `--out`, with the facts of `sync`.
absl::Status write_output_file(const Options& options, c1z::FileVersion version, const c1z::SyncInfo& sync,
                               storage::SyncStore& store, Output& output);

}  // namespace baton::cli
