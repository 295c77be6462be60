#include "unit/c1z/v3/table_walk.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <snappy.h>
#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include "c1/c1z/v3/manifest.pb.h"

namespace baton::c1z::v3 {
namespace {

std::uint64_t low_first(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::uint64_t high_first(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

/// Bit by bit, and masked.
std::uint32_t checksum(std::string_view bytes) {
  std::uint32_t state = 0xffffffff;
  for (const char byte : bytes) {
    state ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1) != 0 ? 0x82f63b78U : 0U);
  }
  state = ~state;
  return (state >> 15 | state << 17) + 0xa282ead8U;
}

std::uint64_t uvarint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  ADD_FAILURE() << "a number is cut off";
  return 0;
}

std::string_view counted(std::string_view& bytes) {
  const std::uint64_t size = uvarint(bytes);
  EXPECT_LE(size, bytes.size());
  const std::string_view text = bytes.substr(0, size);
  bytes.remove_prefix(text.size());
  return text;
}

class Block {
 public:
  Block(std::string_view bytes, std::size_t custom) : bytes_(bytes), custom_(custom) {
    EXPECT_EQ(bytes.at(custom), 1);
    columns_ = low_first(bytes.substr(custom + 1, 2));
    rows_ = low_first(bytes.substr(custom + 3, 4));
    EXPECT_EQ(bytes.back(), '\0');
  }

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  std::string types() const {
    std::string types;
    for (std::size_t i = 0; i < columns_; ++i) types.push_back(static_cast<char>('0' + bytes_[head(i)]));
    return types;
  }

  std::vector<std::uint64_t> numbers(std::size_t column) const {
    std::size_t at = start(column);
    return numbers_at(at, rows_);
  }

  std::vector<std::string> strings(std::size_t column) const {
    std::vector<std::string> found;
    if (rows_ == 0) return found;
    std::size_t at = start(column);
    const std::vector<std::uint64_t> ends = numbers_at(at, rows_ + 1);
    for (std::size_t i = 0; i < rows_; ++i) {
      found.emplace_back(bytes_.substr(at + ends[i], ends[i + 1] - ends[i]));
    }
    return found;
  }

  std::vector<std::string> keys(std::size_t column) const {
    std::size_t at = start(column);
    const std::size_t bundle = std::size_t{1} << bytes_[at++];
    const std::size_t bundles = (rows_ + bundle - 1) / bundle;
    const std::vector<std::uint64_t> ends = numbers_at(at, rows_ + bundles + 1);
    std::size_t slice = 0;
    const auto next = [&] {
      const std::uint64_t begin = slice == 0 ? 0 : ends[slice - 1];
      return std::string(bytes_.substr(at + begin, ends[slice++] - begin));
    };
    const std::string shared = next();
    std::string prefix;
    std::vector<std::string> found;
    for (std::size_t row = 0; row < rows_; ++row) {
      if (row % bundle == 0) prefix = shared + next();
      const std::string suffix = next();
      EXPECT_FALSE(suffix.empty() && row % bundle != 0) << "row " << row << " says it repeats a key";
      found.push_back(prefix + suffix);
    }
    return found;
  }

  /// All rows alike, or a failure.
  bool flags(std::size_t column) const {
    std::size_t at = start(column);
    if (bytes_[at++] == 1) return false;
    at = (at + 7) / 8 * 8;
    const std::size_t words = (rows_ + 63) / 64;
    for (std::size_t row = 0; row < 64 * words; ++row) {
      const bool bit = (bytes_[at + row / 8] >> (row % 8) & 1) != 0;
      EXPECT_EQ(bit, row < rows_) << "row " << row;
    }
    at += 8 * words;
    for (std::size_t word = 0; word < 64 * ((words + 63) / 64); ++word) {
      EXPECT_EQ((bytes_[at + word / 8] >> (word % 8) & 1) != 0, word < words) << "word " << word;
    }
    return true;
  }

 private:
  std::size_t head(std::size_t column) const { return custom_ + 7 + 5 * column; }
  std::size_t start(std::size_t column) const { return low_first(bytes_.substr(head(column) + 1, 4)); }

  std::vector<std::uint64_t> numbers_at(std::size_t& at, std::size_t count) const {
    const auto encoding = static_cast<unsigned char>(bytes_.at(at++));
    const std::size_t width = encoding & 0x7f;
    std::uint64_t base = 0;
    if ((encoding & 0x80) != 0) {
      base = low_first(bytes_.substr(at, 8));
      at += 8;
    }
    if (width > 0) at = (at + width - 1) / width * width;
    std::vector<std::uint64_t> values;
    for (std::size_t i = 0; i < count; ++i, at += width) {
      values.push_back(base + low_first(bytes_.substr(at, width)));
    }
    return values;
  }

