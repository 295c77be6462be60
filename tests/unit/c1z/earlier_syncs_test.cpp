#include "storage/c1z/earlier_syncs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "storage/c1z/writer.hpp"
#include "unit/c1z/database.hpp"
#include "unit/c1z/memory_rows.hpp"
#include "unit/c1z/same_content.hpp"
#include "unit/c1z/scratch.hpp"

// A file that holds syncs already gets another one. The SQLite library does it too, and is right.
namespace baton::c1z {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kSamples = std::string(BATON_SOURCE_DIR) + "/tests/conformance/c1z/data/";

SyncRunInfo run_of(int number) {
  SyncRunInfo run = make_run();
  run.sync_id.replace(run.sync_id.size() - 4, 4, std::to_string(1000 + number));
  run.started_at += std::int64_t{number} * 60'000'000'000;
  run.ended_at += std::int64_t{number} * 60'000'000'000;
  return run;
}

/// A directory that changes a little from sync to sync.
void fill(MemoryRows& rows, int size, int number) {
  for (const char* type : {"group", "user"}) rows.add(make_type(type));
  for (int i = 0; i < size / 2; ++i) {
    const std::string id = std::to_string(i + number);
    rows.add(i % 3 == 0 ? make_child("user", id, "group", std::to_string(i / 9)) : make_resource("user", id));
  }
  for (int i = 0; i < size / 3; ++i)
    rows.add(make_entitlement("group", std::to_string(i * number), "member"));
  for (int i = 0; i < size; ++i) {
    auto grant = make_grant("group", std::to_string(i / 12),
                            std::to_string(i * 7 % 41) + "-" + std::to_string(i * number));
    if (i % 5 == 0) grant.set_id("own-" + std::to_string((i * 37) % 1000) + "-" + std::to_string(i));
    rows.add(grant);
  }
}

class EarlierSyncsTest : public testing::Test {
 protected:
  std::string path(WriteMethod method) {
    return scratch_ / (method == WriteMethod::kPages ? "pages.c1z" : "library.c1z");
  }
  absl::StatusOr<WriteSummary> write(MemoryRows& rows, const SyncRunInfo& run, WriteMethod method) {
    WriteOptions options = options_;
    options.path = path(method);
    options.method = method;
    options.temporary_folder = scratch_.folder();
    return write_v1(options, run, rows);
  }
  void start_from(const std::string& file) {
    for (const WriteMethod method : {WriteMethod::kPages, WriteMethod::kLibrary}) {
      std::filesystem::copy_file(file, path(method), std::filesystem::copy_options::overwrite_existing);
    }
  }
  /// Adds a sync both ways and compares all there is.
  void add(MemoryRows& rows, const SyncRunInfo& run) {
    const auto pages = write(rows, run, WriteMethod::kPages);
    const auto library = write(rows, run, WriteMethod::kLibrary);
    ASSERT_TRUE(pages.ok()) << pages.status();
    ASSERT_TRUE(library.ok()) << library.status();
    EXPECT_EQ(pages->kept_syncs, library->kept_syncs);
    EXPECT_EQ(pages->removed_syncs, library->removed_syncs);
    kept_ = pages->kept_syncs;
    removed_ = pages->removed_syncs;
    RawDatabase tested(path(WriteMethod::kPages));
    RawDatabase oracle(path(WriteMethod::kLibrary));
    expect_same_content(tested, oracle);
    EXPECT_EQ(scratch_.names(), (std::vector<std::string>{"library.c1z", "pages.c1z"}));
  }
  /// Both ways refuse the file, say `why`, and leave it alone.
  void expect_refused(const std::function<void(RawDatabase&)>& change, absl::StatusCode code,
                      const std::string& why) {
    MemoryRows rows;
    add_small_directory(rows);
    for (const WriteMethod method : {WriteMethod::kPages, WriteMethod::kLibrary}) {
      std::filesystem::remove(path(method));
      ASSERT_TRUE(write(rows, run_of(1), method).ok());
      {
        RawDatabase database(path(method));
        change(database);
        std::filesystem::remove(path(method));
        database.save_as(path(method));
      }
      const std::string before = read_file(path(method));
      const auto summary = write(rows, run_of(2), method);
      EXPECT_EQ(summary.status().code(), code) << why << ": " << summary.status();
      EXPECT_THAT(std::string(summary.status().message()), HasSubstr(why));
      EXPECT_THAT(std::string(summary.status().message()), HasSubstr("move it away"));
      EXPECT_THAT(std::string(summary.status().message()), HasSubstr(path(method)));
      EXPECT_TRUE(read_file(path(method)) == before);
      std::filesystem::remove(path(method));
    }
    EXPECT_THAT(scratch_.names(), IsEmpty());
  }

