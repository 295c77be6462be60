#include "storage/c1z/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace baton::c1z {

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), before_(other.before_) {}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(before_, other.before_);
  return *this;
}

File::~File() {
  if (is_open()) ::close(descriptor_);
}

absl::StatusOr<std::size_t> File::read(std::span<std::byte> buffer) const {
  while (true) {
    const ssize_t got = ::read(descriptor_, buffer.data(), buffer.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return errno_status(errno, "reading");
  }
}

absl::StatusOr<std::size_t> File::read_at(std::uint64_t offset, std::span<std::byte> buffer) const {
  std::size_t have = 0;
  while (have < buffer.size()) {
    const ssize_t got =
        ::pread(descriptor_, buffer.data() + have, buffer.size() - have, static_cast<off_t>(offset + have));
    if (got == 0) break;
    if (got > 0) {
      have += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      return errno_status(errno, "reading");
    }
  }
  return have;
}

absl::Status File::write(std::span<const std::byte> bytes) const {
  if (absl::Status status = ask(FileStep::kWrite); !status.ok()) return status;
  while (!bytes.empty()) {
    const ssize_t put = ::write(descriptor_, bytes.data(), bytes.size());
    if (put >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(put));
    } else if (errno != EINTR) {
      return errno_status(errno, "writing");
    }
  }
  return absl::OkStatus();
}

absl::Status File::write_at(std::uint64_t offset, std::span<const std::byte> bytes) const {
  if (absl::Status status = ask(FileStep::kWrite); !status.ok()) return status;
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(put));
      offset += static_cast<std::uint64_t>(put);
    } else if (errno != EINTR) {
      return errno_status(errno, "writing");
    }
  }
  return absl::OkStatus();
}

absl::Status File::rewind() const {
  if (::lseek(descriptor_, 0, SEEK_SET) < 0) return errno_status(errno, "seeking");
  return absl::OkStatus();
}

absl::StatusOr<std::uint64_t> File::size() const {
  struct stat about {};
  if (::fstat(descriptor_, &about) != 0) return errno_status(errno, "asking for the size");
  return static_cast<std::uint64_t>(about.st_size);
}

absl::Status File::sync() const {
  if (absl::Status status = ask(FileStep::kSync); !status.ok()) return status;
  if (::fsync(descriptor_) != 0) return errno_status(errno, "syncing");
  return absl::OkStatus();
}

absl::Status File::close() {
  if (absl::Status status = ask(FileStep::kClose); !status.ok()) return status;
  const int descriptor = std::exchange(descriptor_, -1);
  if (descriptor >= 0 && ::close(descriptor) != 0) return errno_status(errno, "closing");
  return absl::OkStatus();
}

absl::StatusOr<File> open_for_reading(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return errno_status(errno, absl::StrCat("opening ", path));
  return File(descriptor);
}

absl::StatusOr<File> create_exclusively(const std::string& path, unsigned mode) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0) return errno_status(errno, absl::StrCat("creating ", path));
  return File(descriptor);
}

absl::StatusOr<TemporaryFile> TemporaryFile::create(const std::string& folder, std::string_view prefix) {
  std::string path = absl::StrCat(folder, "/", absl::string_view(prefix.data(), prefix.size()), "XXXXXX");
  const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) return errno_status(errno, absl::StrCat("creating a temporary file in ", folder));
  return TemporaryFile(std::move(path), File(descriptor));
}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), file_(std::move(other.file_)) {}

TemporaryFile& TemporaryFile::operator=(TemporaryFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(file_, other.file_);
  return *this;
}

TemporaryFile::~TemporaryFile() {
  unlink();
}

File TemporaryFile::take() && {
  unlink();
  return std::move(file_);
}

void TemporaryFile::unlink() {
  if (!path_.empty()) ::unlink(path_.c_str());
  path_.clear();
}

std::string folder_of(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

std::string temporary_folder() {
  for (const char* name : {"BATON_TMPDIR", "TMPDIR"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return P_tmpdir;
}

absl::Status sync_folder(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return errno_status(errno, absl::StrCat("opening folder ", folder));
  const File file(descriptor);
  // Some network file systems cannot sync a folder and say so; there the rename is as durable as it gets.
  if (::fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP) {
    return errno_status(errno, absl::StrCat("syncing folder ", folder));
  }
  return absl::OkStatus();
}

bool is_out_of_space(int error) {
  return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

absl::Status errno_status(int error, std::string_view what) {
  if (is_out_of_space(error)) {
    return absl::ResourceExhaustedError(
        absl::StrCat(absl::string_view(what.data(), what.size()), ": ", std::strerror(error)));
  }
  return absl::ErrnoToStatus(error, absl::string_view(what.data(), what.size()));
}

}  // namespace baton::c1z
