// How the rows of an expansion enter the store: segments, each with its note, all or nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "rows.hpp"
#include "storage/sync_store.hpp"
#include "temp_directory.hpp"

namespace baton::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ExpansionSegmentTest : public ::testing::Test {
 protected:
  void SetUp() override { reopen(); }

  void reopen() {
    store_.reset();
    StoreOptions options;
    options.directory = temp_ / "run";
    options.clock = &clock_;
    auto store = SyncStore::open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  static ExpansionPlan plan(std::uint64_t fingerprint, std::uint32_t segments) {
    ExpansionPlan plan;
    plan.fingerprint = fingerprint;
    plan.segments = segments;
    return plan;
  }

  std::vector<std::optional<std::string>> begin(const ExpansionPlan& plan) {
    auto notes = store_->begin_expansion(plan);
    EXPECT_TRUE(notes.ok()) << notes.status();
    return *notes;
  }

  /// One made grant of `group` in this segment.
  std::unique_ptr<ExpansionSegment> segment(std::uint32_t number, const std::string& group) {
    auto segment = store_->expansion_segment(number);
    EXPECT_TRUE(segment.ok()) << segment.status();
    EXPECT_TRUE((*segment)->begin("group", group, "group:" + group + ":member").ok());
    EXPECT_TRUE((*segment)->add(row("u")).ok());
    return *std::move(segment);
  }

  static ExpansionRow row(std::string_view user) {
    ExpansionRow row;
    row.principal_type_id = "user";
    row.principal_id = user;
    row.synthesised = true;
    return row;
  }

  std::vector<std::string> grants() {
    std::vector<std::string> ids;
    const auto rows = store_->rows();
    EXPECT_TRUE(rows.ok());
    GrantRow grant;
    while (*(*rows)->next(grant)) {
      ids.emplace_back(grant.id);
      made_at_ = grant.discovered_at;
    }
    return ids;
  }

  std::vector<std::string> segment_files() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(temp_ / "run")) {
      if (const std::string name = entry.path().filename(); name.starts_with("segment-"))
        names.push_back(name);
    }
    return names;
  }

  const TempDirectory temp_;
  FixedClock clock_{std::chrono::system_clock::time_point(std::chrono::seconds(100))};
  std::unique_ptr<SyncStore> store_;
  std::int64_t made_at_ = 0;
};

TEST_F(ExpansionSegmentTest, CommittedOnesAreThereAfterwardsInAnyOrderOfCommits) {
  EXPECT_THAT(begin(plan(1, 2)), ElementsAre(std::nullopt, std::nullopt));
  const auto first = segment(0, "a");
  const auto second = segment(1, "b");
  ASSERT_TRUE(second->commit("two").ok());
  EXPECT_THAT(grants(), ElementsAre("group:b:member:user:u"));
  ASSERT_TRUE(first->commit("").ok());
  EXPECT_THAT(grants(), ElementsAre("group:a:member:user:u", "group:b:member:user:u"));
  EXPECT_THAT(segment_files(), IsEmpty());
}

TEST_F(ExpansionSegmentTest, TheSamePlanGoesOnInANewProcess) {
  begin(plan(1, 3));
  ASSERT_TRUE(segment(1, "b")->commit("note").ok());
  clock_.advance(std::chrono::seconds(50));
  reopen();
  EXPECT_THAT(begin(plan(1, 3)), ElementsAre(std::nullopt, "note", std::nullopt));
  ASSERT_TRUE(segment(2, "c")->commit("").ok());
  EXPECT_THAT(grants(), ElementsAre("group:b:member:user:u", "group:c:member:user:u"));
  EXPECT_EQ(made_at_, 100'000'000'000) << "rows of one expansion are made at one moment";
}

TEST_F(ExpansionSegmentTest, AnotherPlanStartsOver) {
  begin(plan(1, 2));
  ASSERT_TRUE(segment(0, "a")->commit("a").ok());
  EXPECT_THAT(begin(plan(2, 2)), ElementsAre(std::nullopt, std::nullopt));
  EXPECT_THAT(grants(), IsEmpty());
  ASSERT_TRUE(segment(0, "b")->commit("b").ok());
  EXPECT_THAT(begin(plan(2, 3)), ElementsAre(std::nullopt, std::nullopt, std::nullopt));
  ASSERT_TRUE(segment(0, "c")->commit("c").ok());
  EXPECT_THAT(begin(plan(2, 3)), ElementsAre("c", std::nullopt, std::nullopt));
  EXPECT_THAT(grants(), ElementsAre("group:c:member:user:u"));
}

TEST_F(ExpansionSegmentTest, ASegmentWithoutRowsIsDoneAllTheSame) {
  begin(plan(1, 1));
  {
    const auto empty = store_->expansion_segment(0);
    ASSERT_TRUE(empty.ok());
    ASSERT_TRUE((*empty)->commit("nothing").ok());
  }
  reopen();
  EXPECT_THAT(begin(plan(1, 1)), ElementsAre("nothing"));
}

TEST_F(ExpansionSegmentTest, WithoutACommitNothingIsLeft) {
  begin(plan(1, 1));
  segment(0, "a").reset();
  EXPECT_THAT(segment_files(), IsEmpty());
  EXPECT_THAT(grants(), IsEmpty());
  EXPECT_THAT(begin(plan(1, 1)), ElementsAre(std::nullopt));
}

TEST_F(ExpansionSegmentTest, FilesOfAProcessThatDiedAreRemoved) {
  { std::ofstream(temp_ / "run/segment-7-rows.sst") << "half a table"; }
  begin(plan(1, 1));
  EXPECT_THAT(segment_files(), IsEmpty());
  { std::ofstream(temp_ / "run/segment-7-rows.sst") << "half a table"; }
  store_.reset();
  EXPECT_TRUE(remove_store(temp_ / "run").ok()) << "a run directory may hold them";
}

TEST_F(ExpansionSegmentTest, ForgettingTakesPlanAndRows) {
  begin(plan(1, 1));
  ASSERT_TRUE(segment(0, "a")->commit("a").ok());
  ASSERT_TRUE(store_->clear_expansion().ok());
  EXPECT_THAT(grants(), IsEmpty());
  EXPECT_THAT(begin(plan(1, 1)), ElementsAre(std::nullopt));
}

TEST_F(ExpansionSegmentTest, RowsOutOfOrderAreRefused) {
  begin(plan(1, 1));
  const auto backwards = segment(0, "b");
  ASSERT_TRUE(backwards->begin("group", "a", "group:a:member").ok());
  EXPECT_FALSE(backwards->add(row("u")).ok());
}

}  // namespace
}  // namespace baton::storage
