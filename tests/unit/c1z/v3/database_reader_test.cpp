#include "storage/c1z/v3/database_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <tuple>
#include <vector>

#include "storage/c1z/v3/block_writer.hpp"
#include "storage/c1z/v3/checksum.hpp"
#include "storage/c1z/v3/internal_key.hpp"
#include "storage/c1z/v3/manifest_writer.hpp"
#include "unit/c1z/scratch.hpp"
#include "unit/c1z/v3/packed_file.hpp"

namespace baton::c1z::v3 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Rows = std::map<std::string, std::string>;

std::uint64_t trailer(std::uint64_t sequence, EntryKind kind) {
  return sequence << 8 | static_cast<std::uint64_t>(kind);
}

std::string internal_key(const std::string& key, std::uint64_t bits) {
  std::string whole = key;
  append_le64(whole, bits);
  return whole;
}

/// A table of rows (version 1), entry by entry, with whatever trailers a test needs.
class RowTable {
 public:
  RowTable& add(const std::string& key, std::uint64_t sequence, EntryKind kind,
                const std::string& value = {}) {
    rows_.emplace_back(internal_key(key, trailer(sequence, kind)), value);
    return *this;
  }
  RowTable& set(const std::string& key, std::uint64_t sequence, const std::string& value) {
    return add(key, sequence, EntryKind::kSet, value);
  }
  RowTable& delete_range(const std::string& begin, const std::string& end, std::uint64_t sequence) {
    ranges_.emplace_back(internal_key(begin, trailer(sequence, EntryKind::kRangeDelete)), end);
    return *this;
  }

  std::string bytes() const {
    std::string table;
    Entries index;
    for (std::size_t i = 0; i < rows_.size(); i += 2) {
      // Two rows a block, so that there are several.
      const Entries some(rows_.begin() + static_cast<std::ptrdiff_t>(i),
                         rows_.begin() + static_cast<std::ptrdiff_t>(std::min(i + 2, rows_.size())));
      index.emplace_back(some.back().first, append_block(table, some));
    }
    Entries metaindex;
    if (!ranges_.empty()) metaindex.emplace_back("rocksdb.range_del2", append_block(table, ranges_));
    metaindex.emplace_back("rocksdb.properties",
                           append_block(table, {{"rocksdb.comparator", "leveldb.BytewiseComparator"}}));
    std::string footer(1, '\1');
    const std::string metaindex_at = append_block(table, metaindex);
    footer += metaindex_at + append_block(table, index);
    footer.resize(41);
    append_le32(footer, 1);
    return table + footer + "\xf0\x9f\xaa\xb3\xf0\x9f\xaa\xb3";
  }

 private:
  using Entries = std::vector<std::pair<std::string, std::string>>;

  /// Returns the block's handle.
  static std::string append_block(std::string& table, const Entries& entries) {
    std::string block;
    std::string restarts;
    for (const auto& [key, value] : entries) {
      append_le32(restarts, static_cast<std::uint32_t>(block.size()));
      append_uvarint(block, 0);
      append_uvarint(block, key.size());
      append_uvarint(block, value.size());
      block += key + value;
    }
    if (entries.empty()) append_le32(restarts, 0);
    block += restarts;
    append_le32(block, static_cast<std::uint32_t>(restarts.size() / 4));
    std::string handle;
    append_uvarint(handle, table.size());
    append_uvarint(handle, block.size());
    block.push_back('\0');
    const std::uint32_t sum = mask_checksum(crc32c(block));
    table += block;
    append_le32(table, sum);
    return handle;
  }

  Entries rows_;
  Entries ranges_;
};

/// A database of such tables.
class Database {
 public:
  /// A table with the bounds of its sequence numbers.
  void add(const RowTable& table, std::uint64_t level, const std::string& smallest,
           std::uint64_t largest_bits, const std::string& largest, std::uint64_t first, std::uint64_t last,
           std::uint64_t backing = 0) {
    const std::uint64_t number = ++number_;
    std::string& file = packed_.files[table_name(backing == 0 ? number : backing)];
    file = table.bytes();
    append_uvarint(edit_, backing == 0 ? 100 : 103);
    for (const std::uint64_t value : {level, number, static_cast<std::uint64_t>(file.size())}) {
      append_uvarint(edit_, value);
    }
    for (const std::string& bound :
         {internal_key(smallest, trailer(last, EntryKind::kSet)), internal_key(largest, largest_bits)}) {
      append_uvarint(edit_, bound.size());
      edit_ += bound;
    }
    append_uvarint(edit_, first);
    append_uvarint(edit_, last);
    if (backing != 0) {
      for (const std::uint64_t value : {std::uint64_t{66}, backing, std::uint64_t{1}})
        append_uvarint(edit_, value);
    }
  }
  void add(const RowTable& table, std::uint64_t level, std::uint64_t first, std::uint64_t last) {
    add(table, level, "a", trailer(first, EntryKind::kSet), "z", first, last);
  }

