#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "storage/c1z/envelope.hpp"
#include "storage/c1z/file.hpp"

namespace baton::c1z::v3 {

/// Where a payload lies and what may be done with it; common to all three kinds. Private to the envelope.
class PayloadPlace {
 public:
  PayloadPlace(std::string path, File file, std::uint64_t begin, std::uint64_t file_size,
               std::uint64_t manifest_hash, const DecodeLimits& limits, std::string folder)
      : path(std::move(path)),
        file(std::make_shared<const File>(std::move(file))),
        begin(begin),
        file_size(file_size),
        manifest_hash(manifest_hash),
        limits(limits),
        folder(folder.empty() ? temporary_folder() : std::move(folder)) {}

  std::string path;
  std::shared_ptr<const File> file;
  /// Of the payload, from the start of the file, which has `file_size` bytes.
  std::uint64_t begin;
  std::uint64_t file_size;
  std::uint64_t manifest_hash;
  DecodeLimits limits;
  /// Takes private copies.
  std::string folder;
};

/// An open file without a name for what is unpacked.
inline absl::StatusOr<File> make_private_copy(const PayloadPlace& place) {
  absl::StatusOr<TemporaryFile> copy = TemporaryFile::create(place.folder, "c1z-");
  if (!copy.ok()) return copy.status();
  return std::move(*copy).take();
}

}  // namespace baton::c1z::v3
