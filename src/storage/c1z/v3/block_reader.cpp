#include "storage/c1z/v3/block_reader.hpp"

#include <snappy.h>
#include <zstd.h>

#include <limits>
#include <span>

#include "absl/strings/str_cat.h"
#include "storage/c1z/v3/checksum.hpp"

namespace baton::c1z::v3 {
namespace {

enum Compression : std::uint8_t { kNone = 0, kSnappy = 1, kZstd = 7, kMinLz = 8 };

absl::Status place(const BlockHandle& handle, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat("the block at byte ", handle.offset, ": ", status.message()));
}

absl::Status check_decoded_size(std::uint64_t size) {
  if (size <= kLargestBlock) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("it decodes to ", size, " bytes; ", kLargestBlock, " are allowed"));
}

absl::StatusOr<std::string> unpack_snappy(std::string_view bytes) {
  std::size_t size = 0;
  if (!snappy::GetUncompressedLength(bytes.data(), bytes.size(), &size)) {
    return absl::DataLossError("it is no Snappy block");
  }
  if (absl::Status status = check_decoded_size(size); !status.ok()) return status;
  std::string decoded(size, '\0');
  if (!snappy::RawUncompress(bytes.data(), bytes.size(), decoded.data())) {
    return absl::DataLossError("it is no valid Snappy block");
  }
  return decoded;
}

absl::StatusOr<std::string> unpack_zstd(std::string_view bytes) {
  BytesCursor cursor(bytes);
  std::uint64_t size = 0;
  if (!cursor.uvarint(size)) return absl::DataLossError("it is no zstd block");
  if (absl::Status status = check_decoded_size(size); !status.ok()) return status;
  std::string decoded(static_cast<std::size_t>(size), '\0');
  const std::size_t got =
      ZSTD_decompress(decoded.data(), decoded.size(), cursor.rest().data(), cursor.rest().size());
  if (ZSTD_isError(got) != 0) return absl::DataLossError(absl::StrCat("zstd: ", ZSTD_getErrorName(got)));
  if (got != size)
    return absl::DataLossError(absl::StrCat("it decodes to ", got, " bytes instead of ", size));
  return decoded;
}

absl::StatusOr<std::string> read(const PayloadFile& table, const BlockHandle& handle) {
  if (handle.size > kLargestBlock) {
    return absl::ResourceExhaustedError(
        absl::StrCat("it has ", handle.size, " bytes; ", kLargestBlock, " are allowed"));
  }
  std::string block(static_cast<std::size_t>(handle.size) + kBlockTrailerBytes, '\0');
  if (absl::Status status = table.read(handle.offset, std::as_writable_bytes(std::span(block)));
      !status.ok()) {
    return status;
  }
  const auto size = static_cast<std::size_t>(handle.size);
  const auto checksum = load_le<std::uint32_t>(block.data() + size + 1);
  if (mask_checksum(crc32c(std::string_view(block).substr(0, size + 1))) != checksum) {
    return absl::DataLossError("its checksum does not match");
  }
  const auto compression = static_cast<std::uint8_t>(block[size]);
  switch (compression) {
    case kNone:
      block.resize(size);
      return block;
    case kSnappy:
      return unpack_snappy(std::string_view(block).substr(0, size));
    case kZstd:
      return unpack_zstd(std::string_view(block).substr(0, size));
    default:
      return absl::UnimplementedError(absl::StrCat("it has compression ", compression,
                                                   compression == kMinLz ? " (MinLZ)" : "",
                                                   ", which this program does not read"));
  }
}

}  // namespace

absl::StatusOr<std::string> read_block(const PayloadFile& table, const BlockHandle& handle) {
  absl::StatusOr<std::string> block = read(table, handle);
  if (!block.ok()) return place(handle, block.status());
  return block;
}

}  // namespace baton::c1z::v3
