#pragma once

#include <functional>
#include <map>
#include <string>

#include "c1/c1z/v3/manifest.pb.h"

namespace baton::c1z::v3 {

/// A file of version 3 taken apart, to be changed and put together again in any of the three packings.
class PackedFile {
 public:
  using Index = c1::c1z::v3::IndexedFrameIndex;

  PackedFile() = default;
  /// Of any packing; fails the test when the file cannot be read.
  explicit PackedFile(const std::string& path);

  c1::c1z::v3::C1ZManifestV3 manifest;
  std::map<std::string, std::string> files;

  /// `change` may alter the index before it is written with its right hash.
  std::string indexed(const std::function<void(Index&)>& change = {}) const;
  std::string tar() const;
  std::string tar_zstd() const;

 private:
  std::string head(c1::c1z::v3::PayloadEncoding encoding) const;
  std::string archive() const;
};

/// A header of a tar archive with its right checksum; `type` is '0' for a file.
std::string tar_header(const std::string& name, std::size_t size, char type = '0', unsigned mode = 0644);

/// One zstd frame.
std::string zstd_frame(const std::string& content);

}  // namespace baton::c1z::v3
