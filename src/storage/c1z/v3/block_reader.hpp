#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/c1z/v3/bytes_cursor.hpp"
#include "storage/c1z/v3/envelope_reader.hpp"

namespace baton::c1z::v3 {

/// Where a block lies in its table; the five bytes behind it (compression, checksum) do not count.
class BlockHandle {
 public:
  BlockHandle() = default;
  BlockHandle(std::uint64_t offset, std::uint64_t size) : offset(offset), size(size) {}

  /// Two uvarints.
  bool parse(BytesCursor& bytes) { return bytes.uvarint(offset) && bytes.uvarint(size); }

  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

inline constexpr std::size_t kBlockTrailerBytes = 5;
/// Of one block, decoded or not. A block is some 32 KiB, or one row that is larger.
inline constexpr std::uint64_t kLargestBlock = std::uint64_t{64} << 20;

/// Reads a block, compares its checksum and uncompresses it. Errors tell where the block lies. DataLoss:
/// damaged. Unimplemented: a compression that upstream's SDK does not use. ResourceExhausted: too large.
absl::StatusOr<std::string> read_block(const PayloadFile& table, const BlockHandle& handle);

}  // namespace baton::c1z::v3