  std::string_view bytes_;
  std::size_t custom_;
  std::size_t columns_ = 0;
  std::size_t rows_ = 0;
};

/// A block as it was before it was compressed.
std::string stored_block(std::string_view table, std::uint64_t offset, std::uint64_t size) {
  const std::string_view stored = table.substr(offset, size + 5);
  EXPECT_EQ(stored.size(), size + 5);
  EXPECT_EQ(low_first(stored.substr(size + 1)), checksum(stored.substr(0, size + 1))) << "block " << offset;
  std::string content(stored.substr(0, size));
  if (stored[size] == 1) {
    std::string plain;
    EXPECT_TRUE(snappy::Uncompress(content.data(), content.size(), &plain));
    return plain;
  }
  EXPECT_EQ(stored[size], 0);
  return content;
}

std::map<std::string, std::string> pairs(const std::string& bytes) {
  const Block block(bytes, 0);
  EXPECT_EQ(block.types(), "33");
  const std::vector<std::string> names = block.strings(0);
  const std::vector<std::string> values = block.strings(1);
  EXPECT_TRUE(std::ranges::is_sorted(names));
  std::map<std::string, std::string> found;
  for (std::size_t i = 0; i < names.size(); ++i) found[names[i]] = values[i];
  return found;
}

}  // namespace

std::vector<WalkedRow> walk_table(std::string_view table) {
  const std::string_view footer = table.substr(table.size() - 61);
  EXPECT_EQ(footer.substr(53), "\xf0\x9f\xaa\xb3\xf0\x9f\xaa\xb3");
  EXPECT_EQ(low_first(footer.substr(49, 4)), 7U);
  EXPECT_EQ(low_first(footer.substr(41, 4)), 0x80U);
  EXPECT_EQ(footer[0], 1);
  const std::string summed = std::string(footer.substr(0, 45)) + std::string(footer.substr(49));
  EXPECT_EQ(low_first(footer.substr(45, 4)), checksum(summed));
  std::string_view handles = footer.substr(1, 40);
  const std::uint64_t meta_at = uvarint(handles);
  const std::uint64_t meta_size = uvarint(handles);
  const std::uint64_t index_at = uvarint(handles);
  const std::uint64_t index_size = uvarint(handles);

  const std::string properties_handle = pairs(stored_block(table, meta_at, meta_size))["rocksdb.properties"];
  std::string_view handle = properties_handle;
  const std::uint64_t properties_at = uvarint(handle);
  std::map<std::string, std::string> properties = pairs(stored_block(table, properties_at, uvarint(handle)));
  EXPECT_EQ(properties["rocksdb.comparator"], "leveldb.BytewiseComparator");
  EXPECT_EQ(properties["rocksdb.merge.operator"], "pebble.concatenate");
  EXPECT_EQ(properties["pebble.colblk.schema"], "DefaultKeySchema(leveldb.BytewiseComparator,16)");

  const std::string index_bytes = stored_block(table, index_at, index_size);
  const Block index(index_bytes, 0);
  EXPECT_EQ(index.types(), "3223");
  const std::vector<std::string> separators = index.strings(0);
  const std::vector<std::uint64_t> offsets = index.numbers(1);
  const std::vector<std::uint64_t> sizes = index.numbers(2);
  std::vector<WalkedRow> rows;
  for (std::size_t i = 0; i < index.rows(); ++i) {
    const std::string bytes = stored_block(table, offsets[i], sizes[i]);
    const Block block(bytes, 4);
    EXPECT_EQ(block.types(), "4321311");
    const std::vector<std::string> keys = block.keys(0);
    const std::vector<std::uint64_t> trailers = block.numbers(2);
    const std::vector<std::string> values = block.strings(4);
    for (const std::string& suffix : block.strings(1)) EXPECT_EQ(suffix, "");
    EXPECT_TRUE(block.flags(3));
    EXPECT_FALSE(block.flags(5));
    EXPECT_FALSE(block.flags(6));
    std::size_t longest = 0;
    for (std::size_t row = 0; row < block.rows(); ++row) {
      longest = std::max(longest, keys[row].size());
      EXPECT_TRUE(rows.empty() || rows.back().key < keys[row]);
      rows.push_back(WalkedRow{keys[row], values[row], trailers[row]});
    }
    EXPECT_EQ(low_first(std::string_view(bytes).substr(0, 4)), longest);
    EXPECT_EQ(separators[i], rows.back().key);
  }
  std::string_view entries = properties["rocksdb.num.entries"];
  EXPECT_EQ(uvarint(entries), rows.size());
  return rows;
}