  Scratch scratch_;
  WriteOptions options_ = make_options("");
  std::vector<std::string> kept_;
  std::vector<std::string> removed_;
};

TEST_F(EarlierSyncsTest, EverySizeOfOldAndNewInEveryPageSize) {
  options_.retention.keep_all = true;
  for (const int page_bytes : {512, 4096, 32768}) {
    for (const auto& [before, now] : std::vector<std::pair<int, int>>{
             {0, 0}, {0, 50}, {50, 0}, {1, 1}, {7, 90}, {90, 7}, {300, 300}, {1200, 400}}) {
      SCOPED_TRACE(testing::Message() << before << " grants, then " << now << ", pages of " << page_bytes);
      for (const WriteMethod method : {WriteMethod::kPages, WriteMethod::kLibrary}) {
        std::filesystem::remove(path(method));
      }
      options_.page_bytes = page_bytes;
      MemoryRows first;
      fill(first, before, 1);
      add(first, run_of(1));
      MemoryRows second;
      fill(second, now, 2);
      add(second, run_of(2));
      if (HasFatalFailure()) return;
      EXPECT_THAT(kept_, ElementsAre(run_of(1).sync_id));
    }
  }
}

TEST_F(EarlierSyncsTest, KeptRowsAreTheSameAsBefore) {
  MemoryRows first;
  fill(first, 200, 1);
  add(first, run_of(1));
  std::vector<std::vector<std::string>> before;
  {
    RawDatabase database(path(WriteMethod::kPages));
    for (const TableSchema& table : v1_tables()) before.push_back(dump(database, std::string(table.name)));
  }
  MemoryRows second;
  fill(second, 100, 3);
  add(second, run_of(2));
  RawDatabase database(path(WriteMethod::kPages));
  for (std::size_t i = 0; i < before.size(); ++i) {
    std::vector<std::string> now = dump(database, std::string(v1_tables()[i].name));
    ASSERT_GE(now.size(), before[i].size());
    now.resize(before[i].size());
    EXPECT_EQ(now, before[i]) << v1_tables()[i].name;
  }
  EXPECT_EQ(database.one("SELECT min(id) FROM v1_grants WHERE sync_id = '" + run_of(2).sync_id + "'"), "201");
}

TEST_F(EarlierSyncsTest, RetentionRemovesTheOldestAndAllItsRows) {
  for (int number = 1; number <= 4; ++number) {
    MemoryRows rows;
    fill(rows, 60, number);
    add(rows, run_of(number));
    if (HasFatalFailure()) return;
    if (number > 1) {
      EXPECT_THAT(kept_, ElementsAre(run_of(number - 1).sync_id));
    }
    if (number > 2) {
      EXPECT_THAT(removed_, ElementsAre(run_of(number - 2).sync_id));
    }
  }
  RawDatabase database(path(WriteMethod::kPages));
  for (const TableSchema& table : v1_tables()) {
    EXPECT_EQ(database.one("SELECT count(*) FROM " + std::string(table.name) + " WHERE sync_id NOT IN ('" +
                           run_of(3).sync_id + "', '" + run_of(4).sync_id + "')"),
              "0");
  }
}

TEST_F(EarlierSyncsTest, SeveralSyncsLieInEachOther) {
  options_.retention.full_syncs = 3;
  for (int number = 1; number <= 5; ++number) {
    MemoryRows rows;
    fill(rows, 100, number);
    add(rows, run_of(number));
    if (HasFatalFailure()) return;
  }
  EXPECT_THAT(kept_, ElementsAre(run_of(3).sync_id, run_of(4).sync_id));
  EXPECT_THAT(removed_, ElementsAre(run_of(2).sync_id));
}

TEST_F(EarlierSyncsTest, TheSyncItselfIsReplacedNotKeptTwice) {
  MemoryRows first;
  fill(first, 60, 1);
  add(first, run_of(1));
  MemoryRows again;
  fill(again, 50, 2);
  add(again, run_of(1));
  EXPECT_THAT(kept_, IsEmpty());
  EXPECT_THAT(removed_, IsEmpty());
  EXPECT_EQ(RawDatabase(path(WriteMethod::kPages)).one("SELECT count(*) FROM v1_grants"), "50");
}

TEST_F(EarlierSyncsTest, FilesOfOthersOldAndNewAreAddedTo) {
  for (const char* sample :
       {"sdk-v1", "sdk-v1-slim", "sdk-v1-unfinished", "hand-v1-noindex", "hand-v1-oldschema"}) {
    SCOPED_TRACE(sample);
    for (const bool keep_all : {false, true}) {
      options_.retention.keep_all = keep_all;
      start_from(kSamples + sample + ".c1z");
      MemoryRows rows;
      fill(rows, 60, 1);
      add(rows, run_of(1));
      if (HasFatalFailure()) return;
    }
    EXPECT_THAT(removed_, IsEmpty());
  }
}

TEST_F(EarlierSyncsTest, AssetsAndSessionsStayWithTheirSync) {
  MemoryRows first;
  fill(first, 20, 1);
  add(first, run_of(1));
  for (const WriteMethod method : {WriteMethod::kPages, WriteMethod::kLibrary}) {
    RawDatabase database(path(method));
    for (int i = 0; i < 50; ++i) {
      database.rows(
          "INSERT INTO v1_assets (external_id, content_type, data, sync_id, discovered_at) VALUES ('a" +
          std::to_string(i * 7 % 50) + "', 'image/png', zeroblob(9000), '" + run_of(1).sync_id +
          "', '2026-11-23 03:20:50')");
      database.rows("INSERT INTO v1_connector_sessions (sync_id, key, value) VALUES ('" + run_of(1).sync_id +
                    "', 'k" + std::to_string(i) + "', x'00')");
    }
    std::filesystem::remove(path(method));
    database.save_as(path(method));
  }
  MemoryRows second;
  fill(second, 20, 2);
  add(second, run_of(2));
  EXPECT_EQ(RawDatabase(path(WriteMethod::kPages)).one("SELECT count(*) FROM v1_assets"), "50");
}

TEST_F(EarlierSyncsTest, IdsThatClashInTheNewSyncAreSettledThereOnly) {
  MemoryRows first;
  add_small_directory(first);
  add(first, run_of(1));
  MemoryRows second;
  for (const char* user : {"u1", "u2", "u3"}) {
    auto grant = make_grant("group", "g1", user);
    grant.set_id("group:g1:member:user:u3");
    second.add(grant, static_cast<std::uint8_t>(user[1]));
  }
  add(second, run_of(2));
}

TEST_F(EarlierSyncsTest, RowsOfNoKnownSyncStayToo) {
  MemoryRows first;
  add_small_directory(first);
  add(first, run_of(1));
  for (const WriteMethod method : {WriteMethod::kPages, WriteMethod::kLibrary}) {
    RawDatabase database(path(method));
    database.rows("DELETE FROM v1_sync_runs");
    std::filesystem::remove(path(method));
    database.save_as(path(method));
  }
  MemoryRows second;
  fill(second, 20, 2);
  add(second, run_of(2));
  EXPECT_EQ(RawDatabase(path(WriteMethod::kPages)).one("SELECT count(*) FROM v1_grants"), "24");
}

TEST_F(EarlierSyncsTest, AnIndexThatLiesIsFound) {
  const auto swapped = [](const std::string& a, const std::string& b) {
    return [=](RawDatabase& database) {
      database.rows("PRAGMA writable_schema=on");
      database.rows("CREATE TEMP TABLE roots AS SELECT name, rootpage FROM sqlite_master");
      for (const auto& [name, other] : {std::pair(a, b), std::pair(b, a)}) {
        database.rows("UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM roots WHERE name = '" +
                      other + "') WHERE name = '" + name + "'");
      }
    };
  };
  expect_refused(swapped("idx_grants_sync_expansion_v1", "idx_grants_entitlement_sync_grant_v1"),
                 absl::StatusCode::kDataLoss, "is damaged");
  expect_refused(swapped("idx_grants_principal_id_v1", "idx_grants_resource_type_id_resource_id_v1"),
                 absl::StatusCode::kDataLoss, "does not hold the rows of v1_grants");
}

TEST_F(EarlierSyncsTest, ValuesOfAnotherKindAreFound) {
  const auto loosened = [](const std::string& table, const std::string& change) {
    return [=](RawDatabase& database) {
      database.rows("CREATE TABLE copy AS SELECT * FROM " + table);
      database.rows("DROP TABLE " + table);
      database.rows("ALTER TABLE copy RENAME TO " + table);
      database.rows("UPDATE " + table + " SET " + change);
    };
  };
  expect_refused(loosened("v1_grants", "external_id = NULL WHERE id = 2"), absl::StatusCode::kDataLoss,
                 "v1_grants: row 2: external_id is NULL");
  expect_refused(loosened("v1_grants", "id = 'x' WHERE id = 2"), absl::StatusCode::kDataLoss,
                 "v1_grants: row ids do not ascend");
  expect_refused(loosened("v1_grants", "id = 3 WHERE id = 2"), absl::StatusCode::kDataLoss,
                 "v1_grants: row ids do not ascend");
  expect_refused(loosened("v1_grants", "needs_expansion = 'maybe'"), absl::StatusCode::kDataLoss,
                 "needs_expansion is no whole number");
  expect_refused(loosened("v1_grants", "external_id = 'x'"), absl::StatusCode::kDataLoss,
                 "two rows have one id");
  expect_refused(loosened("v1_sync_runs", "started_at = 7"), absl::StatusCode::kDataLoss,
                 "v1_sync_runs: row 1: started_at is no time");
  expect_refused(loosened("v1_resources", "discovered_at = 'yesterday'"), absl::StatusCode::kDataLoss,
                 "discovered_at is no time");
  expect_refused(
      [](RawDatabase& database) {
        database.rows("DROP INDEX idx_sync_runs_sync_id_v1");
        database.rows(
            "INSERT INTO v1_sync_runs SELECT 2, sync_id, started_at, ended_at, '', 'full', '', '', 0, 0, "
            "NULL, '', '', '' FROM v1_sync_runs");
      },
      absl::StatusCode::kDataLoss, "is there twice");
  expect_refused(
      [](RawDatabase& database) { database.rows("ALTER TABLE v1_assets RENAME COLUMN data TO dates"); },
      absl::StatusCode::kDataLoss, "v1_assets: it has no column data");
}

TEST_F(EarlierSyncsTest, ADamagedFileIsRefusedAndKept) {
  MemoryRows rows;
  fill(rows, 300, 1);
  add(rows, run_of(1));
  const std::string whole = read_file(path(WriteMethod::kPages));
  const auto refused = [&](const std::string& bytes) {
    for (const WriteMethod method : {WriteMethod::kPages, WriteMethod::kLibrary}) {
      write_file(path(method), bytes);
      const auto summary = write(rows, run_of(2), method);
      ASSERT_FALSE(summary.ok());
      EXPECT_EQ(check_target(path(method), FileVersion::kV1).message(), summary.status().message());
      EXPECT_THAT(std::string(summary.status().message()), HasSubstr("move it away"));
      EXPECT_TRUE(read_file(path(method)) == bytes);
    }
  };
  for (std::size_t at = kMagicBytes; at < whole.size(); at += whole.size() / 40) {
    SCOPED_TRACE(at);
    if (at > kMagicBytes + 40) refused(whole.substr(0, at));
    // Bytes between the two frames stand for nothing.
    if (at > 2100) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
      refused(flipped);
    }
  }
  refused(std::string(kMagicV1) + "old");
  EXPECT_EQ(scratch_.names(), (std::vector<std::string>{"library.c1z", "pages.c1z"}));
}

