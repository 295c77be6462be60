#pragma once

#include "absl/status/statusor.h"
#include "cli/options.hpp"
#include "storage/c1z/reader.hpp"

namespace baton::cli {

/// The filter that `-t`, `-r`, `-e`, `--principal-type` and `--principal` ask for. A usage error when they
/// contradict each other: an id is only unique together with its type, and an entitlement has one resource.
absl::StatusOr<c1z::GrantFilter> grant_filter(const Options& options);

}  // namespace baton::cli
