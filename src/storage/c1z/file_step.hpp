#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"

namespace baton::c1z {

/// What is done to the file that becomes the artifact, in this order; there are many writes.
enum class FileStep : std::uint8_t { kCreate, kWrite, kSync, kClose, kRename, kSyncFolder };

/// Called before each step; anything but OK is what the step answers, and it is not done. For tests that let
/// a step fail, or end the process there.
using BeforeStep = std::function<absl::Status(FileStep)>;

}  // namespace baton::c1z