TEST_F(EarlierSyncsTest, TextsInUtf16AreRefused) {
  RawDatabase database;
  database.rows("PRAGMA encoding = 'UTF-16le'");
  for (const TableSchema& table : v1_tables()) database.rows(std::string(table.create));
  database.save_as(path(WriteMethod::kPages));
  MemoryRows rows;
  const auto summary = write(rows, run_of(1), WriteMethod::kPages);
  EXPECT_EQ(summary.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(summary.status().message()), HasSubstr("UTF-16"));
}

TEST_F(EarlierSyncsTest, AFileWithNothingInItIsAdded) {
  write_file(path(WriteMethod::kPages), std::string(kMagicV1));
  write_file(path(WriteMethod::kLibrary), std::string(kMagicV1));
  MemoryRows rows;
  fill(rows, 20, 1);
  add(rows, run_of(1));
}

TEST_F(EarlierSyncsTest, CanBeStoppedWhileRowsAreCarriedOver) {
  MemoryRows first;
  fill(first, 6000, 1);
  add(first, run_of(1));
  for (const WriteMethod method : {WriteMethod::kPages, WriteMethod::kLibrary}) {
    const std::string before = read_file(path(method));
    MemoryRows second;
    second.fail_after(0, absl::InternalError("never read"));
    options_.progress = [](const WriteProgress&) { return absl::CancelledError("stop here"); };
    EXPECT_EQ(write(second, run_of(2), method).status().code(), absl::StatusCode::kCancelled);
    EXPECT_TRUE(read_file(path(method)) == before);
  }
}

