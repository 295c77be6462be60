#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "c1/c1z/v3/manifest.pb.h"
#include "storage/c1z/reader.hpp"

/// The outer layer of a c1z of version 3: magic, manifest, and the files of a database packed in one of three
/// ways.
namespace baton::c1z::v3 {

/// One file of the payload: bytes of some open file, which must outlive it.
class PayloadFile {
 public:
  PayloadFile() = default;
  PayloadFile(const File& file, std::uint64_t begin, std::uint64_t size)
      : file_(&file), begin_(begin), size_(size) {}

  std::uint64_t size() const { return size_; }
  /// Fills `buffer` from `offset` on. DataLoss when the file ends before.
  absl::Status read(std::uint64_t offset, std::span<std::byte> buffer) const;

 private:
  const File* file_ = nullptr;
  std::uint64_t begin_ = 0;
  std::uint64_t size_ = 0;
};

/// An open envelope. Files of an indexed payload are unpacked when they are first asked for, into one private
/// copy that has no name; a tar is read where it stands, a compressed one is unpacked at once. Not
/// thread-safe; errors name the c1z, and inside it the file.
class EnvelopeReader {
 public:
  /// Errors as of `open_reader`; the file must be there and be version 3.
  static absl::StatusOr<std::unique_ptr<EnvelopeReader>> open(const std::string& path,
                                                              const ReaderOptions& options);
  virtual ~EnvelopeReader() = default;

  const std::string& path() const { return path_; }
  const c1::c1z::v3::C1ZManifestV3& manifest() const { return manifest_; }
  /// Sizes by name, slashes between folders.
  const std::map<std::string, std::uint64_t, std::less<>>& sizes() const { return sizes_; }
  /// `name` is one of `sizes()`. An indexed file has been unpacked and compared with its hash then.
  virtual absl::StatusOr<PayloadFile> file(std::string_view name) = 0;

  /// DataLoss that names the c1z.
  absl::Status damaged(std::string_view what) const;

 protected:
  explicit EnvelopeReader(std::string path) : path_(std::move(path)) {}
  /// Enters a file; damage when the name is not local or stands there twice.
  absl::Status add(std::string name, std::uint64_t size);

  std::string path_;
  c1::c1z::v3::C1ZManifestV3 manifest_;
  std::map<std::string, std::uint64_t, std::less<>> sizes_;
};

}  // namespace baton::c1z::v3
