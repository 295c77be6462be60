#include "storage/c1z/v3/table_writer.hpp"

#include <gtest/gtest.h>

#include <cstdio>

#include "storage/c1z/v3/manifest_writer.hpp"
#include "unit/c1z/v3/table_walk.hpp"

namespace baton::c1z::v3 {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

void expect_table(TableWriter& writer, BlockCompression compression, const Rows& rows) {
  writer.begin(compression);
  for (const auto& [key, value] : rows) writer.add(key, value);
  const std::vector<WalkedRow> walked = walk_table(writer.finish());
  ASSERT_EQ(walked.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(walked[i].key, rows[i].first);
    EXPECT_EQ(walked[i].value, rows[i].second);
    EXPECT_EQ(walked[i].trailer, kKeyTrailer);
  }
}

// Around every size at which something else is written: bundles of 16, words of 64 bits, words of words,
// blocks.
TEST(TableWriter, HoldsWhatItWasGivenInEverySize) {
  for (const BlockCompression compression : {BlockCompression::kNone, BlockCompression::kSnappy}) {
    TableWriter writer;
    for (const int count : {1, 2, 15, 16, 17, 32, 33, 63, 64, 65, 127, 128, 129, 1000, 4096, 4097, 9000}) {
      SCOPED_TRACE(count);
      Rows rows;
      for (int i = 0; i < count; ++i) {
        char key[32];
        std::snprintf(key, sizeof key, "k%02d/%06d", i / 700, i);
        rows.emplace_back(key, std::string(static_cast<std::size_t>(i % 7), 'v'));
      }
      expect_table(writer, compression, rows);
      // Index tables have no values at all, which makes blocks of more rows.
      for (auto& [key, value] : rows) value.clear();
      expect_table(writer, compression, rows);
    }
  }
}

TEST(TableWriter, HoldsOddKeysAndLongValues) {
  TableWriter writer;
  expect_table(writer, BlockCompression::kSnappy,
               {{"", "of the empty key"},
                {std::string("\0", 1), ""},
                {"a", std::string(100'000, 'x')},
                {"aa", std::string("\0\xff", 2)},
                {"aab", "a key that begins with the one before"},
                {"b" + std::string(70'000, 'k'), "a long key"},
                {"c", std::string(40'000, '\x80')},
                {"\xff\xff", "last"}});
}

TEST(TableWriter, KeysOfABundleMayBeginWithItsFirst) {
  TableWriter writer;
  Rows rows;
  for (std::size_t size = 1; size <= 40; ++size) rows.emplace_back(std::string(size, 'a'), "");
  expect_table(writer, BlockCompression::kNone, rows);
}

TEST(ManifestWriter, NamesAllTables) {
  for (const std::size_t count : {0U, 1U, 3U, 700U, 5000U}) {
    std::vector<TableInfo> tables(count);
    for (std::size_t i = 0; i < count; ++i) {
      tables[i].number = i + 2;
      tables[i].size = 1000 * i;
      tables[i].smallest = "s" + std::to_string(100'000 + i) + std::string(i % 50, 'x');
      tables[i].largest = tables[i].smallest + "z";
    }
    const std::vector<WalkedTable> walked = walk_manifest(make_manifest(tables, count + 2));
    ASSERT_EQ(walked.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(walked[i].number, tables[i].number);
      EXPECT_EQ(walked[i].size, tables[i].size);
      EXPECT_EQ(walked[i].smallest, tables[i].smallest);
      EXPECT_EQ(walked[i].largest, tables[i].largest);
    }
  }
  EXPECT_EQ(table_name(7), "000007.sst");
  EXPECT_EQ(table_name(1'234'567), "1234567.sst");
}

}  // namespace
}  // namespace baton::c1z::v3
