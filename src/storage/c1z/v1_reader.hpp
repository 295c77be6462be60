#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "storage/c1z/reader.hpp"

namespace baton::c1z {

/// `open_reader` for a file that is version 1.
absl::StatusOr<std::unique_ptr<Reader>> open_v1_reader(const std::string& path, const ReaderOptions& options);

}  // namespace baton::c1z
