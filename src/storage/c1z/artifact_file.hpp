#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/c1z/file.hpp"

namespace baton::c1z {

/// A file that appears under its name when it is complete and durable, and not before: until then it is
/// called
/// `<path>.tmp`, which the destructor removes. Whatever stood at the path stays until it is replaced.
class ArtifactFile {
 public:
  /// What an earlier process left under the temporary name is replaced. `before` outlives the file.
  static absl::StatusOr<ArtifactFile> create(const std::string& path, const BeforeStep& before);
  ArtifactFile(ArtifactFile&& other) noexcept;
  ArtifactFile& operator=(ArtifactFile&&) = delete;
  ~ArtifactFile();

  const File& file() const { return file_; }
  /// Syncs the content, gives the file its name, syncs the folder.
  absl::Status commit();

 private:
  ArtifactFile(std::string path, File file, const BeforeStep& before)
      : path_(std::move(path)), file_(std::move(file)), before_(before) {
    file_.ask_before_steps(before_);
  }
  absl::Status ask(FileStep step) const { return before_ ? before_(step) : absl::OkStatus(); }

  std::string path_;  // empty once there is nothing to remove
  File file_;
  const BeforeStep& before_;
};

}  // namespace baton::c1z
