#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "base/tuple_key.hpp"
#include "c1/c1z/v3/manifest.pb.h"
#include "c1/storage/v3/records.pb.h"
#include "storage/c1z/envelope.hpp"
#include "storage/c1z/v3/family_keys.hpp"
#include "storage/c1z/writer.hpp"
#include "unit/c1z/file_size_limit.hpp"
#include "unit/c1z/memory_rows.hpp"
#include "unit/c1z/scratch.hpp"
#include "unit/c1z/v3/memory_records.hpp"
#include "unit/c1z/v3/table_walk.hpp"

namespace baton::c1z {
namespace {

using storage::Family;
using testing::ElementsAre;
using testing::HasSubstr;

std::string tuple(const std::string& first) {
  std::string key;
  append_tuple(key, first);
  return key;
}
std::string tuple(const std::string& first, const std::string& second) {
  std::string key;
  append_tuple(key, first, second);
  return key;
}
std::string grant_tuple(const std::string& group, const std::string& type, const std::string& id) {
  std::string key;
  append_entitlement_identity(key, "group", group, "group:" + group + ":member");
  append_next_element(key, type);
  append_next_element(key, id);
  return key;
}

class V3Writer : public testing::Test {
 protected:
  absl::StatusOr<WriteSummary> write(MemoryRecords& records) {
    return write_v3(make_options(path_), make_run(), records);
  }
  /// All keys of the file and their values.
  std::map<std::string, std::string> content() {
    std::map<std::string, std::string> found;
    for (v3::WalkedRow& row : v3::walk_file(path_)) found[row.key] = std::move(row.value);
    return found;
  }
  c1::c1z::v3::C1ZManifestV3 head() {
    const std::string file = read_file(path_);
    c1::c1z::v3::C1ZManifestV3 head;
    EXPECT_TRUE(head.ParseFromString(file.substr(9, load_be32(file.data() + 5))));
    return head;
  }

