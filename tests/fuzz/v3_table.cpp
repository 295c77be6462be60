/// Sorted tables of version 3: footer, metaindex, properties, index, range deletions and rows. Checksums are
/// set right first, as far as the place of each block can be found, so that what is behind them is met.
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/memory_file.hpp"
#include "fuzz/require.hpp"
#include "storage/c1z/v3/block_writer.hpp"
#include "storage/c1z/v3/checksum.hpp"
#include "storage/c1z/v3/table_reader.hpp"

namespace {

using namespace baton;
using namespace baton::c1z::v3;

void put_sum(std::string& table, std::size_t at, std::uint32_t crc) {
  std::string sum;
  append_le32(sum, mask_checksum(crc));
  table.replace(at, sum.size(), sum);
}

void stamp_block(std::string& table, std::uint64_t offset, std::uint64_t size) {
  if (offset > table.size() || size > table.size() - offset || table.size() - offset - size < 5) return;
  const auto end = static_cast<std::size_t>(offset + size + 1);
  put_sum(table, end, crc32c(std::string_view(table).substr(offset, size + 1)));
}

void stamp_footer(std::string& table, bool blocks) {
  constexpr std::size_t kFooter = 61;
  if (table.size() < kFooter) return;
  const std::size_t at = table.size() - kFooter;
  if (blocks) {
    BytesCursor handles(std::string_view(table).substr(at + 1, 40));
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    for (int i = 0; i < 2 && handles.uvarint(offset) && handles.uvarint(size); ++i) {
      stamp_block(table, offset, size);
    }
  }
  const std::string_view footer = std::string_view(table).substr(at);
  put_sum(table, at + 45, crc32c(footer.substr(49), crc32c(footer.substr(0, 45))));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::MemoryFile memory;
  std::string table(reinterpret_cast<const char*>(data), size);
  stamp_footer(table, true);

  TableEntry entry;
  entry.largest = "\xff\xff\xff";
  entry.largest_sequence = 1;
  // A virtual one, so that rows outside its bounds are passed over.
  entry.is_virtual = size % 2 == 0;
  if (entry.is_virtual) entry.smallest = "\x03\x02";
  for (int round = 0; round < 2; ++round) {
    memory.assign(table);
    const c1z::File file = memory.open();
    MemoryBudget budget(std::uint64_t{64} << 20);
    const auto reader = TableReader::open(PayloadFile(file, 0, table.size()), entry, budget);
    if (!reader.ok()) return 0;
    for (std::size_t i = 0; i + 1 < (*reader)->blocks(); ++i) {
      const std::uint64_t begin = (*reader)->block_offset(i);
      stamp_block(table, begin, (*reader)->block_offset(i + 1) - begin - kBlockTrailerBytes);
    }
    for (const RangeDeletion& range : (*reader)->range_deletions()) {
      fuzz::require(range.start < range.end, "a range deletion is not empty");
    }
    TableCursor cursor(*reader, nullptr);
    std::string last;
    auto more = cursor.seek({});
    while (more.ok() && *more) {
      fuzz::require(entry.may_hold(cursor.key()), "a row is within the bounds");
      fuzz::require(last <= cursor.key(), "rows come in order");
      last = cursor.key();
      more = cursor.next();
    }
    TableCursor look_up(*reader, nullptr);
    (void)look_up.seek(last).ok();
  }
  return 0;
}
