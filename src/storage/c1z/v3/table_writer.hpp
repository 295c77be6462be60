#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/c1z/v3/block_writer.hpp"

namespace baton::c1z::v3 {

/// Sequence number of every key we write.
inline constexpr std::uint64_t kSequence = 10;
/// What follows a user key of ours: the sequence number and the kind "set".
inline constexpr std::uint64_t kKeyTrailer = kSequence << 8 | 1;

/// How data blocks are stored. Tables of rows take Snappy: it costs less than hashing the bytes that it
/// saves. Index tables are regular enough for zstd, through which every table goes afterwards, and stay
/// larger with Snappy in between.
enum class BlockCompression : std::uint8_t { kNone, kSnappy };

/// Builds sorted tables of format v7 in memory: data blocks, index, properties, metaindex, footer.
class TableWriter {
 public:
  /// Starts a table; the writer may have made others before, whose memory it takes again.
  void begin(BlockCompression compression);
  /// Keys in ascending order, each once; the caller has seen to it, and keeps key and value until `finish`.
  void add(std::string_view key, std::string_view value);

  /// The table, valid until the next `begin`. Needs at least one row.
  std::string_view finish();

 private:
  /// Where a block lies.
  class Handle {
   public:
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };
  void flush();
  Handle write_block(std::string_view content, BlockCompression compression);
  Handle write_properties(std::uint64_t data_bytes, const Handle& index);

  BlockCompression compression_ = BlockCompression::kNone;
  std::string table_;
  std::string block_;
  std::string compressed_;

  // Of the block that is being filled.
  std::vector<std::string_view> keys_;
  std::vector<std::string_view> values_;
  std::size_t block_bytes_ = 0;
  std::size_t longest_key_ = 0;

  std::vector<std::string_view> index_keys_;
  std::vector<std::uint32_t> index_offsets_;
  std::vector<std::uint32_t> index_sizes_;

  std::uint64_t rows_ = 0;
  std::uint64_t key_bytes_ = 0;
  std::uint64_t value_bytes_ = 0;
};

}  // namespace baton::c1z::v3
