#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/c1z/file_step.hpp"

namespace baton::c1z {

/// An open file descriptor; closes itself. Moved-from and default objects hold none.
class File {
 public:
  File() = default;
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

  /// Reads up to `buffer.size()` bytes; 0 at the end of the file.
  absl::StatusOr<std::size_t> read(std::span<std::byte> buffer) const;
  /// Fills `buffer` from `offset` on, wherever `read` and `write` are; less only at the end of the file.
  absl::StatusOr<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> buffer) const;
  /// Writes all of it.
  absl::Status write(std::span<const std::byte> bytes) const;
  /// Writes all of it at `offset`; the next `write` goes on where it would have.
  absl::Status write_at(std::uint64_t offset, std::span<const std::byte> bytes) const;
  absl::Status rewind() const;
  absl::StatusOr<std::uint64_t> size() const;
  /// Makes the content durable.
  absl::Status sync() const;
  /// Closes now and tells what the destructor could not.
  absl::Status close();

  /// From now on asks `before` before writes, syncs and closing; it outlives the file.
  void ask_before_steps(const BeforeStep& before) { before_ = &before; }

 private:
  absl::Status ask(FileStep step) const {
    return before_ != nullptr && *before_ ? (*before_)(step) : absl::OkStatus();
  }

  int descriptor_ = -1;
  const BeforeStep* before_ = nullptr;
};

absl::StatusOr<File> open_for_reading(const std::string& path);

/// Creates `path`, which must not exist, for reading and writing; `mode` is narrowed by the umask.
absl::StatusOr<File> create_exclusively(const std::string& path, unsigned mode);

/// A private file (mode 0600) with a name of its own in some folder. The name is removed by `unlink` or by
/// the destructor, whichever comes first; the content lives as long as somebody has it open.
class TemporaryFile {
 public:
  /// The folder must exist; `prefix` begins the file's name.
  static absl::StatusOr<TemporaryFile> create(const std::string& folder, std::string_view prefix);
  TemporaryFile(TemporaryFile&& other) noexcept;
  TemporaryFile& operator=(TemporaryFile&& other) noexcept;
  ~TemporaryFile();

  const std::string& path() const { return path_; }
  const File& file() const { return file_; }
  /// Removes the name.
  void unlink();
  /// The file alone, without its name.
  File take() &&;

 private:
  TemporaryFile(std::string path, File file) : path_(std::move(path)), file_(std::move(file)) {}

  std::string path_;
  File file_;
};

/// The folder that holds `path`: "." for a bare name.
std::string folder_of(const std::string& path);

/// Where private copies go: `BATON_TMPDIR`, else `TMPDIR`, else the system's folder.
std::string temporary_folder();

/// Makes a rename inside `folder` durable.
absl::Status sync_folder(const std::string& folder);

/// Whether `errno` says that no more can be written: a full disk, a quota, a limit on the size of files.
bool is_out_of_space(int error);

/// What `errno` says, with the canonical code for it: ResourceExhausted when out of space,
/// PermissionDenied, NotFound and so on. `what` names the action and the path.
absl::Status errno_status(int error, std::string_view what);

}  // namespace baton::c1z
