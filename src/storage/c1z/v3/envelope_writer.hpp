#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "c1/c1z/v3/manifest.pb.h"
#include "storage/c1z/compressor.hpp"
#include "storage/c1z/file.hpp"

namespace baton::c1z::v3 {

/// A file of the payload as it goes into the envelope.
class EncodedFile {
 public:
  EncodedFile() = default;

  std::string name;
  /// One zstd frame with content size and checksum.
  std::string frame;
  std::uint64_t raw_size = 0;
  std::uint64_t raw_xxh64 = 0;
  /// 32 bytes.
  std::string raw_sha256;
};

/// Compresses and hashes. Not thread-safe; each thread has its own.
class FileEncoder {
 public:
  /// `level` is zstd's.
  explicit FileEncoder(int level) : compressor_(make_compressor(level, 0)) {}

  absl::StatusOr<EncodedFile> encode(std::string name, std::string_view content);

 private:
  Compressor compressor_;
  // As large as the largest frame could have become; hardly any of that is ever touched, so never cleared.
  std::unique_ptr<char[]> room_;
  std::size_t room_size_ = 0;
};

/// Writes the indexed envelope: head, frames as they come, index, footer.
///
/// The head holds the counts of the sync, which are known last, so room for it is left in front of the first
/// frame and what it does not take stays as a gap; readers find frames by the index. Not thread-safe.
class EnvelopeWriter {
 public:
  /// `file` is empty and outlives the writer. `head_room` is what head and manifest may take.
  EnvelopeWriter(const File& file, std::size_t head_room)
      : file_(file), end_(head_room), head_room_(head_room) {}

  absl::Status add(EncodedFile encoded);
  /// Completes the file and returns its size. OutOfRange, before anything is written: the manifest does not
  /// fit into the room.
  absl::StatusOr<std::uint64_t> finish(const c1::c1z::v3::C1ZManifestV3& manifest);

  std::uint64_t raw_bytes() const { return static_cast<std::uint64_t>(index_.total_raw_size()); }

 private:
  const File& file_;
  std::uint64_t end_;
  std::size_t head_room_;
  c1::c1z::v3::IndexedFrameIndex index_;
};

}  // namespace baton::c1z::v3
