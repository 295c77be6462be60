#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/c1z/earlier_syncs.hpp"
#include "storage/c1z/envelope.hpp"
#include "storage/c1z/write_method.hpp"
#include "storage/c1z/writer.hpp"

namespace baton::c1z {

absl::Status may_replace(const std::string& path, FileKind kind, FileVersion version) {
  const int wanted = version == FileVersion::kV1 ? 1 : 3;
  switch (kind) {
    case FileKind::kMissing:
    case FileKind::kEmpty:
      return absl::OkStatus();
    case FileKind::kV1:
    case FileKind::kV3: {
      const int found = kind == FileKind::kV1 ? 1 : 3;
      if (found == wanted) return absl::OkStatus();
      return absl::FailedPreconditionError(absl::StrCat(path, " is a c1z of version ", found,
                                                        ", which is not replaced by one of version ", wanted,
                                                        "; write to another path or move it away"));
    }
    case FileKind::kOther:
    case FileKind::kNotAFile:
      break;
  }
  return absl::FailedPreconditionError(
      absl::StrCat(path, " is not a c1z file and is not replaced; write to another path or move it away"));
}

absl::Status while_writing(const absl::Status& status, const std::string& doing) {
  if (status.ok()) return status;
  return absl::Status(
      status.code(),
      absl::StrCat(doing, ": ", status.message(),
                   absl::IsResourceExhausted(status) ? "; free some space and start again" : ""));
}

absl::StatusOr<WriteSummary> write_v1(const WriteOptions& options, const SyncRunInfo& run,
                                      storage::RowSource& rows) {
  const absl::StatusOr<FileKind> kind = inspect(options.path);
  if (!kind.ok()) return kind.status();
  if (absl::Status status = may_replace(options.path, *kind, FileVersion::kV1); !status.ok()) return status;
  WriteSummary summary;
  std::unique_ptr<EarlierSyncs> earlier;
  if (*kind == FileKind::kV1 && options.earlier == Earlier::kKeep) {
    ReaderOptions reading;
    reading.temporary_folder = options.temporary_folder;
    auto opened = EarlierSyncs::open(options.path, reading, run.sync_id, options.retention);
    if (!opened.ok()) return opened.status();
    earlier = *std::move(opened);
    earlier->set_tick(
        [&options] { return options.progress ? options.progress(WriteProgress()) : absl::OkStatus(); });
    summary.kept_syncs = earlier->kept();
    summary.removed_syncs = earlier->removed();
  }
  absl::Status status;
  switch (options.method) {
    case WriteMethod::kPages:
      status = write_pages(options, run, rows, earlier.get(), summary);
      break;
    case WriteMethod::kLibrary:
      status = write_with_library(options, run, rows, earlier.get(), summary);
      break;
  }
  if (!status.ok()) return status;
  return summary;
}

absl::Status check_target(const std::string& path, FileVersion version, Earlier earlier) {
  const absl::StatusOr<FileKind> kind = inspect(path);
  if (!kind.ok()) return kind.status();
  if (absl::Status status = may_replace(path, *kind, version); !status.ok()) return status;
  const std::string folder = folder_of(path);
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    return errno_status(errno, absl::StrCat("writing to folder ", folder));
  }
  if (*kind == FileKind::kV1 && earlier == Earlier::kKeep) {
    return EarlierSyncs::open(path, ReaderOptions(), {}, Retention()).status();
  }
  return absl::OkStatus();
}

}  // namespace baton::c1z