  Scratch scratch_;
  std::string path_ = scratch_ / "sync.c1z";
};

void add_small_directory(MemoryRecords& records) {
  for (const char* type : {"user", "group"}) records.rows(Family::kResourceTypes)[tuple(type)].value = type;
  for (const char* user : {"u1", "u2"}) records.rows(Family::kResources)[tuple("user", user)].value = user;
  records.rows(Family::kResources)[tuple("group", "g1")].value = "parent";
  records.rows(Family::kResources)[tuple("group", "g2")] = {"child", "group", "g1", false};
  for (const std::string group : {"g1", "g2"}) {
    std::string key;
    append_entitlement_identity(key, "group", group, "group:" + group + ":member");
    records.rows(Family::kEntitlements)[key].value = "member of " + group;
  }
  auto& grants = records.rows(Family::kGrants);
  grants[grant_tuple("g1", "user", "u1")].value = "a";
  grants[grant_tuple("g1", "group", "g2")] = {"nested", "", "", true};
  grants[grant_tuple("g2", "user", "u1")].value = "b";
  grants[grant_tuple("g2", "user", "u2")].value = "c";
}

TEST_F(V3Writer, HoldsRowsIndexesMetaAndTheRun) {
  MemoryRecords records;
  add_small_directory(records);
  const auto summary = write(records);
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(summary->resource_types, 2u);
  EXPECT_EQ(summary->resources, 4u);
  EXPECT_EQ(summary->entitlements, 2u);
  EXPECT_EQ(summary->grants, 4u);
  EXPECT_FALSE(summary->replaced_file);
  EXPECT_EQ(summary->file_bytes, read_file(path_).size());

  std::map<std::string, std::string> found = content();
  std::string key;
  const auto take = [&](const std::string& expected) {
    ASSERT_EQ(found.count(key), 1u) << testing::PrintToString(key);
    EXPECT_EQ(found[key], expected);
    found.erase(key);
  };
  for (const std::string type : {"user", "group"}) {
    v3::resource_type_key(key, type);
    take(type);
  }
  for (const std::string user : {"u1", "u2"}) {
    v3::resource_key(key, "user", user);
    take(user);
  }
  v3::resource_key(key, "group", "g1");
  take("parent");
  v3::resource_key(key, "group", "g2");
  take("child");
  for (const std::string group : {"g1", "g2"}) {
    v3::entitlement_key(key, "group", group, "group:" + group + ":member");
    take("member of " + group);
  }
  v3::by_parent_key(key, "group", "g1", tuple("group", "g2"));
  take("");
  for (const auto& [identity, row] : records.rows(Family::kGrants)) {
    key = v3::key_prefix(v3::KeyFamily::kGrant) + identity;
    take(row.value);
    ASSERT_TRUE(v3::by_principal_key(key, identity));
    take("");
    if (!row.needs_expansion) continue;
    v3::needs_expansion_key(key, identity);
    take("");
  }
  v3::meta_key(key, "keyspace_version");
  take(std::string("\0\0\0\2", 4));
  v3::meta_key(key, "grant_entitlement_id_format");
  take(std::string("\0\0\0\2", 4));

  const SyncRunInfo run = make_run();
  v3::meta_key(key, v3::kMetaStats);
  c1::storage::v3::SyncStatsRecord stats;
  ASSERT_TRUE(stats.ParseFromString(found[key]));
  found.erase(key);
  EXPECT_EQ(stats.sync_id(), run.sync_id);
  EXPECT_EQ(stats.grants(), 4);
  EXPECT_EQ(stats.resources_by_resource_type().at("user"), 2);
  EXPECT_EQ(stats.grants_by_entitlement_resource_type().at("group"), 4);
  c1::storage::v3::SyncRunRecord record;
  ASSERT_TRUE(record.ParseFromString(found[std::string(v3::kSyncRunKey)]));
  found.erase(std::string(v3::kSyncRunKey));
  EXPECT_EQ(record.sync_id(), run.sync_id);
  EXPECT_EQ(record.type(), c1::storage::v3::SYNC_TYPE_FULL);
  EXPECT_EQ(record.sync_token(), run.token);
  EXPECT_TRUE(record.supports_diff());
  EXPECT_EQ(record.started_at().seconds() * 1'000'000'000 + record.started_at().nanos(), run.started_at);
  EXPECT_EQ(record.ended_at().seconds() * 1'000'000'000 + record.ended_at().nanos(), run.ended_at);
  EXPECT_THAT(found, testing::IsEmpty());

  const c1::c1z::v3::C1ZManifestV3 manifest = head();
  EXPECT_EQ(manifest.engine(), "pebble3");
  EXPECT_EQ(manifest.payload_encoding(), c1::c1z::v3::PAYLOAD_ENCODING_INDEXED_ZSTD);
  ASSERT_EQ(manifest.sync_runs_size(), 1);
  EXPECT_EQ(manifest.sync_runs(0).sync_id(), run.sync_id);
  EXPECT_EQ(manifest.sync_runs(0).stats().grants(), 4);
}

TEST_F(V3Writer, WritesASyncWithoutRows) {
  MemoryRecords records;
  ASSERT_TRUE(write(records).ok());
  EXPECT_EQ(content().size(), 4u);  // the run, two stamps, the counts
}

// Many tables of both kinds, and principals that come in another order than the grants.
TEST_F(V3Writer, CutsManyRowsIntoTables) {
  MemoryRecords records;
  std::map<std::string, std::string> expected;
  auto& grants = records.rows(Family::kGrants);
  std::string key;
  for (int group = 0; group < 60; ++group) {
    for (int user = 0; user < 1'500; ++user) {
      const std::string identity =
          grant_tuple("g" + std::to_string(group), "user", "u" + std::to_string(user * 7919 % 3000));
      grants[identity] = {std::string(300, static_cast<char>('a' + user % 26)), "", "", user % 100 == 0};
    }
  }
  for (const auto& [identity, row] : grants) {
    expected[v3::key_prefix(v3::KeyFamily::kGrant) + identity] = row.value;
    ASSERT_TRUE(v3::by_principal_key(key, identity));
    expected[key] = "";
    if (!row.needs_expansion) continue;
    v3::needs_expansion_key(key, identity);
    expected[key] = "";
  }
  ASSERT_TRUE(write(records).ok());
  std::map<std::string, std::string> found = content();
  v3::meta_key(key, "");
  std::erase_if(found, [&](const auto& row) { return row.first.starts_with(key); });
  found.erase(std::string(v3::kSyncRunKey));
  EXPECT_EQ(found.size(), expected.size());
  EXPECT_TRUE(found == expected);
  EXPECT_GT(v3::walk_envelope(path_).size(), 8u);
}

TEST_F(V3Writer, BytesDependOnTheRowsAlone) {
  MemoryRecords records;
  auto& grants = records.rows(Family::kGrants);
  for (int i = 0; i < 200'000; ++i) {
    grants[grant_tuple("g", "user", std::to_string(i))].value = std::string(100, 'x');
  }
  std::vector<std::string> files;
  for (const int workers : {1, 2, 4}) {
    WriteOptions options = make_options(path_);
    options.workers = workers;
    ASSERT_TRUE(write_v3(options, make_run(), records).ok());
    files.push_back(read_file(path_));
  }
  EXPECT_TRUE(files[0] == files[1] && files[1] == files[2]);
}

TEST_F(V3Writer, ASummaryThatDoesNotFitIsLeftOut) {
  MemoryRecords records;
  // Only grants know these types.
  for (int i = 0; i < 500; ++i) {
    std::string key;
    append_entitlement_identity(key, "a resource type with a long name " + std::to_string(i), "r", "e");
    append_next_element(key, "user");
    append_next_element(key, "u");
    records.rows(Family::kGrants)[key].value = "x";
  }
  ASSERT_TRUE(write(records).ok());
  EXPECT_FALSE(head().sync_runs(0).has_stats());
  std::string key;
  v3::meta_key(key, v3::kMetaStats);
  c1::storage::v3::SyncStatsRecord stats;
  ASSERT_TRUE(stats.ParseFromString(content()[key]));
  EXPECT_EQ(stats.grants(), 500);
}

TEST_F(V3Writer, ReplacesOnlyItsOwnVersion) {
  MemoryRecords records;
  add_small_directory(records);
  for (const std::string& old : {std::string(kMagicV1) + "old", std::string("something else")}) {
    write_file(path_, old);
    const auto summary = write(records);
    EXPECT_EQ(summary.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(summary.status().message()), HasSubstr(path_));
    EXPECT_EQ(check_target(path_, FileVersion::kV3), summary.status());
    EXPECT_EQ(read_file(path_), old);
  }
  write_file(path_, std::string(kMagicV3) + "old");
  EXPECT_EQ(check_target(path_, FileVersion::kV1).code(), absl::StatusCode::kFailedPrecondition);
  const auto summary = write(records);
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_TRUE(summary->replaced_file);
  EXPECT_THAT(scratch_.names(), ElementsAre("sync.c1z"));
}

TEST_F(V3Writer, ATypeThatNobodyKnowsIsRefused) {
  MemoryRecords records;
  SyncRunInfo run = make_run();
  run.type = "odd";
  EXPECT_EQ(write_v3(make_options(path_), run, records).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(scratch_.names().empty());
}

TEST_F(V3Writer, AnErrorOfTheRowsLeavesTheOldFile) {
  write_file(path_, std::string(kMagicV3) + "old");
  MemoryRecords records;
  add_small_directory(records);
  records.fail_after(2, absl::DataLossError("row 3 is broken"));
  const auto summary = write(records);
  EXPECT_EQ(summary.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(summary.status().message()), HasSubstr("row 3 is broken"));
  EXPECT_EQ(read_file(path_), std::string(kMagicV3) + "old");
  EXPECT_THAT(scratch_.names(), ElementsAre("sync.c1z"));
}

TEST_F(V3Writer, RowsThatVersion3RefusesAreRefusedHere) {
  const auto expect_refused = [&](Family family, const std::vector<std::string>& elements, bool refused) {
    MemoryRecords records;
    std::string key;
    append_element(key, elements[0]);
    for (std::size_t i = 1; i < elements.size(); ++i) append_next_element(key, elements[i]);
    records.rows(family)[key].value = "x";
    const auto summary = write(records);
    EXPECT_EQ(summary.status().code(),
              refused ? absl::StatusCode::kFailedPrecondition : absl::StatusCode::kOk)
        << testing::PrintToString(elements) << summary.status();
    EXPECT_EQ(scratch_.names().empty(), refused);
    if (!refused) std::remove(path_.c_str());
  };
  expect_refused(Family::kEntitlements, {"t", "r", "1", ""}, false);
  expect_refused(Family::kEntitlements, {"t", "r", "0", "e"}, false);
  expect_refused(Family::kEntitlements, {"t", "r", "0", ""}, true);
  expect_refused(Family::kEntitlements, {"", "r", "0", "e"}, true);
  expect_refused(Family::kEntitlements, {"t", "", "0", "e"}, true);
  expect_refused(Family::kGrants, {"t", "r", "1", "", "u", "i"}, false);
  expect_refused(Family::kGrants, {"t", "r", "0", "", "u", "i"}, true);
  expect_refused(Family::kGrants, {"t", "", "1", "e", "u", "i"}, true);
  expect_refused(Family::kGrants, {"t", "r", "1", "e", "", "i"}, true);
  expect_refused(Family::kGrants, {"t", "r", "1", "e", "u", ""}, true);
}

/// A source that is not sorted.
class Unsorted final : public storage::RecordSource {
 public:
  absl::Status rewind(Family family) override {
    left_ = family == Family::kResources ? 2 : 0;
    return absl::OkStatus();
  }
  absl::StatusOr<bool> next(storage::Record& record) override {
    if (left_ == 0) return false;
    key_ = tuple("user", left_-- == 2 ? "b" : "a");
    record.key = key_;
    return true;
  }

 private:
  int left_ = 0;
  std::string key_;
};

TEST_F(V3Writer, RowsOutOfOrderAreDataLossNotABadFile) {
  Unsorted records;
  EXPECT_EQ(write_v3(make_options(path_), make_run(), records).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(scratch_.names().empty());
}

TEST_F(V3Writer, ProgressSeesEveryStepAndCanStopAtEach) {
  for (const WriteStep stop_at : {WriteStep::kRows, WriteStep::kIndexes, WriteStep::kCompression}) {
    MemoryRecords records;
    add_small_directory(records);
    WriteOptions options = make_options(path_);
    options.progress = [&](const WriteProgress& progress) {
      return progress.step == stop_at ? absl::CancelledError("stop here") : absl::OkStatus();
    };
    const auto summary = write_v3(options, make_run(), records);
    EXPECT_EQ(summary.status().code(), absl::StatusCode::kCancelled);
    EXPECT_THAT(std::string(summary.status().message()), HasSubstr("stop here"));
    EXPECT_TRUE(scratch_.names().empty());
  }
}

TEST_F(V3Writer, WithoutSpaceTheOldFileStaysAndNothingElse) {
  write_file(path_, std::string(kMagicV3) + "old");
  MemoryRecords records;
  auto& grants = records.rows(Family::kGrants);
  for (int i = 0; i < 20'000; ++i) {
    grants[grant_tuple("g", "user", std::to_string(i * 7919 % 100'003))].value =
        std::to_string(static_cast<long long>(i) * i * 7919);
  }
  // From the first table to the last byte.
  for (const rlim_t bytes : {1'000, 100'000, 300'000}) {
    const FileSizeLimit limit(bytes);
    const auto summary = write(records);
    EXPECT_EQ(summary.status().code(), absl::StatusCode::kResourceExhausted) << summary.status();
    EXPECT_THAT(std::string(summary.status().message()), HasSubstr("free some space"));
    EXPECT_EQ(read_file(path_), std::string(kMagicV3) + "old");
    EXPECT_THAT(scratch_.names(), ElementsAre("sync.c1z"));
  }
  ASSERT_TRUE(write(records).ok());
  const std::size_t whole = read_file(path_).size();
  write_file(path_, std::string(kMagicV3) + "old");
  const FileSizeLimit limit(whole - 1);
  EXPECT_EQ(write(records).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(read_file(path_), std::string(kMagicV3) + "old");
  EXPECT_THAT(scratch_.names(), ElementsAre("sync.c1z"));
}

}  // namespace
}  // namespace baton::c1z
