#include "storage/c1z/v3/table_reader.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/c1z/v3/checksum.hpp"

namespace baton::c1z::v3 {
namespace {

constexpr std::string_view kPebbleMagic{"\xf0\x9f\xaa\xb3\xf0\x9f\xaa\xb3", 8};
constexpr std::string_view kRocksMagic{"\xf7\xcf\xf4\x85\xb7\x41\xe2\x88", 8};
constexpr std::size_t kMagic = 8;
constexpr std::size_t kVersion = 4;
constexpr std::size_t kHandlesEnd = 41;
constexpr std::size_t kChecksum = 4;
constexpr std::size_t kAttributes = 4;
constexpr std::size_t kShortFooter = kHandlesEnd + kVersion + kMagic;
constexpr std::size_t kLongestFooter = kShortFooter + kAttributes + kChecksum;

constexpr char kCrc32c = 1;
constexpr std::uint32_t kRowVersions = 2;
constexpr std::uint32_t kFirstColumnar = 5;
constexpr std::uint32_t kChecksummedFooter = 6;
constexpr std::uint32_t kNewestVersion = 7;

/// Attributes of a v7 table.
constexpr std::uint32_t kTwoLevels = 1U << 5;
constexpr std::uint32_t kBlobValues = 1U << 6;

constexpr std::string_view kComparer = "leveldb.BytewiseComparator";
constexpr std::string_view kKeySchema = "DefaultKeySchema(leveldb.BytewiseComparator,16)";
constexpr std::uint32_t kTwoLevelIndexType = 2;

/// Index blocks: separator, offset, length, properties.
enum IndexColumn : std::size_t { kSeparator = 0, kOffset = 1, kLength = 2 };
/// Blocks of ranges, behind a header that holds the number of boundaries.
constexpr std::size_t kBoundaryHeader = 4;
enum RangeColumn : std::size_t { kBoundaries = 0, kStarts = 1, kTrailers = 2 };

constexpr std::size_t kMostProperties = 10'000;

absl::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

using Pairs = std::map<std::string, std::string, std::less<>>;

/// The metaindex and the properties: names and values, in either layout. Which one it is, the first byte
/// tells: a columnar block has its version there, a block of rows the prefix length of its first entry, 0.
absl::StatusOr<Pairs> read_pairs(std::string_view block) {
  Pairs pairs;
  if (!block.empty() && block.front() != '\0') {
    ColumnarBlock columns;
    BytesView names;
    BytesView values;
    if (!columns.open(block, 0) || columns.rows() > kMostProperties ||
        !columns.column(0, names, columns.rows()) || !columns.column(1, values, columns.rows())) {
      return absl::DataLossError("it is no block of names and values");
    }
    for (std::size_t row = 0; row < columns.rows(); ++row) {
      std::string_view name;
      std::string_view value;
      if (!names.at(row, name) || !values.at(row, value)) {
        return absl::DataLossError("it is no block of names and values");
      }
      pairs.emplace(name, value);
    }
    return pairs;
  }
  // Keys without a trailer, so not what a DataCursor reads.
  if (block.size() < 4) return absl::DataLossError("it is no block of names and values");
  const std::size_t restarts = load_le<std::uint32_t>(block.data() + block.size() - 4);
  if (restarts > (block.size() - 4) / 4) return absl::DataLossError("it is no block of names and values");
  BytesCursor entries(block.substr(0, block.size() - 4 - 4 * restarts));
  std::string name;
  while (!entries.at_end()) {
    std::uint64_t shared = 0;
    std::uint64_t unshared = 0;
    std::uint64_t size = 0;
    std::string_view rest;
    std::string_view value;
    if (!entries.uvarint(shared) || !entries.uvarint(unshared) || !entries.uvarint(size) ||
        shared > name.size() || !entries.take(unshared, rest) || !entries.take(size, value) ||
        pairs.size() >= kMostProperties) {
      return absl::DataLossError("it is no block of names and values");
    }
    name.resize(static_cast<std::size_t>(shared));
    name.append(rest);
    pairs.emplace(name, value);
  }
  return pairs;
}

absl::Status at_block(const BlockHandle& handle, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      absl::StrCat("the block at byte ", handle.offset, ": ", status.message()));
}

absl::StatusOr<Pairs> read_pairs_at(const PayloadFile& file, const BlockHandle& handle) {
  const absl::StatusOr<std::string> block = read_block(file, handle);
  if (!block.ok()) return block.status();
  absl::StatusOr<Pairs> pairs = read_pairs(*block);
  if (!pairs.ok()) return at_block(handle, pairs.status());
  return pairs;
}

absl::StatusOr<std::optional<BlockHandle>> handle_in(const Pairs& metaindex, std::string_view name) {
  const auto at = metaindex.find(name);
  if (at == metaindex.end()) return std::optional<BlockHandle>();
  BytesCursor bytes(at->second);
  BlockHandle handle;
  if (!handle.parse(bytes)) {
    return absl::DataLossError(absl::StrCat("the metaindex has no place for \"", view(name), "\""));
  }
  return std::optional<BlockHandle>(handle);
}

}  // namespace

