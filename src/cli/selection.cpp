#include "cli/selection.hpp"

#include "absl/strings/str_cat.h"

namespace baton::cli {

absl::StatusOr<std::unique_ptr<c1z::Reader>> open_file(const Options& options) {
  absl::StatusOr<std::unique_ptr<c1z::Reader>> reader = c1z::open_reader(options.file);
  // Upstream's command ends with 2 when the file is missing or is none; scripts ask for that.
  if (absl::IsNotFound(reader.status()) || absl::IsInvalidArgument(reader.status())) {
    return absl::UnknownError(reader.status().message());
  }
  return reader;
}

absl::StatusOr<std::unique_ptr<c1z::Reader>> open_selected(const Options& options, Output& output) {
  absl::StatusOr<std::unique_ptr<c1z::Reader>> reader = open_file(options);
  if (!reader.ok()) return reader;
  if (absl::Status status = (*reader)->select(options.sync_id); !status.ok()) return status;
  const c1z::SyncInfo* sync = (*reader)->selected();
  if (options.sync_id.empty() && sync != nullptr && sync->type != "full") {
    output.note(absl::StrCat("note: the latest sync, ", sync->id, ", is of type ", sync->type,
                             "; --sync-id chooses another"));
  }
  return reader;
}

std::string shown_time(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace baton::cli
