#pragma once

#include "absl/status/statusor.h"
#include "expansion/input.hpp"
#include "storage/sync_store.hpp"

namespace baton::actors {

/// Everything expansion needs, in one pass over the collected rows: a thread of its own reads and decodes
/// them while this one gives names their numbers. Nothing may write to the store meanwhile.
absl::StatusOr<expansion::Input> read_expansion_input(const storage::SyncStore& store);

}  // namespace baton::actors
