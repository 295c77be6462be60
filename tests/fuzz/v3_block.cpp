/// Blocks of tables of version 3, decoded: columns and rows, walked through and sought in.
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.hpp"
#include "storage/c1z/v3/data_block.hpp"

namespace {

using namespace baton::c1z::v3;

void walk(std::string bytes, BlockLayout layout) {
  const auto block = DataBlock::open(std::move(bytes), layout);
  if (!block.ok()) return;
  DataCursor cursor;
  cursor.open(*block);
  // Rows without bytes of their own can be billions; whoever reads a table stops at the second of them.
  constexpr int kMostRows = 10'000;
  std::string last;
  auto step = cursor.first();
  for (int row = 0; step == DataCursor::Step::kEntry && row < kMostRows; ++row) {
    last = cursor.key();
    step = cursor.next();
  }
  (void)cursor.value();
  step = cursor.seek(last);
  if (step == DataCursor::Step::kEntry) (void)cursor.trailer().sequence();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  walk(bytes, BlockLayout::kColumns);
  walk(bytes, BlockLayout::kRows);
  return 0;
}
