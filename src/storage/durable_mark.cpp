#include "storage/durable_mark.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/hash.hpp"
#include "base/tuple_key.hpp"

namespace baton::storage {
namespace {

constexpr std::size_t kNumberBytes = 8;
constexpr std::size_t kFileBytes = 16;

}  // namespace

absl::StatusOr<DurableMark> DurableMark::open(const std::string& directory, bool read_only) {
  const std::string path = absl::StrCat(directory, "/", kFileName);
  const int file =
      ::open(path.c_str(), read_only ? O_RDONLY | O_CLOEXEC : O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 && read_only && errno == ENOENT) return DurableMark(-1, 0);
  if (file < 0) {
    const std::error_code error(errno, std::generic_category());
    const std::string text = absl::StrCat("cannot open ", path, ": ", error.message());
    return error.value() == ENOSPC ? absl::ResourceExhaustedError(text) : absl::PermissionDeniedError(text);
  }
  char bytes[kFileBytes];
  std::uint64_t recorded = 0;
  if (::pread(file, bytes, kFileBytes, 0) == static_cast<ssize_t>(kFileBytes) &&
      load_be64(bytes + kNumberBytes) == hash64(std::string_view(bytes, kNumberBytes))) {
    recorded = load_be64(bytes);
  }
  return DurableMark(file, recorded);
}

DurableMark::~DurableMark() {
  if (file_ >= 0) ::close(file_);
}

DurableMark::DurableMark(DurableMark&& other) noexcept
    : file_(std::exchange(other.file_, -1)), recorded_(other.recorded_) {}

void DurableMark::record(std::uint64_t number) {
  std::string bytes;
  append_be64(bytes, number);
  append_be64(bytes, hash64(bytes));
  const ssize_t ignored = ::pwrite(file_, bytes.data(), bytes.size(), 0);
  static_cast<void>(ignored);
}

}  // namespace baton::storage
