#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/c1z/envelope.hpp"
#include "storage/c1z/file.hpp"

namespace baton::c1z {

/// Bytes `begin` up to `end` of a file, in which zstd frames stand; `path` only names the file in errors. All
/// must outlive the use.
class ZstdStream {
 public:
  ZstdStream(const File& file, const std::string& path, std::uint64_t begin, std::uint64_t end)
      : file(file), path(path), begin(begin), end(end) {}

  const File& file;
  const std::string& path;
  std::uint64_t begin;
  std::uint64_t end;
};

/// Decompresses the stream piece by piece; returns the decoded bytes.
///
/// Any number of frames and skippable frames is one stream. Memory is bounded by the window limit. DataLoss:
/// damaged or cut off, or something stands behind the last frame. ResourceExhausted: over a limit. An error
/// of `sink` ends it and is returned.
absl::StatusOr<std::uint64_t> decode_zstd(
    const ZstdStream& stream, const DecodeLimits& limits,
    const std::function<absl::Status(std::span<const std::byte>)>& sink);

}  // namespace baton::c1z
