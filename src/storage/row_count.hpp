#pragma once

#include "absl/status/statusor.h"
#include "storage/database.hpp"
#include "storage/encoded_rows.hpp"

namespace baton::storage {

/// Counts rows and conflicts over all families, in one pass.
absl::StatusOr<FamilyCounts> count_families(const Snapshot& snapshot);

}  // namespace baton::storage
