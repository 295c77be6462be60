#include "storage/c1z/pages/page_stream.hpp"

#include <utility>
#include <vector>

namespace baton::c1z {
namespace {

constexpr std::uint64_t kLockByte = std::uint64_t{1} << 30;
constexpr std::uint32_t kLastPage = 0xfffffffe;

}  // namespace

PageStream::PageStream(std::size_t page_bytes, Write write)
    : page_bytes_(page_bytes),
      lock_page_(static_cast<std::uint32_t>(kLockByte / page_bytes) + 1),
      write_(std::move(write)) {}

absl::StatusOr<std::uint32_t> PageStream::append(std::span<const std::byte> page) {
  const std::uint32_t number = next();
  if (number >= kLastPage)
    return absl::ResourceExhaustedError("the database has more pages than SQLite can have");
  if (number != last_ + 1) {
    const std::vector<std::byte> unused(page_bytes_);
    if (absl::Status status = write_(unused); !status.ok()) return status;
  }
  if (absl::Status status = write_(page); !status.ok()) return status;
  last_ = number;
  return number;
}

}  // namespace baton::c1z
