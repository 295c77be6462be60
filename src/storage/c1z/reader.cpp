#include "storage/c1z/reader.hpp"

#include "absl/strings/str_cat.h"
#include "storage/c1z/v1_reader.hpp"
#include "storage/c1z/v3/v3_reader.hpp"

namespace baton::c1z {

absl::StatusOr<std::unique_ptr<Reader>> open_reader(const std::string& path, const ReaderOptions& options) {
  const absl::StatusOr<FileKind> kind = inspect(path);
  if (!kind.ok()) return kind.status();
  switch (*kind) {
    case FileKind::kMissing:
      return absl::NotFoundError(absl::StrCat(path, " does not exist"));
    case FileKind::kEmpty:
      return absl::NotFoundError(absl::StrCat(path, " is empty"));
    case FileKind::kNotAFile:
      return absl::InvalidArgumentError(absl::StrCat(path, " is not a c1z file: it is not even a file"));
    case FileKind::kV3:
      return v3::open_v3_reader(path, options);
    default:
      return open_v1_reader(path, options);
  }
}

}  // namespace baton::c1z
