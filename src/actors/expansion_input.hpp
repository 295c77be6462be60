#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "expansion/input.hpp"
#include "storage/sync_store.hpp"

namespace baton::actors {

/// Everything expansion needs, in one pass over the collected rows: a thread of its own reads and decodes
/// them while this one gives names their numbers. Nothing may write to the store meanwhile. `go_on`, which
/// may be empty, is asked now and then; anything but OK ends the reading and is returned.
absl::StatusOr<expansion::Input> read_expansion_input(const storage::SyncStore& store,
                                                      const std::function<absl::Status()>& go_on = {});

}  // namespace baton::actors