  /// All rows, by a scan; look-ups of every letter must agree.
  Rows rows() {
    std::string body(1, '\1');
    body += edit_;
    std::string& log = packed_.files[kManifestName];
    log.clear();
    append_le32(log, mask_checksum(crc32c(body)));
    append_le16(log, static_cast<std::uint16_t>(edit_.size()));
    log += body;
    packed_.files[kFormatMarker];
    packed_.files[kManifestMarker];
    packed_.manifest.set_engine("pebble3");
    const std::string path = scratch_ / "file.c1z";
    write_file(path, packed_.indexed());
    Rows found;
    const auto files = EnvelopeReader::open(path, {});
    EXPECT_TRUE(files.ok()) << files.status();
    const auto database = DatabaseReader::open(**files);
    EXPECT_TRUE(database.ok()) << database.status();
    if (!database.ok()) return found;
    RangeCursor cursor = (*database)->range("", "\xff");
    while (true) {
      const auto more = cursor.next();
      EXPECT_TRUE(more.ok()) << more.status();
      if (!more.ok() || !*more) break;
      EXPECT_TRUE(found.emplace(cursor.key(), cursor.value()).second) << cursor.key();
    }
    for (char letter = 'a'; letter <= 'z'; ++letter) {
      std::string value;
      const auto there = (*database)->get(std::string(1, letter), value);
      EXPECT_TRUE(there.ok()) << there.status();
      EXPECT_EQ(there.value_or(false), found.contains(std::string(1, letter))) << letter;
      if (there.value_or(false)) {
        EXPECT_EQ(value, found[std::string(1, letter)]);
      }
    }
    return found;
  }

 private:
  Scratch scratch_;
  PackedFile packed_;
  std::string edit_;
  std::uint64_t number_ = 10;
};

auto row(const char* key, const char* value) {
  return testing::Pair(std::string(key), std::string(value));
}

TEST(DatabaseReader, TakesTheNewestOfARowWhateverItsLevel) {
  Database database;
  database.add(RowTable().set("b", 3, "old").set("c", 4, "only"), 0, 1, 4);
  database.add(RowTable().set("a", 2, "only").set("b", 9, "new").set("b", 5, "older"), 6, 2, 9);
  EXPECT_THAT(database.rows(), ElementsAre(row("a", "only"), row("b", "new"), row("c", "only")));
}

TEST(DatabaseReader, LeavesOutWhatWasDeleted) {
  Database database;
  database.add(RowTable()
                   .add("a", 9, EntryKind::kDelete)
                   .add("b", 9, EntryKind::kSingleDelete)
                   .add("c", 9, EntryKind::kSizedDelete, "\x05")
                   .add("d", 9, EntryKind::kSetWithDelete, "again"),
               0, 1, 9);
  database.add(
      RowTable().set("a", 1, "x").set("b", 2, "x").set("c", 3, "x").set("d", 4, "x").set("e", 5, "y"), 6, 1,
      5);
  EXPECT_THAT(database.rows(), ElementsAre(row("d", "again"), row("e", "y")));
}

TEST(DatabaseReader, ARangeDeletionHidesOlderRowsOfAllTables) {
  Database database;
  database.add(RowTable().set("c", 8, "newer").set("d", 5, "as old").delete_range("b", "f", 5), 0, 1, 8);
  database.add(RowTable().set("a", 1, "before").set("b", 2, "x").set("e", 4, "x").set("f", 4, "behind"), 6, 1,
               4);
  EXPECT_THAT(database.rows(),
              ElementsAre(row("a", "before"), row("c", "newer"), row("d", "as old"), row("f", "behind")));
}

TEST(DatabaseReader, ATableOfRangeDeletionsAloneCounts) {
  Database database;
  database.add(RowTable().delete_range("a", "c", 7), 0, "a",
               trailer(kLargestSequence, EntryKind::kRangeDelete), "c", 7, 7);
  database.add(RowTable().set("a", 1, "x").set("c", 2, "stays"), 6, 1, 2);
  EXPECT_THAT(database.rows(), ElementsAre(row("c", "stays")));
}

TEST(DatabaseReader, AnIngestedTableHasTheSequenceNumberOfTheManifest) {
  Database database;
  database.add(RowTable().set("a", 5, "older").set("b", 5, "stays"), 0, 1, 6);
  // It says 0 inside, and its range deletion does not hide its own rows.
  database.add(RowTable().set("a", 0, "ingested").delete_range("a", "b", 0), 6, 8, 8);
  EXPECT_THAT(database.rows(), ElementsAre(row("a", "ingested"), row("b", "stays")));
}

TEST(DatabaseReader, OfAVirtualTableOnlyWhatIsWithinItsBounds) {
  const RowTable file = RowTable()
                            .set("a", 3, "x")
                            .set("b", 3, "in")
                            .set("c", 3, "in")
                            .set("d", 3, "x")
                            .delete_range("a", "z", 2);
  Database exclusive;
  exclusive.add(file, 6, "b", trailer(kLargestSequence, EntryKind::kRangeDelete), "d", 1, 3, 77);
  exclusive.add(RowTable().set("c", 1, "hidden").set("e", 1, "beyond the clipped range"), 6, 1, 2);
  EXPECT_THAT(exclusive.rows(),
              ElementsAre(row("b", "in"), row("c", "in"), row("e", "beyond the clipped range")));
  Database inclusive;
  inclusive.add(file, 6, "b", trailer(3, EntryKind::kSet), "c", 1, 3, 77);
  EXPECT_THAT(inclusive.rows(), ElementsAre(row("b", "in"), row("c", "in")));
}

TEST(DatabaseReader, AnEmptyDatabaseHasNoRows) {
  Database database;
  EXPECT_THAT(database.rows(), IsEmpty());
}

}  // namespace
}  // namespace baton::c1z::v3