std::vector<WalkedTable> walk_manifest(std::string_view log) {
  std::string edit;
  bool last = false;
  for (std::size_t at = 0; at < log.size();) {
    EXPECT_FALSE(last) << "something follows the record";
    const std::uint64_t size = low_first(log.substr(at + 4, 2));
    EXPECT_LE(at % 32768 + 7 + size, 32768U) << "a chunk crosses a block";
    EXPECT_EQ(low_first(log.substr(at, 4)), checksum(log.substr(at + 6, 1 + size)));
    const char type = log[at + 6];
    EXPECT_EQ(type == 1 || type == 2, edit.empty()) << "chunk type " << static_cast<int>(type);
    last = type == 1 || type == 4;
    edit.append(log.substr(at + 7, size));
    at += 7 + size;
  }
  EXPECT_TRUE(last);
  std::string_view rest = edit;
  EXPECT_EQ(uvarint(rest), 1U);
  EXPECT_EQ(counted(rest), "leveldb.BytewiseComparator");
  std::map<std::uint64_t, std::uint64_t> numbers;
  for (int i = 0; i < 3; ++i) {
    const std::uint64_t tag = uvarint(rest);
    numbers[tag] = uvarint(rest);
  }
  std::vector<WalkedTable> tables;
  while (!rest.empty()) {
    EXPECT_EQ(uvarint(rest), 100U);
    EXPECT_EQ(uvarint(rest), 6U);
    WalkedTable& table = tables.emplace_back();
    table.number = uvarint(rest);
    table.size = uvarint(rest);
    for (std::string* key : {&table.smallest, &table.largest}) {
      const std::string_view internal = counted(rest);
      *key = internal.substr(0, internal.size() - 8);
    }
    const std::uint64_t smallest = uvarint(rest);
    EXPECT_EQ(smallest, uvarint(rest));
    EXPECT_LT(smallest, numbers[4]);
    EXPECT_LT(table.number, numbers[3]);
  }
  return tables;
}

std::vector<std::pair<std::string, std::string>> walk_envelope(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  const std::string_view file = bytes;
  EXPECT_EQ(file.substr(0, 5), std::string_view("C1Z3\0", 5));
  const std::uint64_t head_size = high_first(file.substr(5, 4));
  const std::string_view head = file.substr(9, head_size);
  const std::string_view footer = file.substr(file.size() - 28);
  EXPECT_EQ(footer.substr(20), std::string_view("C1ZIDX1\0", 8));
  const std::uint64_t index_at = high_first(footer.substr(0, 8));
  const std::uint64_t index_size = high_first(footer.substr(8, 4));
  EXPECT_EQ(index_at + index_size + 28, file.size());
  const std::string_view index_bytes = file.substr(index_at, index_size);
  EXPECT_EQ(high_first(footer.substr(12, 8)), XXH64(index_bytes.data(), index_bytes.size(), 0));
  c1::c1z::v3::IndexedFrameIndex index;
  EXPECT_TRUE(index.ParseFromArray(index_bytes.data(), static_cast<int>(index_bytes.size())));
  EXPECT_EQ(index.manifest_xxh64(), XXH64(head.data(), head.size(), 0));
  std::vector<std::pair<std::string, std::string>> files;
  std::int64_t raw = 0;
  for (const c1::c1z::v3::IndexedFrameEntry& entry : index.entries()) {
    EXPECT_GE(entry.frame_offset(), static_cast<std::int64_t>(9 + head_size));
    const auto offset = static_cast<std::size_t>(entry.frame_offset());
    const auto size = static_cast<std::size_t>(entry.compressed_size());
    EXPECT_LE(offset + size, index_at);
    std::string content(static_cast<std::size_t>(entry.raw_size()), '\0');
    EXPECT_EQ(ZSTD_findFrameCompressedSize(file.data() + offset, size), size) << "more than one frame";
    EXPECT_EQ(ZSTD_decompress(content.data(), content.size(), file.data() + offset, size), content.size());
    EXPECT_EQ(entry.raw_xxh64(), XXH64(content.data(), content.size(), 0));
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned int hash_size = 0;
    EVP_Digest(content.data(), content.size(), hash, &hash_size, EVP_sha256(), nullptr);
    EXPECT_EQ(entry.raw_sha256(), std::string(reinterpret_cast<const char*>(hash), hash_size));
    EXPECT_TRUE(files.empty() || files.back().first < entry.name());
    raw += entry.raw_size();
    files.emplace_back(entry.name(), std::move(content));
  }
  EXPECT_EQ(index.total_raw_size(), raw);
  return files;
}

std::vector<WalkedRow> walk_file(const std::string& path) {
  std::map<std::string, std::string> files;
  for (auto& [name, content] : walk_envelope(path)) files[name] = std::move(content);
  EXPECT_EQ(files.count("marker.format-version.000001.024"), 1U);
  EXPECT_EQ(files.count("marker.manifest.000001.MANIFEST-000001"), 1U);
  std::vector<WalkedTable> tables = walk_manifest(files["MANIFEST-000001"]);
  EXPECT_EQ(files.size(), tables.size() + 3);
  std::ranges::sort(tables, {}, &WalkedTable::smallest);
  std::vector<WalkedRow> rows;
  for (const WalkedTable& table : tables) {
    std::string name = std::to_string(table.number);
    name = std::string(6 - std::min<std::size_t>(6, name.size()), '0') + name + ".sst";
    const std::string& content = files[name];
    EXPECT_EQ(content.size(), table.size) << name;
    std::vector<WalkedRow> more = walk_table(content);
    EXPECT_EQ(more.front().key, table.smallest);
    EXPECT_EQ(more.back().key, table.largest);
    EXPECT_TRUE(rows.empty() || rows.back().key < more.front().key) << name;
    rows.insert(rows.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  return rows;
}

}  // namespace baton::c1z::v3
