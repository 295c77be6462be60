#include "storage/c1z/artifact_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"

namespace baton::c1z {
namespace {

std::string unfinished(const std::string& path) {
  return path + ".tmp";
}

}  // namespace

absl::StatusOr<ArtifactFile> ArtifactFile::create(const std::string& path, const BeforeStep& before) {
  if (before) {
    if (absl::Status status = before(FileStep::kCreate); !status.ok()) return status;
  }
  const std::string name = unfinished(path);
  if (::unlink(name.c_str()) != 0 && errno != ENOENT) {
    return errno_status(errno, absl::StrCat("removing ", name));
  }
  absl::StatusOr<File> file = create_exclusively(name, 0644);
  if (!file.ok()) return file.status();
  return ArtifactFile(path, *std::move(file), before);
}

ArtifactFile::ArtifactFile(ArtifactFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), file_(std::move(other.file_)), before_(other.before_) {}

ArtifactFile::~ArtifactFile() {
  if (!path_.empty()) ::unlink(unfinished(path_).c_str());
}

absl::Status ArtifactFile::commit() {
  absl::Status status = file_.sync();
  if (status.ok()) status = file_.close();
  if (status.ok()) status = ask(FileStep::kRename);
  if (!status.ok()) return status;
  if (::rename(unfinished(path_).c_str(), path_.c_str()) != 0) {
    return errno_status(errno, "renaming the finished file");
  }
  const std::string folder = folder_of(std::exchange(path_, {}));
  status = ask(FileStep::kSyncFolder);
  return status.ok() ? sync_folder(folder) : status;
}

}  // namespace baton::c1z
