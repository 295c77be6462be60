#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/c1z/file.hpp"

/// The outer layer of a `.c1z` file: five bytes that tell the version, then for v1 a zstd stream of a SQLite
/// database up to the end of the file.
namespace baton::c1z {

inline constexpr std::size_t kMagicBytes = 5;
inline constexpr std::string_view kMagicV1{"C1ZF\0", kMagicBytes};
inline constexpr std::string_view kMagicV3{"C1Z3\0", kMagicBytes};

/// What stands at a path, judged by its first bytes; `kNotAFile` is a folder, a device and the like, which is
/// not opened.
enum class FileKind : std::uint8_t { kMissing, kEmpty, kV1, kV3, kOther, kNotAFile };

/// Errors are those of looking: PermissionDenied, a folder in the path that is none, and so on.
absl::StatusOr<FileKind> inspect(const std::string& path);

class CompressOptions {
 public:
  CompressOptions() = default;

  int level = 3;
  /// Threads that compress beside the caller; 0 compresses on the caller's. The bytes depend on 0 or more,
  /// not on how many. A zstd without threads compresses on the caller's.
  int workers = 2;
  /// Called now and then with the bytes compressed so far; anything but OK stops and is returned.
  std::function<absl::Status(std::uint64_t)> progress;
};

/// Writes the v1 magic and one zstd frame (content size, checksum, window of at most 128 MiB) of all that
/// `source` holds from its beginning; `size` is its size. Returns the bytes written.
absl::StatusOr<std::uint64_t> compress_v1(const File& source, std::uint64_t size, const File& target,
                                          const CompressOptions& options);

/// What a reader is willing to decode.
class DecodeLimits {
 public:
  DecodeLimits() = default;
  /// The defaults, changed by `BATON_DECODER_MAX_DECODED_SIZE_MB`, `BATON_DECODER_MAX_MEMORY_MB` (both in
  /// MiB; 0 is InvalidArgument, what is no number is ignored) and `BATON_DISABLE_FCS_FAIL_FAST=1`.
  static absl::StatusOr<DecodeLimits> from_environment();

  /// Of all that a file holds. A v3 file may decode to a hundred times its size if that is more, unless the
  /// limit was chosen by somebody.
  std::uint64_t max_decoded_bytes = std::uint64_t{10} << 30;
  bool decoded_bytes_chosen = false;
  std::uint64_t max_window_bytes = std::uint64_t{128} << 20;
  /// Refuse at once when the frames' declared sizes already exceed the limit.
  bool trust_declared_size_to_refuse = true;
};

/// Decompresses the zstd stream of a v1 file, from the byte behind the magic, into `target`; returns the
/// decoded bytes. `path` only names the file in errors.
///
/// Any number of frames and skippable frames is one stream; a file of nothing but the magic holds nothing.
/// Memory is bounded by the window limit. InvalidArgument: not a c1z at all, or one of version 3.
/// DataLoss: damaged or cut off, or something stands behind the last frame. ResourceExhausted: over a limit,
/// or the disk is full.
absl::StatusOr<std::uint64_t> decompress_v1(const File& source, const std::string& path, const File& target,
                                            const DecodeLimits& limits);

/// An error in writing to the private copy of what `path` holds, with the advice how to choose another place.
absl::Status copied(const std::string& path, const absl::Status& status);

}  // namespace baton::c1z
