#include "storage/c1z/pages/key_sorter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "unit/c1z/scratch.hpp"

namespace baton::c1z {
namespace {

using Pairs = std::vector<std::pair<std::string, std::int64_t>>;

Pairs read_all(KeySorter& sorter) {
  EXPECT_TRUE(sorter.rewind().ok());
  Pairs pairs;
  while (true) {
    const auto more = sorter.next();
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more) return pairs;
    pairs.emplace_back(sorter.key(), sorter.row());
  }
}

TEST(KeySorter, SortsInMemoryAndThroughAFileAlike) {
  const Scratch scratch;
  for (const std::size_t memory : {std::size_t{1} << 20, std::size_t{2000}, std::size_t{1}}) {
    std::mt19937 random(7);
    KeySorter sorter(scratch / "", memory);
    Pairs pairs;
    for (int row = 0; row < 3000; ++row) {
      // Some longer than what is read at a time, some empty, many equal.
      const std::size_t size = row % 500 == 0 ? 100'000 : random() % 3;
      pairs.emplace_back(std::string(size, static_cast<char>('a' + random() % 3)), 3000 - row);
      ASSERT_TRUE(sorter.add(pairs.back().first, pairs.back().second).ok());
    }
    std::ranges::sort(pairs);
    EXPECT_EQ(read_all(sorter), pairs);
    EXPECT_EQ(read_all(sorter), pairs) << "a second time";
    EXPECT_TRUE(scratch.names().empty()) << "the file has no name";
  }
}

TEST(KeySorter, AnEmptyOneIsAtItsEnd) {
  KeySorter sorter("nowhere");
  EXPECT_TRUE(read_all(sorter).empty());
}

TEST(KeySorter, AFolderThatIsNotThereIsAnErrorOnceItIsNeeded) {
  KeySorter sorter("nowhere/at/all", 10);
  EXPECT_TRUE(sorter.add("first", 1).ok());
  EXPECT_EQ(sorter.add("second", 2).code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace baton::c1z
