#include "storage/c1z/v3/table_writer.hpp"

#include <snappy.h>

#include <algorithm>
#include <array>

#include "storage/c1z/v3/checksum.hpp"

namespace baton::c1z::v3 {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{32} << 10;
constexpr std::size_t kTrailerBytes = 8;
constexpr std::size_t kFooterHandleBytes = 41;
constexpr std::uint32_t kPointKeys = 1U << 7;
constexpr std::uint32_t kTableFormat = 7;
constexpr char kChecksumCrc32c = 1;
constexpr std::string_view kMagic = "\xf0\x9f\xaa\xb3\xf0\x9f\xaa\xb3";
constexpr std::string_view kComparer = "leveldb.BytewiseComparator";

using enum ColumnType;
constexpr std::array kDataColumns{kPrefixBytes, kBytes, kUint, kBool, kBytes, kBool, kBool};
constexpr std::array kIndexColumns{kBytes, kUint, kUint, kBytes};
constexpr std::array kPairColumns{kBytes, kBytes};

std::string uvarint(std::uint64_t value) {
  std::string bytes;
  append_uvarint(bytes, value);
  return bytes;
}

}  // namespace

void TableWriter::begin(BlockCompression compression) {
  compression_ = compression;
  table_.clear();
  index_keys_.clear();
  index_offsets_.clear();
  index_sizes_.clear();
  rows_ = key_bytes_ = value_bytes_ = 0;
}

void TableWriter::add(std::string_view key, std::string_view value) {
  keys_.push_back(key);
  values_.push_back(value);
  block_bytes_ += key.size() + value.size();
  longest_key_ = std::max(longest_key_, key.size());
  ++rows_;
  key_bytes_ += key.size() + kTrailerBytes;
  value_bytes_ += value.size();
  if (block_bytes_ >= kBlockBytes) flush();
}

void TableWriter::flush() {
  if (keys_.empty()) return;
  std::string header;
  append_le32(header, static_cast<std::uint32_t>(longest_key_));
  block_.clear();
  BlockWriter block(block_, header, kDataColumns, static_cast<std::uint32_t>(keys_.size()));
  block.add_keys(keys_);
  block.add_empty_bytes();  // suffix: the key is all prefix
  block.add_constant(kKeyTrailer);
  block.add_all_true();  // differs from the key before
  block.add_bytes(values_);
  block.add_all_false();  // value is elsewhere
  block.add_all_false();  // obsolete
  block.finish();
  const Handle handle = write_block(block_, compression_);
  index_keys_.push_back(keys_.back());
  index_offsets_.push_back(static_cast<std::uint32_t>(handle.offset));
  index_sizes_.push_back(static_cast<std::uint32_t>(handle.size));
  keys_.clear();
  values_.clear();
  block_bytes_ = longest_key_ = 0;
}

TableWriter::Handle TableWriter::write_block(std::string_view content, BlockCompression compression) {
  const std::size_t offset = table_.size();
  char kind = 0;
  if (compression == BlockCompression::kSnappy) {
    compressed_.resize(snappy::MaxCompressedLength(content.size()));
    std::size_t size = 0;
    snappy::RawCompress(content.data(), content.size(), compressed_.data(), &size);
    if (size < content.size()) {
      content = std::string_view(compressed_).substr(0, size);
      kind = 1;
    }
  }
  table_.append(content);
  table_.push_back(kind);
  append_le32(table_, mask_checksum(crc32c(std::string_view(table_).substr(offset))));
  return Handle{offset, content.size()};
}

TableWriter::Handle TableWriter::write_properties(std::uint64_t data_bytes, const Handle& index) {
  const std::string data_size = uvarint(data_bytes);
  const std::string index_size = uvarint(index.size);
  const std::string blocks = uvarint(index_offsets_.size());
  const std::string entries = uvarint(rows_);
  const std::string key_bytes = uvarint(key_bytes_);
  const std::string value_bytes = uvarint(value_bytes_);
  std::vector<std::string_view> names;
  std::vector<std::string_view> values;
  const auto add = [&](std::string_view name, std::string_view value) {
    names.push_back(name);
    values.push_back(value);
  };
  // Sorted by name. Readers compare the number of entries with the footer's attributes.
  add("pebble.colblk.schema", "DefaultKeySchema(leveldb.BytewiseComparator,16)");
  add("rocksdb.block.based.table.index.type", std::string_view("\0\0\0\0", 4));
  add("rocksdb.comparator", kComparer);
  add("rocksdb.data.size", data_size);
  add("rocksdb.index.size", index_size);
  add("rocksdb.merge.operator", "pebble.concatenate");
  add("rocksdb.num.data.blocks", blocks);
  add("rocksdb.num.entries", entries);
  add("rocksdb.raw.key.size", key_bytes);
  add("rocksdb.raw.value.size", value_bytes);
  block_.clear();
  BlockWriter block(block_, {}, kPairColumns, static_cast<std::uint32_t>(names.size()));
  block.add_bytes(names);
  block.add_bytes(values);
  block.finish();
  return write_block(block_, BlockCompression::kNone);
}

std::string_view TableWriter::finish() {
  flush();
  const std::uint64_t data_bytes = table_.size();

  block_.clear();
  BlockWriter index(block_, {}, kIndexColumns, static_cast<std::uint32_t>(index_keys_.size()));
  index.add_bytes(index_keys_);
  index.add_numbers(index_offsets_);
  index.add_numbers(index_sizes_);
  index.add_empty_bytes();
  index.finish();
  const Handle index_handle = write_block(block_, BlockCompression::kNone);
  const Handle properties = write_properties(data_bytes, index_handle);

  const std::string handle = uvarint(properties.offset) + uvarint(properties.size);
  block_.clear();
  BlockWriter metaindex(block_, {}, kPairColumns, 1);
  metaindex.add_bytes(std::array{std::string_view("rocksdb.properties")});
  metaindex.add_bytes(std::array{std::string_view(handle)});
  metaindex.finish();
  const Handle metaindex_handle = write_block(block_, BlockCompression::kNone);

  std::string footer(1, kChecksumCrc32c);
  for (const Handle& part : {metaindex_handle, index_handle}) {
    append_uvarint(footer, part.offset);
    append_uvarint(footer, part.size);
  }
  footer.resize(kFooterHandleBytes);
  append_le32(footer, kPointKeys);
  std::string tail;
  append_le32(tail, kTableFormat);
  tail.append(kMagic);
  append_le32(footer, mask_checksum(crc32c(tail, crc32c(footer))));
  table_.append(footer).append(tail);
  return table_;
}

}  // namespace baton::c1z::v3
