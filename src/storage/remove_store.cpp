#include <rocksdb/env.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "storage/database.hpp"
#include "storage/sync_store.hpp"

namespace baton::storage {

absl::Status remove_store(const std::string& directory) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status kind = fs::symlink_status(directory, error);
  if (kind.type() == fs::file_type::not_found) return absl::OkStatus();
  if (kind.type() != fs::file_type::directory) {
    return absl::FailedPreconditionError(absl::StrCat(directory, " is no run directory; it stays"));
  }
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    const fs::file_status entry = it->symlink_status(error);
    if (!is_store_file(name) || entry.type() != fs::file_type::regular) {
      return absl::FailedPreconditionError(absl::StrCat("the run directory ", directory, " holds ", name,
                                                        ", which is none of its files; nothing was removed"));
    }
  }
  if (error) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot read the run directory ", directory, ": ", error.message()));
  }
  // Takes the lock first, so that nobody loses a directory under their feet.
  rocksdb::Env* const env = rocksdb::Env::Default();
  const std::string lock_path = absl::StrCat(directory, "/LOCK");
  rocksdb::FileLock* lock = nullptr;
  absl::Status status = to_status(env->LockFile(lock_path, &lock), directory);
  if (!status.ok()) return status;
  // From here on this is no run any more, even if the process ends before the last file is gone. Where not
  // even an empty file can be made, removing goes before being careful.
  const fs::path mark = fs::path(directory) / kRemovalMark;
  std::ofstream(mark).close();
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code ignored;  // what stays makes the directory's own removal fail
    if (is_store_file(name) && name != "LOCK" && name != kRemovalMark) fs::remove(it->path(), ignored);
  }
  std::error_code ignored;
  fs::remove(mark, ignored);
  status = to_status(env->UnlockFile(lock), directory);
  if (!status.ok()) return status;
  fs::remove(lock_path, ignored);
  error.clear();
  fs::remove(directory, error);
  if (error && fs::exists(directory)) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot remove the run directory ", directory, ": ", error.message()));
  }
  return absl::OkStatus();
}

}  // namespace baton::storage
