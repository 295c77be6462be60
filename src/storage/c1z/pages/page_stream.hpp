#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace baton::c1z {

/// Numbers the pages of a database in the order in which they are written, from 2 on: page 1 is known last
/// and is somebody else's. Leaves out the page at byte 2^30, which SQLite keeps for its locks: an empty one
/// is written in its place. Not thread-safe.
class PageStream {
 public:
  using Write = std::function<absl::Status(std::span<const std::byte>)>;

  /// `page_bytes` is a power of two from 512 to 65536.
  PageStream(std::size_t page_bytes, Write write);

  std::size_t page_bytes() const { return page_bytes_; }
  /// The number that the next page will get.
  std::uint32_t next() const { return following(last_); }
  /// The number of the page that is written behind page `page`.
  std::uint32_t following(std::uint32_t page) const { return page + 1 == lock_page_ ? page + 2 : page + 1; }
  /// Writes a page; returns its number. ResourceExhausted when no number is left.
  absl::StatusOr<std::uint32_t> append(std::span<const std::byte> page);

  /// Of the whole database, page 1 included.
  std::uint32_t page_count() const { return last_; }
  std::uint64_t bytes() const { return std::uint64_t{last_} * page_bytes_; }

 private:
  std::size_t page_bytes_;
  std::uint32_t lock_page_;
  Write write_;
  std::uint32_t last_ = 1;
};

}  // namespace baton::c1z
