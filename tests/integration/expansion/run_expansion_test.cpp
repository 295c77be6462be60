#include "actors/run_expansion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "sample.hpp"
#include "storage/sync_store.hpp"
#include "support/scratch_directory.hpp"

namespace baton::test {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class RunExpansionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    storage::StoreOptions options;
    options.directory = scratch_ / "run";
    auto store = storage::SyncStore::open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    ASSERT_TRUE(add_sample(*store_).ok());
    options_.rows_per_segment = kSampleSegmentRows;
    options_.workers = 2;
  }

  actors::ExpansionStatistics run() {
    auto statistics = actors::run_expansion(*store_, options_);
    EXPECT_TRUE(statistics.ok()) << statistics.status();
    return statistics.ok() ? *std::move(statistics) : actors::ExpansionStatistics();
  }

  std::vector<std::string> grants() {
    auto grants = all_grants(*store_);
    EXPECT_TRUE(grants.ok()) << grants.status();
    return *std::move(grants);
  }

  const ScratchDirectory scratch_;
  std::unique_ptr<storage::SyncStore> store_;
  actors::ExpansionOptions options_;
};

TEST_F(RunExpansionTest, TheRowsDoNotDependOnWorkersOrSegments) {
  const std::size_t collected = grants().size();
  for (const sync::ExpansionMode mode : {sync::ExpansionMode::kUpstream, sync::ExpansionMode::kStrict}) {
    options_.mode = mode;
    options_.workers = 1;
    const actors::ExpansionStatistics statistics = run();
    const std::vector<std::string> expected = grants();
    EXPECT_EQ(expected.size(), collected + statistics.rows_added);
    for (const std::size_t workers : {2, 4}) {
      for (const std::uint64_t rows_per_segment : {20, 0}) {
        options_.workers = workers;
        options_.rows_per_segment = rows_per_segment;
        ASSERT_TRUE(store_->clear_expansion().ok());
        run();
        EXPECT_TRUE(grants() == expected) << workers << " workers, segments of " << rows_per_segment;
      }
    }
  }
}

TEST_F(RunExpansionTest, AnExpansionThatIsThereIsNotMadeAgain) {
  const actors::ExpansionStatistics first = run();
  const std::vector<std::string> expected = grants();
  EXPECT_EQ(first.segments_resumed, 0U);
  EXPECT_THAT(first.largest, SizeIs(10));
  const actors::ExpansionStatistics second = run();
  EXPECT_GT(second.segments_resumed, 10U);
  EXPECT_EQ(second.rows_added, first.rows_added);
  EXPECT_EQ(second.rows_changed, first.rows_changed);
  EXPECT_EQ(second.destinations, first.destinations);
  EXPECT_EQ(second.largest, first.largest);
  EXPECT_TRUE(grants() == expected);
}

TEST_F(RunExpansionTest, AnotherModeStartsFromTheCollectedRows) {
  run();
  const std::vector<std::string> upstream = grants();
  options_.mode = sync::ExpansionMode::kStrict;
  EXPECT_EQ(run().segments_resumed, 0U);
  EXPECT_FALSE(grants() == upstream) << "the sample has cycles";
  options_.mode = sync::ExpansionMode::kUpstream;
  run();
  EXPECT_TRUE(grants() == upstream);
}

TEST_F(RunExpansionTest, OffForgets) {
  const std::vector<std::string> collected = grants();
  run();
  options_.mode = sync::ExpansionMode::kOff;
  EXPECT_EQ(run().rows_added, 0U);
  EXPECT_TRUE(grants() == collected);
}

TEST_F(RunExpansionTest, NothingIsWrittenBeyondTheLimit) {
  const std::vector<std::string> collected = grants();
  const actors::ExpansionStatistics statistics = run();
  ASSERT_TRUE(store_->clear_expansion().ok());
  options_.max_rows = statistics.rows_added - 1;
  const auto refused = actors::run_expansion(*store_, options_);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted);
  const std::string message(refused.status().message());
  EXPECT_THAT(message, HasSubstr("would add " + std::to_string(statistics.rows_added) + " grants"));
  EXPECT_THAT(message, HasSubstr("group:g"));
  EXPECT_TRUE(grants() == collected);
  options_.max_rows = statistics.rows_added;
  EXPECT_EQ(run().rows_added, statistics.rows_added);
}

}  // namespace
}  // namespace baton::test
