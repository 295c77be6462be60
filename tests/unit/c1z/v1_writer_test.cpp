#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "storage/c1z/writer.hpp"
#include "unit/c1z/database.hpp"
#include "unit/c1z/file_size_limit.hpp"
#include "unit/c1z/memory_rows.hpp"
#include "unit/c1z/scratch.hpp"

namespace baton::c1z {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Both ways to write have to do all of this.
class V1Writer : public testing::TestWithParam<WriteMethod> {
 protected:
  WriteOptions options_for(const std::string& path) {
    WriteOptions options = make_options(path);
    options.method = GetParam();
    return options;
  }
  absl::StatusOr<WriteSummary> write(MemoryRows& rows) {
    return write_v1(options_for(path_), make_run(), rows);
  }

  Scratch scratch_;
  std::string path_ = scratch_ / "sync.c1z";
};

INSTANTIATE_TEST_SUITE_P(Pages, V1Writer, testing::Values(WriteMethod::kPages));
INSTANTIATE_TEST_SUITE_P(Library, V1Writer, testing::Values(WriteMethod::kLibrary));

TEST_P(V1Writer, WritesEveryColumnAsTheFormatWantsIt) {
  MemoryRows rows;
  add_small_directory(rows);
  const auto summary = write(rows);
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(summary->resource_types, 2u);
  EXPECT_EQ(summary->resources, 5u);
  EXPECT_EQ(summary->entitlements, 2u);
  EXPECT_EQ(summary->grants, 4u);
  EXPECT_EQ(summary->renamed_grants, 0u);
  EXPECT_THAT(summary->kept_syncs, testing::IsEmpty());
  EXPECT_EQ(summary->file_bytes, std::filesystem::file_size(path_));

  RawDatabase database(path_);
  EXPECT_EQ(database.one("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(database.one("PRAGMA encoding"), "UTF-8");
  EXPECT_EQ(database.one("PRAGMA freelist_count"), "0");
  EXPECT_EQ(summary->database_bytes, std::filesystem::file_size(database.path()));
  EXPECT_THAT(
      database.rows("SELECT * FROM v1_sync_runs"),
      ElementsAre(
          "1|3MUTGS9iMbfUzFLf670qZKIi8Ae|2026-11-23 03:20:50.550494599|2026-11-23 "
          "03:20:51|{\"version\":1}|full||"
          "|1|1|{\"resource_types\":2,\"resources\":5,\"entitlements\":2,\"grants\":4,"
          "\"resources_by_resource_type\":{\"group\":2,\"user\":3},\"grants_by_resource_type\":{\"group\":4},"
          "\"entitlements_by_resource_type\":{\"group\":2}}|||"));
  EXPECT_THAT(database.rows("SELECT id, external_id, sync_id, discovered_at FROM v1_resource_types"),
              ElementsAre("1|group|3MUTGS9iMbfUzFLf670qZKIi8Ae|2023-11-14 22:13:20.12",
                          "2|user|3MUTGS9iMbfUzFLf670qZKIi8Ae|2023-11-14 22:13:20.12"));
  EXPECT_THAT(
      database.rows(
          "SELECT id, resource_type_id, external_id, parent_resource_type_id, parent_resource_id FROM "
          "v1_resources"),
      ElementsAre("1|group|group:g1|NULL|NULL", "2|group|group:g2|group|g1", "3|user|user:u1|NULL|NULL",
                  "4|user|user:u2|NULL|NULL", "5|user|user:u3|NULL|NULL"));
  EXPECT_THAT(
      database.rows("SELECT resource_type_id, resource_id, external_id, sync_id FROM v1_entitlements"),
      ElementsAre("group|g1|group:g1:member|3MUTGS9iMbfUzFLf670qZKIi8Ae",
                  "group|g2|group:g2:member|3MUTGS9iMbfUzFLf670qZKIi8Ae"));
  EXPECT_THAT(
      database.rows("SELECT resource_type_id, resource_id, entitlement_id, principal_resource_type_id, "
                    "principal_resource_id, external_id, hex(expansion), needs_expansion FROM v1_grants"),
      ElementsAre("group|g1|group:g1:member|group|g2|group:g1:member:group:g2|"
                  "0A0F67726F75703A67323A6D656D626572|1",
                  "group|g1|group:g1:member|user|u3|group:g1:member:user:u3||0",
                  "group|g2|group:g2:member|user|u1|group:g2:member:user:u1||0",
                  "group|g2|group:g2:member|user|u2|group:g2:member:user:u2||0"));
  EXPECT_THAT(
      database.rows(
          "SELECT DISTINCT typeof(data), typeof(discovered_at), typeof(needs_expansion) FROM v1_grants"),
      ElementsAre("blob|text|integer"));
  EXPECT_THAT(database.rows(
                  "SELECT external_id, typeof(expansion) FROM v1_grants WHERE principal_resource_id = 'u1'"),
              ElementsAre("group:g2:member:user:u1|null"));
}

TEST_P(V1Writer, BlobsAreTheSourceBytes) {
  MemoryRows rows;
  add_small_directory(rows);
  ASSERT_TRUE(write(rows).ok());
  RawDatabase database(path_);
  storage::GrantRow row;
  ASSERT_TRUE(rows.rewind_grants().ok());
  for (const std::string& hex : database.rows("SELECT hex(data) FROM v1_grants ORDER BY id")) {
    ASSERT_TRUE(*rows.next(row));
    std::string expected;
    for (const char c : row.blob) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02X", static_cast<unsigned char>(c));
      expected += digits;
    }
    EXPECT_EQ(hex, expected);
  }
}

TEST_P(V1Writer, AnEmptySyncIsAValidFile) {
  MemoryRows rows;
  ASSERT_TRUE(write(rows).ok());
  RawDatabase database(path_);
  EXPECT_EQ(database.one("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(database.one("SELECT stats FROM v1_sync_runs"), "{}");
}

TEST_P(V1Writer, StatsCanBeLeftToReaders) {
  MemoryRows rows;
  SyncRunInfo run = make_run();
  run.with_stats = false;
  ASSERT_TRUE(write_v1(options_for(path_), run, rows).ok());
  EXPECT_EQ(RawDatabase(path_).one("SELECT stats FROM v1_sync_runs"), "NULL");
}

TEST_P(V1Writer, ManyBatchesOfRowsKeepOrderAndNumber) {
  MemoryRows rows;
  rows.add(make_type("user"));
  for (int i = 0; i < 20'000; ++i)
    rows.add(make_grant("group", "g" + std::to_string(i % 7), std::to_string(i)));
  // A row larger than a whole batch.
  auto large = make_resource("user", "large");
  large.set_description(std::string(3'000'000, 'x'));
  rows.add(large);
  WriteOptions options = options_for(path_);
  options.page_bytes = 4096;
  ASSERT_TRUE(write_v1(options, make_run(), rows).ok());
  RawDatabase database(path_);
  EXPECT_EQ(database.one("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(database.one("PRAGMA page_size"), "4096");
  EXPECT_EQ(database.one("SELECT count(*), min(id), max(id) FROM v1_grants"), "20000|1|20000");
  EXPECT_EQ(database.one("SELECT length(data) > 3000000 FROM v1_resources"), "1");
  EXPECT_EQ(
      database.one("SELECT count(*) FROM v1_grants a JOIN v1_grants b ON b.id = a.id + 1 WHERE "
                   "(a.resource_id, a.principal_resource_id) >= (b.resource_id, b.principal_resource_id)"),
      "0");
}

TEST_P(V1Writer, EqualRowsGiveEqualBytes) {
  std::vector<std::string> outcomes;
  for (const char* name : {"a", "b"}) {
    MemoryRows rows;
    add_small_directory(rows);
    for (int i = 0; i < 5'000; ++i) rows.add(make_grant("group", "g3", std::to_string(i)));
    ASSERT_TRUE(write_v1(options_for(scratch_ / name), make_run(), rows).ok());
    outcomes.push_back(read_file(scratch_ / name));
  }
  EXPECT_EQ(outcomes[0], outcomes[1]);
}

TEST_P(V1Writer, AV1FileOrAnEmptyOneIsReplacedWhenAsked) {
  for (const bool empty : {false, true}) {
    if (empty) {
      write_file(path_, "");
    } else {
      write_file(path_, std::string(kMagicV1) + "old");
    }
    MemoryRows rows;
    WriteOptions options = options_for(path_);
    options.earlier = Earlier::kReplace;
    ASSERT_TRUE(check_target(path_, FileVersion::kV1, Earlier::kReplace).ok());
    const auto summary = write_v1(options, make_run(), rows);
    ASSERT_TRUE(summary.ok()) << summary.status();
    EXPECT_EQ(RawDatabase(path_).one("SELECT count(*) FROM v1_sync_runs"), "1");
  }
}

TEST_P(V1Writer, AV3FileAndAnythingElseIsRefusedAndKept) {
  for (const std::string& content : {std::string(kMagicV3) + "x", std::string("my thesis")}) {
    write_file(path_, content);
    MemoryRows rows;
    const auto summary = write(rows);
    EXPECT_EQ(summary.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(summary.status().message()), HasSubstr(path_));
    EXPECT_THAT(std::string(summary.status().message()),
                HasSubstr(content[0] == 'C' ? "is a c1z of version 3" : "is not a c1z file"));
    EXPECT_EQ(check_target(path_, FileVersion::kV1), summary.status());
    EXPECT_EQ(read_file(path_), content);
    EXPECT_THAT(scratch_.names(), ElementsAre("sync.c1z"));
  }
}

TEST_P(V1Writer, TheFolderMustExist) {
  MemoryRows rows;
  const std::string path = scratch_ / "no/sync.c1z";
  EXPECT_EQ(write_v1(options_for(path), make_run(), rows).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(check_target(path, FileVersion::kV1).code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(check_target(path_, FileVersion::kV1).ok());
}

TEST_P(V1Writer, NothingIsLeftBesideTheFile) {
  write_file(path_ + ".tmp", "left by a process that was killed");
  MemoryRows rows;
  add_small_directory(rows);
  ASSERT_TRUE(write(rows).ok());
  EXPECT_THAT(scratch_.names(), ElementsAre("sync.c1z"));
}

TEST_P(V1Writer, TheFileIsReadableAndTheDatabaseWasPrivate) {
  const mode_t before = ::umask(022);
  MemoryRows rows;
  WriteOptions options = options_for(path_);
  ASSERT_TRUE(write_v1(options, make_run(), rows).ok());
  ::umask(before);
  struct stat about {};
  ASSERT_EQ(::stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0644u);
}

TEST_P(V1Writer, AnErrorOfTheRowsLeavesTheOldFile) {
  write_file(path_, std::string(kMagicV1) + "old");
  MemoryRows rows;
  add_small_directory(rows);
  rows.fail_after(2, absl::DataLossError("row 3 is broken"));
  WriteOptions options = options_for(path_);
  options.earlier = Earlier::kReplace;
  const auto summary = write_v1(options, make_run(), rows);
  EXPECT_EQ(summary.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(summary.status().message()), HasSubstr("row 3 is broken"));
  EXPECT_EQ(read_file(path_), std::string(kMagicV1) + "old");
  EXPECT_THAT(scratch_.names(), ElementsAre("sync.c1z"));
}

TEST_P(V1Writer, ProgressSeesEveryStepAndCanStopAtEach) {
  for (const WriteStep stop_at : {WriteStep::kRows, WriteStep::kIndexes, WriteStep::kCompression}) {
    MemoryRows rows;
    add_small_directory(rows);
    WriteOptions options = options_for(path_);
    options.progress = [&](const WriteProgress& progress) {
      return progress.step == stop_at ? absl::CancelledError("stop here") : absl::OkStatus();
    };
    const auto summary = write_v1(options, make_run(), rows);
    EXPECT_EQ(summary.status().code(), absl::StatusCode::kCancelled);
    EXPECT_TRUE(scratch_.names().empty());
  }
}

TEST_P(V1Writer, WithoutSpaceTheOldFileStaysAndNothingElse) {
  write_file(path_, std::string(kMagicV1) + "old");
  MemoryRows rows;
  for (int i = 0; i < 5'000; ++i) rows.add(make_grant("group", "g", std::to_string(i)));
  WriteOptions options = options_for(path_);
  options.cache_kib = 64;
  options.earlier = Earlier::kReplace;
  {
    const FileSizeLimit limit(16 * 1024);
    const auto summary = write_v1(options, make_run(), rows);
    EXPECT_EQ(summary.status().code(), absl::StatusCode::kResourceExhausted) << summary.status();
    EXPECT_THAT(std::string(summary.status().message()), HasSubstr("free some space"));
  }
  EXPECT_EQ(read_file(path_), std::string(kMagicV1) + "old");
  EXPECT_THAT(scratch_.names(), ElementsAre("sync.c1z"));
}

TEST_P(V1Writer, GrantsThatShareAnIdAreTold) {
  MemoryRows rows;
  auto early = make_grant("group", "g1", "u1");
  auto late = make_grant("group", "g1", "u2");
  auto last_in_key_order = make_grant("group", "g1", "u3");
  early.set_id("shared");
  late.set_id("shared");
  last_in_key_order.set_id("shared");
  rows.add(early, 1);
  rows.add(late, 9);
  rows.add(last_in_key_order, 4);
  rows.add(make_grant("group", "g1", "u4"));
  const auto summary = write(rows);
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(summary->renamed_grants, 2u);
  EXPECT_THAT(summary->renamed_examples,
              ElementsAre("grant id \"shared\" is taken, became \"group:g1:member:user:u3\"",
                          "grant id \"shared\" is taken, became \"group:g1:member:user:u1\""));
  RawDatabase database(path_);
  EXPECT_EQ(database.one("PRAGMA integrity_check"), "ok");
  EXPECT_THAT(database.rows("SELECT principal_resource_id, external_id FROM v1_grants ORDER BY id"),
              ElementsAre("u1|group:g1:member:user:u1", "u2|shared", "u3|group:g1:member:user:u3",
                          "u4|group:g1:member:user:u4"));
  // The blob says the same as the column.
  for (const std::string& row : database.rows("SELECT hex(data), hex(external_id) FROM v1_grants")) {
    const std::size_t bar = row.find('|');
    EXPECT_THAT(row.substr(0, bar), HasSubstr(row.substr(bar + 1)));
  }
  EXPECT_EQ(
      database.one("SELECT count(*) FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite%'"),
      "16");
}

TEST_P(V1Writer, AGrantsOwnComposedIdIsNeverTakenFromIt) {
  MemoryRows rows;
  // u1 cannot be renamed, although u2 came later.
  auto thief = make_grant("group", "g1", "u2");
  thief.set_id("group:g1:member:user:u1");
  rows.add(make_grant("group", "g1", "u1"), 1);
  rows.add(thief, 9);
  const auto summary = write(rows);
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(summary->renamed_grants, 1u);
  EXPECT_THAT(RawDatabase(path_).rows("SELECT principal_resource_id, external_id FROM v1_grants ORDER BY id"),
              ElementsAre("u1|group:g1:member:user:u1", "u2|group:g1:member:user:u2"));
}

TEST_P(V1Writer, ANewIdThatClashesAgainIsResolvedToo) {
  MemoryRows rows;
  auto a = make_grant("group", "g1", "u1");
  auto b = make_grant("group", "g1", "u2");
  auto c = make_grant("group", "g1", "u3");
  a.set_id("x");
  b.set_id("x");
  c.set_id("group:g1:member:user:u1");  // what a becomes
  rows.add(a, 1);
  rows.add(b, 2);
  rows.add(c, 3);
  const auto summary = write(rows);
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(summary->renamed_grants, 2u);
  EXPECT_THAT(RawDatabase(path_).rows("SELECT principal_resource_id, external_id FROM v1_grants ORDER BY id"),
              ElementsAre("u1|group:g1:member:user:u1", "u2|x", "u3|group:g1:member:user:u3"));
}

TEST_P(V1Writer, GrantsThatCannotBeToldApartAreRefused) {
  MemoryRows rows;
  // Entitlement "e", principal type "user", principal "a:user:b" reads like entitlement "e:user:a" and
  // principal "b".
  auto a = make_grant("group", "g1", "a:user:b");
  auto b = make_grant("group", "g1", "b");
  a.mutable_entitlement()->set_id("e");
  b.mutable_entitlement()->set_id("e:user:a");
  a.set_id("e:user:a:user:b");
  b.set_id("e:user:a:user:b");
  rows.add(a);
  rows.add(b);
  const auto summary = write(rows);
  EXPECT_EQ(summary.status().code(), absl::StatusCode::kFailedPrecondition) << summary.status();
  EXPECT_THAT(std::string(summary.status().message()), HasSubstr("e:user:a:user:b"));
  EXPECT_TRUE(scratch_.names().empty());
}

TEST_P(V1Writer, AnEntitlementIdOfTwoResourcesIsRefusedNamingBoth) {
  write_file(path_, std::string(kMagicV1) + "old");
  MemoryRows rows;
  for (const char* group : {"g1", "g2"}) {
    auto entitlement = make_entitlement("group", group, "x");
    entitlement.set_id("member");
    rows.add(entitlement);
  }
  WriteOptions options = options_for(path_);
  options.earlier = Earlier::kReplace;
  const auto summary = write_v1(options, make_run(), rows);
  EXPECT_EQ(summary.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(
      std::string(summary.status().message()),
      HasSubstr(
          "entitlement id \"member\" stands for two entitlements, one on resource \"group\" \"g1\" and one "
          "on resource \"group\" \"g2\""));
  EXPECT_EQ(read_file(path_), std::string(kMagicV1) + "old");
  EXPECT_THAT(scratch_.names(), ElementsAre("sync.c1z"));
}

TEST_P(V1Writer, TwoResourcesOfOneJoinedIdAreRefusedNamingBoth) {
  MemoryRows rows;
  rows.add(make_resource("app", "role:7"));
  rows.add(make_resource("app:role", "7"));
  const auto summary = write(rows);
  EXPECT_EQ(summary.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(summary.status().message()),
              HasSubstr("\"app:role:7\": type \"app\" id \"role:7\", and type \"app:role\" id \"7\""));
  EXPECT_TRUE(scratch_.names().empty());
}

}  // namespace
}  // namespace baton::c1z