TEST_F(EarlierSyncsTest, TheSchemaNamesItsColumnsAndIndexes) {
  RawDatabase database;
  for (const TableSchema& table : v1_tables()) {
    database.rows(std::string(table.create));
    std::vector<std::string> expected{"id|integer|0"};
    for (const ColumnSchema& column : table.columns) {
      constexpr const char* kTypes[] = {"integer", "text", "datetime", "blob"};
      expected.push_back(std::string(column.name) + "|" + kTypes[static_cast<int>(column.kind)] + "|" +
                         (column.nullable ? "0" : "1"));
    }
    std::vector<std::string> found = database.rows(
        "SELECT name, lower(type), \"notnull\" FROM pragma_table_info('" + std::string(table.name) + "')");
    EXPECT_EQ(found, expected) << table.name;
  }
  for (const IndexSchema& index : v1_indexes()) {
    EXPECT_EQ(indexed_columns(index), index.columns);
    EXPECT_EQ(condition_of(index), index.condition.empty() ? "" : " where " + std::string(index.condition));
  }
}

TEST(RowIdSet, HoldsWhatWasAdded) {
  RowIdSet ids;
  EXPECT_FALSE(ids.contains(0));
  for (const std::int64_t id : {1, 2, 3, 7, 9, 10}) ids.add(id);
  for (std::int64_t id = 0; id < 12; ++id) {
    EXPECT_EQ(ids.contains(id), (id >= 1 && id <= 3) || id == 7 || id == 9 || id == 10) << id;
  }
}

}  // namespace
}  // namespace baton::c1z
