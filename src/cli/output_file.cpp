#include "cli/output_file.hpp"

#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "storage/c1z/envelope.hpp"

namespace baton::cli {

absl::StatusOr<c1z::FileVersion> version_of_input(const Options& options) {
  const absl::StatusOr<c1z::FileKind> kind = c1z::inspect(options.file);
  if (!kind.ok()) return kind.status();
  // What is no c1z at all is for whoever opens it to say.
  return *kind == c1z::FileKind::kV3 ? c1z::FileVersion::kV3 : c1z::FileVersion::kV1;
}

absl::Status check_output_file(const Options& options, c1z::FileVersion version) {
  namespace fs = std::filesystem;
  if (options.out.empty()) return usage_error("--out is required: the file to write");
  std::error_code error;
  if (fs::equivalent(options.file, options.out, error)) {
    return usage_error(absl::StrCat("--out ", options.out,
                                    " is the file that is read; a new file is written, never the same one"));
  }
  error.clear();
  const bool exists = fs::exists(fs::symlink_status(options.out, error));
  if (exists && !options.overwrite) {
    return absl::AlreadyExistsError(
        absl::StrCat("output path ", options.out, " exists; name another, or --overwrite replaces it"));
  }
  return c1z::check_target(options.out, version, c1z::Earlier::kReplace);
}

absl::StatusOr<c1z::SyncInfo> sync_to_copy(const c1z::Reader& reader, const Options& options) {
  const c1z::SyncInfo* sync = reader.selected();
  if (sync == nullptr) return absl::FailedPreconditionError(absl::StrCat(options.file, " holds no sync"));
  if (!sync->ended_at) {
    return absl::FailedPreconditionError(absl::StrCat("sync ", sync->id, " of ", options.file,
                                                      " was never finished; its grants are incomplete"));
  }
  return *sync;
}

absl::Status note_what_is_left(c1z::Reader& reader, Output& output) {
  const auto stats = reader.stats();
  if (!stats.ok()) return stats.status();
  if (stats->assets() > 0) {
    output.note(absl::StrCat("note: ", stats->assets(), " assets (icons, logos) are not copied"));
  }
  if (reader.syncs().size() > 1) {
    output.note(absl::StrCat("note: of ", reader.syncs().size(), " syncs only ", reader.selected()->id,
                             " is copied"));
  }
  return absl::OkStatus();
}

absl::Status write_output_file(const Options& options, c1z::FileVersion version, const c1z::SyncInfo& sync,
                               storage::SyncStore& store, Output& output) {
  c1z::WriteOptions write;
  write.path = options.out;
  write.earlier = c1z::Earlier::kReplace;
  // Times were read as the wall clock of UTC, and so they become the same text again.
  write.time_zone = absl::UTCTimeZone();
  write.progress = [](const c1z::WriteProgress&) { return interrupt_status(); };
  c1z::SyncRunInfo run;
  run.sync_id = sync.id;
  run.type = sync.type;
  run.started_at = absl::ToUnixNanos(sync.started_at);
  run.ended_at = absl::ToUnixNanos(*sync.ended_at);
  run.token = sync.token;
  run.parent_sync_id = sync.parent_id;
  run.supports_diff = sync.supports_diff;
  if (version == c1z::FileVersion::kV3) {
    const absl::StatusOr<std::unique_ptr<storage::RecordSource>> records = store.records();
    if (!records.ok()) return records.status();
    return c1z::write_v3(write, run, **records).status();
  }
  const absl::StatusOr<std::unique_ptr<storage::RowSource>> rows = store.rows();
  if (!rows.ok()) return rows.status();
  const absl::StatusOr<c1z::WriteSummary> written = c1z::write_v1(write, run, **rows);
  if (!written.ok()) return written.status();
  if (written->renamed_grants > 0) {
    output.note(absl::StrCat("note: ", written->renamed_grants,
                             " grants share their id with another one and were given composed ids, such as ",
                             written->renamed_examples.empty() ? "" : written->renamed_examples.front()));
  }
  return absl::OkStatus();
}

}  // namespace baton::cli
