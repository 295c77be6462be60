#include "storage/c1z/reader.hpp"

#include "storage/c1z/v1_reader.hpp"

namespace baton::c1z {

absl::StatusOr<std::unique_ptr<Reader>> open_reader(const std::string& path, const ReaderOptions& options) {
  return open_v1_reader(path, options);
}

}  // namespace baton::c1z
