#include "storage/c1z/v3/envelope_reader.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/hash.hpp"
#include "base/tuple_key.hpp"
#include "storage/c1z/v3/indexed_payload.hpp"
#include "storage/c1z/v3/tar_payload.hpp"

namespace baton::c1z::v3 {
namespace {

constexpr std::size_t kLengthBytes = 4;
constexpr std::uint32_t kLargestManifest = 16U << 20;
constexpr std::size_t kLongestName = 4096;
/// A database of so many files would hold terabytes.
constexpr std::size_t kMostFiles = 100'000;
constexpr std::uint64_t kLargestRatio = 100;

absl::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

/// Relative, and inside the folder that it is relative to.
bool is_local(std::string_view name) {
  if (name.empty() || name.size() > kLongestName || name.front() == '/') return false;
  while (true) {
    const std::size_t slash = name.find('/');
    const std::string_view part = name.substr(0, slash);
    if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string_view::npos)
      return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

bool is_known_engine(std::string_view engine) {
  return engine == "pebble" || engine == "pebble2" || engine == "pebble3";
}

}  // namespace

absl::Status PayloadFile::read(std::uint64_t offset, std::span<std::byte> buffer) const {
  if (offset > size_ || buffer.size() > size_ - offset) {
    return absl::DataLossError(absl::StrCat("it ends before byte ", offset + buffer.size()));
  }
  const absl::StatusOr<std::size_t> got = file_->read_at(begin_ + offset, buffer);
  if (!got.ok()) return got.status();
  if (*got < buffer.size()) return absl::DataLossError("the file became shorter while it was read");
  return absl::OkStatus();
}

absl::Status EnvelopeReader::damaged(std::string_view what) const {
  return absl::DataLossError(absl::StrCat(path_, " is damaged: ", view(what)));
}

absl::Status EnvelopeReader::add(std::string name, std::uint64_t size) {
  constexpr std::size_t kShown = 200;
  const std::string shown = absl::Utf8SafeCEscape(name.substr(0, kShown));
  if (!is_local(name)) {
    return damaged(absl::StrCat("its payload has a file named \"", shown, "\", which is no local name"));
  }
  if (sizes_.size() >= kMostFiles) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path_, ": its payload has more than ", kMostFiles, " files"));
  }
  if (!sizes_.emplace(std::move(name), size).second) {
    return damaged(absl::StrCat("its payload has two files named \"", shown, "\""));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<EnvelopeReader>> EnvelopeReader::open(const std::string& path,
                                                                     const ReaderOptions& options) {
  const auto damage = [&](auto... what) {
    return absl::DataLossError(absl::StrCat(path, " is damaged: ", what...));
  };
  absl::StatusOr<DecodeLimits> limits = options.limits.has_value()
                                            ? absl::StatusOr<DecodeLimits>(*options.limits)
                                            : DecodeLimits::from_environment();
  if (!limits.ok()) return limits.status();
  absl::StatusOr<File> file = open_for_reading(path);
  if (!file.ok()) return file.status();
  const absl::StatusOr<std::uint64_t> size = file->size();
  if (!size.ok()) return size.status();
  if (!limits->decoded_bytes_chosen && *size < std::numeric_limits<std::uint64_t>::max() / kLargestRatio) {
    limits->max_decoded_bytes = std::max(limits->max_decoded_bytes, kLargestRatio * *size);
  }

  std::array<std::byte, kMagicBytes + kLengthBytes> head{};
  absl::StatusOr<std::size_t> got = file->read_at(0, head);
  if (!got.ok()) return got.status();
  if (*got < head.size()) return damage("it ends in its first ", head.size(), " bytes");
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  if (!text.starts_with(kMagicV3)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not a c1z of version 3"));
  }
  const std::uint32_t length = load_be32(text.data() + kMagicBytes);
  if (length == 0 || length > kLargestManifest) {
    return damage("its manifest claims ", length, " bytes; 1 to ", kLargestManifest, " are possible");
  }
  const std::uint64_t begin = head.size() + length;
  if (begin > *size) return damage("it ends in its manifest of ", length, " bytes");
  std::string bytes(length, '\0');
  got = file->read_at(head.size(), std::as_writable_bytes(std::span(bytes)));
  if (!got.ok()) return got.status();
  c1::c1z::v3::C1ZManifestV3 manifest;
  if (*got < length || !manifest.ParseFromString(bytes)) {
    return damage("its manifest is no valid protobuf message");
  }
  if (!is_known_engine(manifest.engine())) {
    return absl::UnimplementedError(absl::StrCat(
        path, " needs the storage engine \"", absl::Utf8SafeCEscape(manifest.engine().substr(0, 100)),
        "\", which this program has not; it reads those of pebble, pebble2 and pebble3"));
  }

  const PayloadPlace place(path, *std::move(file), begin, *size, hash64(bytes), *limits,
                           options.temporary_folder);
  absl::StatusOr<std::unique_ptr<EnvelopeReader>> reader;
  switch (manifest.payload_encoding()) {
    case c1::c1z::v3::PAYLOAD_ENCODING_INDEXED_ZSTD:
      reader = open_indexed_payload(place);
      break;
    case c1::c1z::v3::PAYLOAD_ENCODING_TAR_ZSTD:
      reader = open_tar_payload(place, true);
      break;
    case c1::c1z::v3::PAYLOAD_ENCODING_TAR:
      reader = open_tar_payload(place, false);
      break;
    default:
      return absl::UnimplementedError(absl::StrCat(path, " has a payload of encoding ",
                                                   static_cast<int>(manifest.payload_encoding()),
                                                   ", which this program does not read"));
  }
  if (reader.ok()) (*reader)->manifest_.Swap(&manifest);
  return reader;
}

}  // namespace baton::c1z::v3
