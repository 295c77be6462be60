#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "storage/c1z/reader.hpp"

namespace baton::cli {

/// Opens the file and selects the sync that the options name, or the latest one; then a note says so when
/// that is not a full sync, as it may hide one.
absl::StatusOr<std::unique_ptr<c1z::Reader>> open_selected(const Options& options, Output& output);

/// Opens the file, which must have `what` for a subcommand that needs no sync.
absl::StatusOr<std::unique_ptr<c1z::Reader>> open_file(const Options& options);

/// RFC 3339 in UTC, whole seconds: how tables show times.
std::string shown_time(absl::Time time);

}  // namespace baton::cli