class TableReader::Footer {
 public:
  std::uint32_t version = 0;
  BlockHandle metaindex;
  BlockHandle index;
  std::optional<std::uint32_t> attributes;
};

absl::Status TableReader::read_footer(Footer& footer) const {
  const std::size_t size = std::min<std::uint64_t>(file_.size(), kLongestFooter);
  if (size < kShortFooter) return absl::DataLossError("it is too short for a table");
  std::array<char, kLongestFooter> bytes{};
  if (absl::Status status =
          file_.read(file_.size() - size, std::as_writable_bytes(std::span(bytes)).first(size));
      !status.ok()) {
    return status;
  }
  const std::string_view tail(bytes.data(), size);
  const bool pebble = tail.ends_with(kPebbleMagic);
  if (!pebble && !tail.ends_with(kRocksMagic)) {
    return absl::DataLossError("it does not end like a table");
  }
  footer.version = load_le<std::uint32_t>(tail.data() + size - kMagic - kVersion);
  // Tables of versions 3 and 4 hold rows whose values have a byte in front; RocksDB's of other versions than
  // 2 are another format.
  const bool known = pebble ? footer.version >= 1 && footer.version <= kNewestVersion &&
                                  (footer.version <= kRowVersions || footer.version >= kFirstColumnar)
                            : footer.version == kRowVersions;
  if (!known) {
    return absl::UnimplementedError(absl::StrCat("it is a table of ", pebble ? "Pebble's" : "RocksDB's",
                                                 " version ", footer.version,
                                                 ", which this program does not read"));
  }
  const bool has_checksum = pebble && footer.version >= kChecksummedFooter;
  const bool has_attributes = pebble && footer.version == kNewestVersion;
  const std::size_t length =
      kShortFooter + (has_checksum ? kChecksum : 0) + (has_attributes ? kAttributes : 0);
  if (size < length) return absl::DataLossError("it is too short for a table");
  const std::string_view whole = tail.substr(size - length);
  if (has_attributes) footer.attributes = load_le<std::uint32_t>(whole.data() + kHandlesEnd);
  if (has_checksum) {
    const std::size_t checksum_at = length - kMagic - kVersion - kChecksum;
    const std::uint32_t sum =
        crc32c(whole.substr(checksum_at + kChecksum), crc32c(whole.substr(0, checksum_at)));
    if (mask_checksum(sum) != load_le<std::uint32_t>(whole.data() + checksum_at)) {
      return absl::DataLossError("the checksum of its footer does not match");
    }
  }
  if (whole[0] != kCrc32c) {
    return absl::UnimplementedError(
        absl::StrCat("its checksums are of kind ", static_cast<int>(whole[0]), " instead of CRC-32C"));
  }
  BytesCursor handles(whole.substr(1, kHandlesEnd - 1));
  if (!footer.metaindex.parse(handles) || !footer.index.parse(handles)) {
    return absl::DataLossError("its footer does not tell where its index is");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const TableReader>> TableReader::open(const PayloadFile& file,
                                                                     const TableEntry& entry,
                                                                     MemoryBudget& budget) {
  // Not make_shared: the constructor is private.
  std::shared_ptr<TableReader> table(new TableReader(file, entry, budget));
  if (absl::Status status = table->read(); !status.ok()) return status;
  return std::shared_ptr<const TableReader>(std::move(table));
}

absl::Status TableReader::read() {
  Footer footer;
  if (absl::Status status = read_footer(footer); !status.ok()) return status;
  layout_ = footer.version >= kFirstColumnar ? BlockLayout::kColumns : BlockLayout::kRows;
  const absl::StatusOr<Pairs> metaindex = read_pairs_at(file_, footer.metaindex);
  if (!metaindex.ok()) return metaindex.status();
  const auto properties_at = handle_in(*metaindex, "rocksdb.properties");
  if (!properties_at.ok()) return properties_at.status();
  if (!properties_at->has_value()) return absl::DataLossError("it has no properties");
  const absl::StatusOr<Pairs> properties = read_pairs_at(file_, **properties_at);
  if (!properties.ok()) return properties.status();
  const auto property = [&](std::string_view name) {
    const auto at = properties->find(name);
    return at == properties->end() ? std::string_view() : std::string_view(at->second);
  };
  if (const std::string_view comparer = property("rocksdb.comparator"); comparer != kComparer) {
    return absl::UnimplementedError(absl::StrCat("its keys are in the order of \"",
                                                 absl::Utf8SafeCEscape(view(comparer.substr(0, 100))), "\""));
  }
  if (layout_ == BlockLayout::kColumns && property("pebble.colblk.schema") != kKeySchema) {
    return absl::UnimplementedError(
        absl::StrCat("its keys are laid out by \"",
                     absl::Utf8SafeCEscape(view(property("pebble.colblk.schema").substr(0, 100))), "\""));
  }
  bool two_levels = false;
  if (footer.attributes.has_value()) {
    two_levels = (*footer.attributes & kTwoLevels) != 0;
    if ((*footer.attributes & kBlobValues) != 0) {
      return absl::UnimplementedError("it has values in blob files");
    }
  } else if (const std::string_view type = property("rocksdb.block.based.table.index.type");
             type.size() == 4) {
    two_levels = load_le<std::uint32_t>(type.data()) == kTwoLevelIndexType;
  }
  if (absl::Status status = read_index(footer.index, two_levels); !status.ok()) return status;
  const auto ranges_at = handle_in(*metaindex, "rocksdb.range_del2");
  if (!ranges_at.ok()) return ranges_at.status();
  if (ranges_at->has_value()) return read_range_deletions(**ranges_at);
  const auto old_ranges_at = handle_in(*metaindex, "rocksdb.range_del");
  if (!old_ranges_at.ok()) return old_ranges_at.status();
  return old_ranges_at->has_value() ? read_range_deletions(**old_ranges_at) : absl::OkStatus();
}

absl::Status TableReader::read_index(const BlockHandle& handle, bool two_levels) {
  absl::StatusOr<std::string> block = read_block(file_, handle);
  if (!block.ok()) return block.status();
  const auto add = [&](std::string_view separator, const BlockHandle& found) -> absl::Status {
    return two_levels ? read_index(found, false) : add_block(separator, found);
  };
  const absl::Status no_index = absl::DataLossError("it is no index");
  // Blocks lie one behind the other, those of an index as well, so that nothing is read twice.
  std::uint64_t behind = 0;
  const auto take = [&](const BlockHandle& found) {
    if (found.offset < behind || found.offset > file_.size() || found.size > file_.size() - found.offset) {
      return false;
    }
    behind = found.offset + found.size + kBlockTrailerBytes;
    return true;
  };
  if (layout_ == BlockLayout::kColumns) {
    ColumnarBlock columns;
    BytesView separators;
    UintView offsets;
    UintView lengths;
    if (!columns.open(*block, 0) || !columns.column(kSeparator, separators, columns.rows()) ||
        !columns.column(kOffset, offsets, columns.rows()) ||
        !columns.column(kLength, lengths, columns.rows())) {
      return at_block(handle, no_index);
    }
    for (std::size_t row = 0; row < columns.rows(); ++row) {
      std::string_view separator;
      const BlockHandle found(offsets.at(row), lengths.at(row));
      if (!separators.at(row, separator) || !take(found)) return at_block(handle, no_index);
      if (absl::Status status = add(separator, found); !status.ok()) return status;
    }
    return absl::OkStatus();
  }
  absl::StatusOr<std::shared_ptr<const DataBlock>> rows = DataBlock::open(*std::move(block), layout_);
  if (!rows.ok()) return at_block(handle, rows.status());
  DataCursor cursor;
  cursor.open(*std::move(rows));
  DataCursor::Step step = cursor.first();
  for (; step == DataCursor::Step::kEntry; step = cursor.next()) {
    BlockHandle found;
    BytesCursor value(cursor.value());
    if (!found.parse(value) || !take(found)) return at_block(handle, no_index);
    if (absl::Status status = add(cursor.key(), found); !status.ok()) return status;
  }
  return step == DataCursor::Step::kEnd ? absl::OkStatus() : at_block(handle, no_index);
}

absl::Status TableReader::add_block(std::string_view separator, const BlockHandle& handle) {
  if (!blocks_.empty() && separator < this->separator(blocks_.size() - 1)) {
    return absl::DataLossError(
        absl::StrCat("its index is out of order at the block at byte ", handle.offset));
  }
  if (absl::Status status = share_.resize(share_.bytes() + sizeof(Block) + separator.size()); !status.ok()) {
    return status;
  }
  separators_.append(separator);
  Block block;
  block.handle = handle;
  block.separator_end = separators_.size();
  blocks_.push_back(block);
  return absl::OkStatus();
}

std::string_view TableReader::separator(std::size_t index) const {
  const std::size_t begin = index == 0 ? 0 : blocks_[index - 1].separator_end;
  return std::string_view(separators_).substr(begin, blocks_[index].separator_end - begin);
}

std::size_t TableReader::find_block(std::string_view key) const {
  std::size_t low = 0;
  std::size_t high = blocks_.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (separator(middle) < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

absl::StatusOr<std::shared_ptr<const DataBlock>> TableReader::block(std::size_t index,
                                                                    BlockCache* cache) const {
  const BlockHandle& handle = blocks_[index].handle;
  if (cache != nullptr) {
    if (auto kept = cache->get(entry_.file_number(), handle.offset)) return kept;
  }
  absl::StatusOr<std::string> bytes = read_block(file_, handle);
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<std::shared_ptr<const DataBlock>> block = DataBlock::open(*std::move(bytes), layout_);
  if (!block.ok()) return at_block(handle, block.status());
  if (cache != nullptr) cache->put(entry_.file_number(), handle.offset, *block);
  return block;
}

absl::Status TableReader::read_range_deletions(const BlockHandle& handle) {
  absl::StatusOr<std::string> block = read_block(file_, handle);
  if (!block.ok()) return block.status();
  absl::Status status = layout_ == BlockLayout::kColumns ? columnar_range_deletions(*block)
                                                         : row_range_deletions(*std::move(block));
  if (!status.ok()) return at_block(handle, status);
  std::ranges::stable_sort(range_deletions_, {}, &RangeDeletion::start);
  return absl::OkStatus();
}

absl::Status TableReader::columnar_range_deletions(std::string_view block) {
  const absl::Status no_block = absl::DataLossError("it is no block of range deletions");
  ColumnarBlock columns;
  BytesView boundaries;
  UintView starts;
  UintView trailers;
  if (!columns.open(block, kBoundaryHeader)) return no_block;
  const std::size_t count = load_le<std::uint32_t>(block.data());
  if (!columns.column(kBoundaries, boundaries, count) || !columns.column(kStarts, starts, count) ||
      !columns.column(kTrailers, trailers, columns.rows())) {
    return no_block;
  }
  for (std::size_t span = 0; span + 1 < count; ++span) {
    std::string_view begin;
    std::string_view end;
    const std::uint64_t first = starts.at(span);
    const std::uint64_t last = starts.at(span + 1);
    if (!boundaries.at(span, begin) || !boundaries.at(span + 1, end) || begin >= end || first > last ||
        last > columns.rows()) {
      return no_block;
    }
    if (first == last) continue;
    // The newest one hides all that the others would.
    std::uint64_t newest = 0;
    for (std::uint64_t i = first; i < last; ++i) {
      const Trailer trailer(trailers.at(static_cast<std::size_t>(i)));
      if (trailer.kind() != EntryKind::kRangeDelete) return no_block;
      newest = std::max(newest, sequence(trailer));
    }
    if (absl::Status status = add_range_deletion(begin, end, newest); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status TableReader::row_range_deletions(std::string block) {
  absl::StatusOr<std::shared_ptr<const DataBlock>> rows = DataBlock::open(std::move(block), layout_);
  if (!rows.ok()) return rows.status();
  DataCursor cursor;
  cursor.open(*std::move(rows));
  DataCursor::Step step = cursor.first();
  for (; step == DataCursor::Step::kEntry; step = cursor.next()) {
    if (cursor.trailer().kind() != EntryKind::kRangeDelete) break;
    absl::Status status = add_range_deletion(cursor.key(), cursor.value(), sequence(cursor.trailer()));
    if (!status.ok()) return status;
  }
  if (step == DataCursor::Step::kEnd) return absl::OkStatus();
  return absl::DataLossError("it is no block of range deletions");
}

absl::Status TableReader::add_range_deletion(std::string_view start, std::string_view end,
                                             std::uint64_t sequence) {
  RangeDeletion range;
  range.start = start;
  range.end = end;
  range.sequence = sequence;
  if (entry_.is_virtual) {
    range.start = std::max(range.start, entry_.smallest);
    // The first key behind one that is inside.
    std::string bound = entry_.largest;
    if (!entry_.largest_is_outside) bound.push_back('\0');
    range.end = std::min(range.end, bound);
  }
  if (range.start >= range.end) return absl::OkStatus();
  if (absl::Status status = share_.resize(share_.bytes() + sizeof(RangeDeletion) + start.size() + end.size());
      !status.ok()) {
    return status;
  }
  range_deletions_.push_back(std::move(range));
  return absl::OkStatus();
}

absl::Status TableCursor::damaged(std::string_view what) const {
  return absl::DataLossError(
      absl::StrCat("the block at byte ", table_->block_offset(index_), ": ", view(what)));
}

absl::Status TableCursor::open_block(std::size_t index) {
  if (rows_.is_open() && index == index_) return absl::OkStatus();
  index_ = index;
  absl::StatusOr<std::shared_ptr<const DataBlock>> block = table_->block(index, cache_);
  if (!block.ok()) return block.status();
  if (absl::Status status = share_.resize((*block)->memory()); !status.ok()) return status;
  rows_.open(*std::move(block));
  return absl::OkStatus();
}

absl::StatusOr<bool> TableCursor::seek(std::string_view key) {
  has_previous_ = false;
  if (key < table_->entry().smallest) key = table_->entry().smallest;
  const std::size_t index = table_->find_block(key);
  if (index == table_->blocks()) {
    rows_.close();
    return false;
  }
  if (absl::Status status = open_block(index); !status.ok()) return status;
  return arrive(rows_.seek(key));
}

absl::StatusOr<bool> TableCursor::next() {
  return arrive(rows_.next());
}

absl::StatusOr<bool> TableCursor::arrive(DataCursor::Step step) {
  while (step == DataCursor::Step::kEnd) {
    if (index_ + 1 >= table_->blocks()) {
      rows_.close();
      return false;
    }
    if (absl::Status status = open_block(index_ + 1); !status.ok()) return status;
    step = rows_.first();
  }
  if (step == DataCursor::Step::kDamaged) return damaged("a row that cannot be read");
  // A virtual table's file holds more than the table. A real one's does not, but then this does no harm.
  const TableEntry& entry = table_->entry();
  if (!entry.may_hold(rows_.key())) {
    if (entry.is_virtual && rows_.key() >= entry.smallest) {
      rows_.close();
      return false;
    }
    return damaged("a row outside the bounds of its table");
  }
  if (has_previous_) {
    const int order = rows_.key().compare(previous_key_);
    if (order < 0 || (order == 0 && rows_.trailer().bits >= previous_trailer_)) {
      return damaged("rows out of order");
    }
  }
  has_previous_ = true;
  previous_key_.assign(rows_.key());
  previous_trailer_ = rows_.trailer().bits;
  return true;
}

}  // namespace baton::c1z::v3
