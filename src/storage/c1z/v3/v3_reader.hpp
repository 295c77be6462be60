#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "storage/c1z/reader.hpp"

namespace baton::c1z::v3 {

/// `open_reader` for a file that is version 3.
absl::StatusOr<std::unique_ptr<Reader>> open_v3_reader(const std::string& path, const ReaderOptions& options);

}  // namespace baton::c1z::v3
