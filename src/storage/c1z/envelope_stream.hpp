#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/c1z/compressor.hpp"
#include "storage/c1z/envelope.hpp"
#include "storage/c1z/file.hpp"

namespace baton::c1z {

/// Writes a v1 file of a database whose beginning is known last, so that the database itself is never stored:
///
///     magic · frame of the beginning · skippable frame that fills the room · frame of all the rest
///
/// Every reader of the format takes frames behind each other for one stream. Both frames have a checksum and
/// their content size; the second one's is filled in at the end, as is the first frame. Not thread-safe; must
/// not outlive the file.
class EnvelopeStream {
 public:
  /// `head_room` bytes of the file are kept free for the first frame.
  EnvelopeStream(const File& target, std::size_t head_room, const CompressOptions& options);

  /// Call first; the file must be empty.
  absl::Status begin();
  /// Adds to what follows the beginning.
  absl::Status append(std::span<const std::byte> bytes);
  /// Completes the file; returns its size. OutOfRange when the beginning does not fit into its room; the file
  /// is then worth nothing.
  absl::StatusOr<std::uint64_t> finish(std::span<const std::byte> beginning);

 private:
  absl::Status compress(std::span<const std::byte> bytes, ZSTD_EndDirective end);
  absl::Status write(std::span<const std::byte> compressed);
  absl::Status write_head(std::span<const std::byte> beginning);

  const File& target_;
  std::size_t head_room_;
  int level_;
  Compressor compressor_;
  std::vector<std::byte> output_;
  std::vector<std::byte> frame_header_;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t written_ = 0;
};

}  // namespace baton::c1z
