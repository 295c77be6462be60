#include "storage/database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>

#include "temp_directory.hpp"

namespace baton::storage {
namespace {

using absl::StatusCode;

constexpr std::size_t kMemtable = 1u << 20;

TEST(ToStatus, SaysWhatWhereAndWhatToDo) {
  const auto code = [](const rocksdb::Status& status) { return to_status(status, "/run").code(); };
  EXPECT_TRUE(to_status(rocksdb::Status::OK(), "/run").ok());
  EXPECT_EQ(code(rocksdb::Status::NoSpace("x")), StatusCode::kResourceExhausted);
  EXPECT_EQ(code(rocksdb::Status::IOError("While appending to file: /run/1.log: No space left on device")),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(code(rocksdb::Status::Corruption("checksum mismatch in /run/000012.sst")), StatusCode::kDataLoss);
  EXPECT_EQ(code(rocksdb::Status::IOError("While lock file: /run/LOCK: Resource temporarily unavailable")),
            StatusCode::kFailedPrecondition);
  EXPECT_EQ(code(rocksdb::Status::Busy("x")), StatusCode::kFailedPrecondition);
  EXPECT_EQ(code(rocksdb::Status::IOError("While opening a file: /run/1.log: Permission denied")),
            StatusCode::kPermissionDenied);
  EXPECT_EQ(code(rocksdb::Status::PathNotFound("/run/000012.sst")), StatusCode::kDataLoss);
  EXPECT_EQ(code(rocksdb::Status::IOError("bad sector")), StatusCode::kInternal);

  const std::string text(to_status(rocksdb::Status::NoSpace("x"), "/run").message());
  EXPECT_THAT(text, testing::HasSubstr("/run"));
  EXPECT_THAT(text, testing::HasSubstr("free space and run again: everything committed is kept"));
  EXPECT_THAT(std::string(to_status(rocksdb::Status::Corruption("in /run/000012.sst"), "/run").message()),
              testing::HasSubstr("000012.sst"));
}

TEST(Database, MakesADirectoryThatOnlyItsOwnerReads) {
  const TempDirectory temp;
  const std::string directory = temp / "deep/er/run";
  ASSERT_TRUE(Database::open(directory, false, kMemtable).ok());
  struct stat info {};
  ASSERT_EQ(::stat(directory.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
}

TEST(Database, OnlyOneOpensIt) {
  const TempDirectory temp;
  const std::string directory = temp / "run";
  const auto first = Database::open(directory, false, kMemtable);
  ASSERT_TRUE(first.ok());
  const auto second = Database::open(directory, false, kMemtable);
  EXPECT_EQ(second.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(
      std::string(second.status().message()),
      testing::AllOf(testing::HasSubstr("another process is syncing into"), testing::HasSubstr(directory)));
}

TEST(Database, RefusesADirectoryOfSomebodyElse) {
  const TempDirectory temp;
  std::filesystem::create_directory(temp / "run");
  std::ofstream(temp / "run/thesis.txt") << "years of work";
  const auto database = Database::open(temp / "run", false, kMemtable);
  EXPECT_EQ(database.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(database.status().message()), testing::HasSubstr("thesis.txt"));
}

TEST(Database, MissingOnesAreNotFoundWhenTheyMustExist) {
  const TempDirectory temp;
  EXPECT_EQ(Database::open(temp / "run", true, kMemtable).status().code(), StatusCode::kNotFound);
  std::filesystem::create_directory(temp / "run");
  EXPECT_EQ(Database::open(temp / "run", true, kMemtable).status().code(), StatusCode::kNotFound);
  EXPECT_TRUE(std::filesystem::is_empty(temp / "run"));
}

TEST(Database, AnUnwritablePlaceIsSaidSo) {
  const TempDirectory temp;
  std::ofstream(temp / "file") << "x";
  const auto database = Database::open(temp / "file/run", false, kMemtable);
  EXPECT_EQ(database.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(database.status().message()),
              testing::HasSubstr("cannot create the run directory"));
}

TEST(Database, ADamagedTableIsDataLossAndNamed) {
  const TempDirectory temp;
  const std::string directory = temp / "run";
  {
    const auto database = Database::open(directory, false, kMemtable);
    ASSERT_TRUE(database.ok());
    rocksdb::WriteBatch batch;
    for (int i = 0; i < 1000; ++i) {
      batch.Put((*database)->handle(Table::kGrants), "key" + std::to_string(i), std::string(100, 'v'));
    }
    ASSERT_TRUE((*database)->write(batch, false).ok());
    ASSERT_TRUE((*database)->raw().Flush({}, (*database)->handle(Table::kGrants)).ok());
  }
  std::string table;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".sst") table = entry.path().string();
  }
  ASSERT_FALSE(table.empty());
  std::fstream(table, std::ios::in | std::ios::out | std::ios::binary).seekp(50) << "damage";

  const auto database = Database::open(directory, true, kMemtable);
  ASSERT_TRUE(database.ok()) << database.status();
  std::string value;
  const auto found = (*database)->get(Table::kGrants, "key0", value);
  EXPECT_EQ(found.status().code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(found.status().message()), testing::HasSubstr(".sst"));
}

TEST(Database, AClearedTableIsEmptyAndUsable) {
  const TempDirectory temp;
  const auto opened = Database::open(temp / "run", false, kMemtable);
  ASSERT_TRUE(opened.ok());
  Database& database = **opened;
  rocksdb::WriteBatch batch;
  batch.Put(database.handle(Table::kExpanded), "a", "1");
  ASSERT_TRUE(database.write(batch, false).ok());
  ASSERT_TRUE(database.clear(Table::kExpanded).ok());
  std::string value;
  EXPECT_FALSE(*database.get(Table::kExpanded, "a", value));
  batch.Clear();
  batch.Put(database.handle(Table::kExpanded), "b", "2");
  ASSERT_TRUE(database.write(batch, false).ok());
  EXPECT_TRUE(*database.get(Table::kExpanded, "b", value));
}

TEST(IsStoreFile, KnowsItsOwn) {
  for (const char* name : {"CURRENT", "LOCK", "LOG", "LOG.old.1700000000", "IDENTITY", "MANIFEST-000005",
                           "OPTIONS-000007", "000123.sst", "000004.log", "DURABLE", "000003.dbtmp"}) {
    EXPECT_TRUE(is_store_file(name)) << name;
  }
  for (const char* name : {"sync.c1z", "notes.log", ".sst", "12.sst", "LOG.txt", "x000123.sst", ""}) {
    EXPECT_FALSE(is_store_file(name)) << name;
  }
}

}  // namespace
}  // namespace baton::storage
