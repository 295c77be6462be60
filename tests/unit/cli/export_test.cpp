#include <filesystem>

#include "storage/c1z/envelope.hpp"
#include "unit/cli/group_file.hpp"

namespace baton::cli {
namespace {

using testing::HasSubstr;

class ExportC1z : public GroupFile {
 protected:
  void SetUp() override {
    GroupFile::SetUp();
    for (const char* name : {"a", "b"}) group(name);
    member("a", "alice");
    expanded("b", "alice", "a");
    nested("a", "b");
    baton({"syncs"});
  }
  static std::string print(std::vector<std::string> arguments) {
    const Outcome outcome = run_baton(std::move(arguments));
    EXPECT_EQ(outcome.exit, 0) << outcome.errors;
    return outcome.results;
  }
  std::string copy(const std::string& from, const std::string& name, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"export", "c1z", "-f", from, "--out", scratch_ / name};
    arguments.insert(arguments.end(), more.begin(), more.end());
    print(std::move(arguments));
    return scratch_ / name;
  }
};

TEST_F(ExportC1z, CopiesInTheVersionOfTheFile) {
  EXPECT_EQ(print({"export", "c1z", "-f", file_, "--out", out_}),
            "sync 3MUTGS9iMbfUzFLf670qZKIi8Ae with 3 grant(s) copied; wrote " + out_ + "\n");
  EXPECT_EQ(*c1z::inspect(out_), c1z::FileKind::kV1);
  EXPECT_EQ(print({"digest", "-f", out_}), print({"digest", "-f", file_}));
  EXPECT_EQ(print({"syncs", "--wide", "-f", out_}), print({"syncs", "--wide", "-f", file_}));
}

TEST_F(ExportC1z, TheOtherVersionIsChosenByName) {
  const std::string digest = print({"digest", "--common", "-f", file_});
  const std::string pebble = copy(file_, "3.c1z", {"--storage-engine", "pebble"});
  const std::string again = copy(pebble, "again.c1z");
  const std::string sqlite = copy(again, "1.c1z", {"--storage-engine", "sqlite"});
  EXPECT_EQ(*c1z::inspect(pebble), c1z::FileKind::kV3);
  EXPECT_EQ(*c1z::inspect(again), c1z::FileKind::kV3);
  EXPECT_EQ(*c1z::inspect(sqlite), c1z::FileKind::kV1);
  for (const std::string& file : {pebble, again, sqlite}) {
    EXPECT_EQ(print({"digest", "--common", "-f", file}), digest) << file;
  }
}

TEST_F(ExportC1z, WhatIsThereStays) {
  copy(file_, "out.c1z");
  expect_error(run_baton({"export", "c1z", "-f", file_, "--out", out_}), 6, "exists; name another");
  expect_error(
      run_baton({"export", "c1z", "-f", file_, "--out", out_, "--overwrite", "--storage-engine", "pebble"}),
      9, "version 1");
  EXPECT_EQ(*c1z::inspect(out_), c1z::FileKind::kV1);
  expect_error(run_baton({"export", "c1z", "-f", file_, "--out", file_, "--overwrite"}), 2,
               "is the file that is read");
}

TEST_F(ExportC1z, CommandLinesThatMakeNoSense) {
  expect_error(run_baton({"export", "-f", file_}), 2, "baton export c1z");
  expect_error(run_baton({"export", "csv", "-f", file_}), 2, "csv");
  expect_error(run_baton({"export", "c1z", "-f", file_, "--out", out_, "--storage-engine", "mongo"}), 2,
               "must be sqlite or pebble, not mongo");
  expect_error(run_baton({"export", "c1z", "-f", file_, "--out", out_, "--sync-id", "none"}), 5, "none");
  expect_error(run_baton({"export", "c1z", "-f", scratch_ / "missing.c1z", "--out", out_}), 2,
               "does not exist");
  EXPECT_FALSE(std::filesystem::exists(out_));
}

}  // namespace
}  // namespace baton::cli
