#include "storage/c1z/retention.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton::c1z {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A sync that ran for the second `at`; 0 for `ended` never ended.
SyncInfo sync(const std::string& id, const std::string& type, int at, int ended = -1) {
  SyncInfo info;
  info.id = id;
  info.type = type;
  info.started_at = absl::FromUnixSeconds(at);
  if (ended != 0) info.ended_at = absl::FromUnixSeconds(ended < 0 ? at + 1 : ended);
  return info;
}

Retention keep(int full_syncs) {
  Retention retention;
  retention.full_syncs = full_syncs;
  return retention;
}

TEST(Retention, TheNewestFullSyncsStayAndTheNewOneCounts) {
  const std::vector<SyncInfo> syncs{sync("a", "full", 10), sync("b", "full", 20), sync("c", "full", 30)};
  EXPECT_THAT(syncs_to_remove(syncs, "new", Retention()), ElementsAre("a", "b"));
  EXPECT_THAT(syncs_to_remove(syncs, "new", keep(3)), ElementsAre("a"));
  EXPECT_THAT(syncs_to_remove(syncs, "new", keep(4)), IsEmpty());
  EXPECT_THAT(syncs_to_remove(syncs, "new", keep(1)), ElementsAre("a", "b", "c"));
}

TEST(Retention, UnfinishedSyncsAndTheCurrentOneAreNoneOfThem) {
  const std::vector<SyncInfo> syncs{sync("a", "full", 10), sync("b", "full", 20, 0), sync("new", "full", 30),
                                    sync("c", "full", 40)};
  EXPECT_THAT(syncs_to_remove(syncs, "new", Retention()), ElementsAre("a"));
}

TEST(Retention, UnknownKindsCountAsFull) {
  const std::vector<SyncInfo> syncs{sync("a", "novel", 10), sync("b", "", 20)};
  EXPECT_THAT(syncs_to_remove(syncs, "new", Retention()), ElementsAre("a"));
}

TEST(Retention, PartialSyncsGoWithTheFullOnesThatTheyAreOlderThan) {
  const std::vector<SyncInfo> syncs{sync("p1", "partial", 5), sync("r1", "resources_only", 6),
                                    sync("a", "full", 10), sync("p2", "partial", 15), sync("b", "full", 20)};
  EXPECT_THAT(syncs_to_remove(syncs, "new", Retention()), ElementsAre("a", "p1", "r1"));
  EXPECT_THAT(syncs_to_remove(syncs, "new", keep(3)), IsEmpty());
}

TEST(Retention, OfDifferencesTheLastPairStays) {
  std::vector<SyncInfo> syncs{sync("d1", "partial_deletions", 10), sync("u1", "partial_upserts", 11),
                              sync("d2", "partial_deletions", 20), sync("u2", "partial_upserts", 21)};
  syncs[3].linked_id = "d2";
  EXPECT_THAT(syncs_to_remove(syncs, "new", Retention()), ElementsAre("d1", "u1"));
  syncs.erase(syncs.begin(), syncs.begin() + 2);
  EXPECT_THAT(syncs_to_remove(syncs, "new", Retention()), IsEmpty());
}

TEST(Retention, NothingGoesWhenAsked) {
  Retention retention;
  retention.keep_all = true;
  EXPECT_THAT(syncs_to_remove({sync("a", "full", 10), sync("b", "full", 20)}, "new", retention), IsEmpty());
}

TEST(Retention, ReadsTheVariables) {
  EXPECT_EQ(Retention::parse("", "")->full_syncs, 2);
  EXPECT_FALSE(Retention::parse("", "")->keep_all);
  EXPECT_EQ(Retention::parse("5", "")->full_syncs, 5);
  EXPECT_EQ(Retention::parse("0", "")->full_syncs, 2);
  EXPECT_EQ(Retention::parse("-1", "")->full_syncs, 2);
  for (const char* yes : {"1", "t", "T", "TRUE", "true", "True"}) {
    EXPECT_TRUE(Retention::parse("", yes)->keep_all) << yes;
  }
  for (const char* no : {"0", "f", "F", "FALSE", "false", "False"}) {
    EXPECT_FALSE(Retention::parse("", no)->keep_all) << no;
  }
}

TEST(Retention, RefusesWhatItCannotRead) {
  for (const char* count : {"two", "2x", "1.5", "99999999999999999999"}) {
    const auto retention = Retention::parse(count, "");
    EXPECT_EQ(retention.status().code(), absl::StatusCode::kInvalidArgument) << count;
    EXPECT_THAT(std::string(retention.status().message()), testing::HasSubstr("BATON_KEEP_SYNC_COUNT"));
  }
  EXPECT_EQ(Retention::parse("", "yes").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace baton::c1z
