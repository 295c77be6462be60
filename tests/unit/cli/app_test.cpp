#include "cli/app.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "cli/command.hpp"
#include "unit/c1z/database.hpp"
#include "unit/c1z/memory_rows.hpp"

namespace baton::cli {
namespace {

using c1z::make_child;
using c1z::make_entitlement;
using c1z::make_grant;
using c1z::make_options;
using c1z::make_resource;
using c1z::make_run;
using c1z::make_type;
using c1z::MemoryRows;
using c1z::RawDatabase;
using testing::HasSubstr;
using testing::StartsWith;

class Outcome {
 public:
  int exit = 0;
  std::string results;
  std::string errors;
};

Outcome baton(std::vector<std::string> arguments, bool color = false) {
  std::ostringstream results;
  std::ostringstream errors;
  Outcome outcome;
  outcome.exit = run(std::move(arguments), results, errors, color);
  outcome.results = results.str();
  outcome.errors = errors.str();
  return outcome;
}

class App : public testing::Test {
 protected:
  void SetUp() override {
    MemoryRows rows;
    c1z::add_small_directory(rows);
    write(rows);
  }
  void write(MemoryRows& rows, const c1z::SyncRunInfo& info = make_run()) {
    const auto summary = c1z::write_v1(make_options(file_), info, rows);
    ASSERT_TRUE(summary.ok()) << summary.status();
  }
  Outcome with_file(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"-f", file_});
    return baton(std::move(arguments));
  }
  void expect_table(std::vector<std::string> arguments, const std::string& table) {
    const Outcome outcome = with_file(std::move(arguments));
    EXPECT_EQ(outcome.exit, 0);
    EXPECT_EQ(outcome.errors, "");
    EXPECT_EQ(outcome.results, table);
  }
  void expect_error(std::vector<std::string> arguments, int exit, const std::string& words) {
    const Outcome outcome = with_file(std::move(arguments));
    expect_error(outcome, exit, words);
  }
  static void expect_error(const Outcome& outcome, int exit, const std::string& words) {
    EXPECT_EQ(outcome.exit, exit) << outcome.errors;
    EXPECT_EQ(outcome.results, "");
    EXPECT_THAT(outcome.errors, StartsWith("Error: "));
    EXPECT_THAT(outcome.errors, HasSubstr(words));
    EXPECT_EQ(std::ranges::count(outcome.errors, '\n'), 1) << outcome.errors;
  }

  c1z::Scratch scratch_;
  std::string file_ = scratch_ / "in.c1z";
};

TEST_F(App, ListsAsTables) {
  expect_table({"resource-types"},
               "ID    | Display Name | Traits\n"
               "group | Type group   | TRAIT_GROUP\n"
               "user  | Type user    | TRAIT_USER\n\n");
  expect_table({"resources"},
               "ID | Display Name | Resource Type | Parent Resource\n"
               "g1 | Name of g1   | Type group    | -\n"
               "g2 | Name of g2   | Type group    | Name of g1 (group)\n"
               "u1 | Name of u1   | Type user     | -\n"
               "u2 | Name of u2   | Type user     | -\n"
               "u3 | Name of u3   | Type user     | -\n\n");
  expect_table({"entitlements"},
               "ID              | Display Name | Resource Type | Resource   | Permission\n"
               "group:g1:member | member of g1 | Type group    | Name of g1 | member\n"
               "group:g2:member | member of g2 | Type group    | Name of g2 | member\n\n");
  expect_table({"grants"},
               "ID                       | Resource Type | Resource   | Entitlement  | Principal\n"
               "group:g1:member:group:g2 | Type group    | Name of g1 | member of g1 | Name of g2\n"
               "group:g1:member:user:u3  | Type group    | Name of g1 | member of g1 | Name of u3\n"
               "group:g2:member:user:u1  | Type group    | Name of g2 | member of g2 | Name of u1\n"
               "group:g2:member:user:u2  | Type group    | Name of g2 | member of g2 | Name of u2\n\n");
  expect_table({"principals"},
               "ID | Display Name | Resource Type | Parent Resource\n"
               "g2 | Name of g2   | Type group    | Name of g1 (group)\n"
               "u1 | Name of u1   | Type user     | -\n"
               "u2 | Name of u2   | Type user     | -\n"
               "u3 | Name of u3   | Type user     | -\n\n");
  expect_table({"access", "-t", "user", "-r", "u1"},
               "└─┬Effective Access for Name of u1 (user)\n"
               "  └─┬Name of g2 (Type group)\n"
               "    └──member\n");
  expect_table(
      {"syncs"},
      "ID                          | Started At           | Ended At             | Type | Parent ID\n"
      "3MUTGS9iMbfUzFLf670qZKIi8Ae | 2026-11-23T03:20:50Z | 2026-11-23T03:20:51Z | full | \n\n");
}

TEST_F(App, StatsAreThreeTables) {
  expect_table({"stats"},
               "Field          | Value\n"
               "Engine         | sqlite\n"
               "Sync ID        | 3MUTGS9iMbfUzFLf670qZKIi8Ae\n"
               "Sync Type      | full\n"
               "Parent Sync ID | \n"
               "Started At     | 2026-11-23T03:20:50Z\n"
               "Ended At       | 2026-11-23T03:20:51Z\n"
               "Duration       | 0s\n"
               "\n"
               "Type           | Count\n"
               "Resource Types | 2\n"
               "Resources      | 5\n"
               "Entitlements   | 2\n"
               "Grants         | 4\n"
               "\n"
               "Resource Type | Resources | Entitlements | Grants\n"
               "group         | 2         | 2            | 4\n"
               "user          | 3         | 0            | 0\n\n");
}

TEST_F(App, DurationsHaveHoursMinutesAndSeconds) {
  for (const auto& [seconds, text] :
       {std::pair(131, "2m11s"), std::pair(7'205, "2h0m5s"), std::pair(59, "59s")}) {
    c1z::SyncRunInfo run = make_run();
    run.ended_at = run.started_at + seconds * 1'000'000'000LL + 300'000'000;
    MemoryRows rows;
    write(rows, run);
    EXPECT_THAT(with_file({"stats"}).results, HasSubstr(std::string("Duration       | ") + text + "\n"));
  }
}

TEST_F(App, TokensAreShownOnDemandOnly) {
  EXPECT_THAT(with_file({"stats"}).results, testing::Not(HasSubstr("version")));
  EXPECT_THAT(with_file({"syncs"}).results, testing::Not(HasSubstr("version")));
  EXPECT_THAT(with_file({"stats", "--wide"}).results, HasSubstr("Sync Token     | {\"version\":1}"));
  EXPECT_THAT(with_file({"syncs", "--wide"}).results, HasSubstr("| {\"version\":1}\n"));
  EXPECT_THAT(with_file({"syncs", "-o", "json"}).results, HasSubstr(R"("syncToken":"{\"version\":1}")"));
}

TEST_F(App, FiltersSelectRows) {
  const auto ids = [&](std::vector<std::string> arguments) {
    const std::string table = with_file(std::move(arguments)).results;
    std::vector<std::string> ids;
    std::istringstream lines(table);
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line) && !line.empty())
      ids.push_back(line.substr(0, line.find_first_of(" |")));
    return ids;
  };
  using testing::ElementsAre;
  using testing::IsEmpty;
  EXPECT_THAT(ids({"resources", "-t", "group"}), ElementsAre("g1", "g2"));
  EXPECT_THAT(ids({"entitlements", "-t", "user"}), IsEmpty());
  EXPECT_THAT(ids({"grants", "-t", "group", "-r", "g2"}),
              ElementsAre("group:g2:member:user:u1", "group:g2:member:user:u2"));
  EXPECT_THAT(ids({"grants", "-e", "group:g1:member"}),
              ElementsAre("group:g1:member:group:g2", "group:g1:member:user:u3"));
  EXPECT_THAT(ids({"grants", "--principal-type", "group"}), ElementsAre("group:g1:member:group:g2"));
  EXPECT_THAT(ids({"grants", "--principal-type", "user", "--principal", "u2"}),
              ElementsAre("group:g2:member:user:u2"));
  EXPECT_THAT(ids({"principals", "-e", "group:g2:member"}), ElementsAre("u1", "u2"));
  EXPECT_THAT(ids({"principals", "-t", "group", "-r", "g1"}), ElementsAre("g2", "u3"));
}

TEST_F(App, JsonIsOneLineAndAnEmptyListAnEmptyObject) {
  const Outcome types = with_file({"resource-types", "-o", "json"});
  EXPECT_EQ(
      types.results,
      R"({"resourceTypes":[{"resourceType":{"id":"group","displayName":"Type group","traits":["TRAIT_GROUP"]}},)"
      R"({"resourceType":{"id":"user","displayName":"Type user","traits":["TRAIT_USER"]}}]})"
      "\n");
  EXPECT_EQ(with_file({"resources", "-t", "none", "-o", "json"}).results, "{}\n");
}

TEST_F(App, WhatIsMissingHasAPlaceholder) {
  MemoryRows rows;
  rows.add(make_child("ghost", "x", "group", "gone"));
  rows.add(make_grant("group", "g9", "u9"));
  write(rows);
  EXPECT_THAT(with_file({"resources"}).results,
              HasSubstr("MISSING RESOURCE TYPE (ghost) | MISSING RESOURCE (group:gone) (group)"));
  EXPECT_THAT(with_file({"grants"}).results,
              HasSubstr("MISSING RESOURCE TYPE (group) | MISSING RESOURCE (group:g9) | MISSING ENTITLEMENT "
                        "(group:g9:member) | MISSING RESOURCE (user:u9)"));
}

TEST_F(App, AccessWithNothingIsAnEmptyTree) {
  expect_table({"access", "-t", "group", "-r", "g1"}, "└──Effective Access for Name of g1 (group)\n");
  expect_error({"access", "-t", "user", "-r", "nobody"}, 5, "has no resource nobody of type user");
}

TEST_F(App, DigestPrintsAHashOrItsRows) {
  const std::string digest = with_file({"digest"}).results;
  EXPECT_EQ(digest.size(), 65u);
  EXPECT_EQ(with_file({"digest", "-o", "json"}).results, "{\"digest\":\"" + digest.substr(0, 64) + "\"}\n");
  EXPECT_EQ(with_file({"digest", "--common"}).results, digest);
  const std::string rows = with_file({"digest", "--rows"}).results;
  EXPECT_EQ(std::ranges::count(rows, '\n'), 13);
  EXPECT_THAT(rows, StartsWith(R"({"resourceType":{"id":"group",)"));
  EXPECT_THAT(
      rows,
      HasSubstr("\n"
                R"({"grant":{"entitlement":{"resource":{"id":{"resourceType":"group","resource":"g1"}},)"
                R"("id":"group:g1:member"},"principal":{"id":{"resourceType":"group","resource":"g2"}},)"
                R"("id":"group:g1:member:group:g2","annotations":[{"@type":)"
                R"("type.googleapis.com/c1.connector.v2.GrantExpandable","entitlementIds":)"
                R"(["group:g2:member"]}]}})"
                "\n"));
}

TEST_F(App, ASyncThatIsNotFullIsRemarkedOn) {
  c1z::SyncRunInfo run = make_run();
  run.type = "partial";
  MemoryRows rows;
  write(rows, run);
  const Outcome outcome = with_file({"resource-types"});
  EXPECT_EQ(outcome.exit, 0);
  EXPECT_EQ(
      outcome.errors,
      "note: the latest sync, 3MUTGS9iMbfUzFLf670qZKIi8Ae, is of type partial; --sync-id chooses another\n");
  EXPECT_EQ(with_file({"resource-types", "--sync-id", run.sync_id}).errors, "");
}

TEST_F(App, AnUnfinishedFileHasNoStats) {
  RawDatabase database(file_);
  database.rows("UPDATE v1_sync_runs SET ended_at = NULL, stats = NULL");
  std::filesystem::remove(file_);
  database.save_as(file_);
  expect_table({"stats"}, " INFO  No finished sync found in the c1z\n");
  const Outcome outcome = with_file({"stats", "-o", "json"});
  EXPECT_EQ(outcome.results, "{}\n");
  EXPECT_EQ(outcome.exit, 0);
  EXPECT_THAT(with_file({"stats", "--sync-id", "3MUTGS9iMbfUzFLf670qZKIi8Ae"}).results,
              HasSubstr("Grants         | 4"));
}

TEST_F(App, ColourIsForTerminalsAndCanBeTurnedOff) {
  EXPECT_THAT(baton({"syncs", "-f", file_}, true).results, StartsWith("\x1b[1mID"));
  EXPECT_THAT(baton({"syncs", "-f", file_, "--no-color"}, true).results, StartsWith("ID"));
  EXPECT_THAT(baton({"stats", "-f", file_}, true).results, StartsWith("\x1b[1mField"));
}

TEST_F(App, CommandLinesThatMakeNoSenseAreRefused) {
  expect_error({"frobnicate"}, 2, "unknown command frobnicate");
  expect_error({"grants", "--frobnicate"}, 2, "--frobnicate");
  expect_error({"stats", "surplus"}, 2, "surplus");
  expect_error({"stats", "-o", "yaml"}, 2, "must be console or json, not yaml");
  expect_error({"grants", "-r", "g1"}, 2, "--resource-type and --resource are required");
  expect_error({"principals", "-r", "g1"}, 2, "--resource-type and --resource are required");
  expect_error({"access", "-t", "user"}, 2, "--resource-type and --resource are required");
  expect_error({"grants", "-t", "group", "-r", "g1", "-e", "x"}, 2, "exclude each other");
  expect_error({"grants", "--principal", "x"}, 2, "--principal needs --principal-type");
  expect_error(baton({"stats", "--sync-id"}), 2, "--sync-id");
  expect_error({"stats", "--sync-id", "nope"}, 5, "has no sync nope");
}

TEST_F(App, FilesThatCannotBeReadAreRefusedInOneLine) {
  const auto with = [&](const std::string& bytes) {
    const std::string path = scratch_ / "broken.c1z";
    c1z::write_file(path, bytes);
    return baton({"grants", "-f", path});
  };
  const std::string whole = c1z::read_file(file_);
  expect_error(baton({"grants", "-f", scratch_ / "nope.c1z"}), 2, "nope.c1z does not exist");
  expect_error(with(""), 2, "broken.c1z is empty");
  expect_error(with("C1"), 2, "broken.c1z is not a c1z file");
  expect_error(with("a letter\nto you"), 2, "broken.c1z is not a c1z file");
  expect_error(with(std::string("C1Z3\0", 5) + "\n\n"), 12,
               "version 3, which this program does not read yet");
  expect_error(with(std::string("C1ZF\0", 5) + "junk"), 15, "what follows its magic is not a zstd stream");
  expect_error(with(whole.substr(0, whole.size() / 2)), 15, "middle of a zstd frame");
  expect_error(with(whole + "x"), 15, "something behind its last zstd frame");
  std::string flipped = whole;
  flipped[flipped.size() - 2] = static_cast<char>(flipped[flipped.size() - 2] ^ 0x40);
  expect_error(with(flipped), 15, "is damaged near byte");
  expect_error(baton({"grants", "-f", scratch_.folder()}), 2, "it is not even a file");
  const c1z::Environment small("BATON_DECODER_MAX_DECODED_SIZE_MB", "0");
  expect_error({"grants"}, 2, "BATON_DECODER_MAX_DECODED_SIZE_MB must not be 0");
}

TEST_F(App, ADamagedRowPrintsNothingButItsError) {
  // Rows before the damaged one are fine, and still nothing is printed.
  RawDatabase database(file_);
  database.rows("UPDATE v1_grants SET data = X'FFFF' WHERE external_id = 'group:g2:member:user:u2'");
  std::filesystem::remove(file_);
  database.save_as(file_);
  expect_error({"grants"}, 15, "grant \"group:g2:member:user:u2\" is damaged");
  expect_error({"grants", "-o", "json"}, 15, "grant \"group:g2:member:user:u2\" is damaged");
  expect_error({"digest"}, 15, "grant \"group:g2:member:user:u2\" is damaged");
  expect_error({"digest", "--rows"}, 15, "grant \"group:g2:member:user:u2\" is damaged");
}

TEST_F(App, HelpNamesEveryCommandAndEveryOption) {
  for (const auto& arguments : {std::vector<std::string>{}, {"--help"}, {"-h"}}) {
    const Outcome help = baton(arguments);
    EXPECT_EQ(help.exit, 0);
    EXPECT_EQ(help.errors, "");
    for (const Command& command : commands())
      EXPECT_THAT(help.results, HasSubstr("\n  " + std::string(command.name)));
    for (const char* option : {"-f,--file", "-o,--output-format", "--no-color", "-v,--version"}) {
      EXPECT_THAT(help.results, HasSubstr(option));
    }
  }
  for (const Command& command : commands()) {
    const Outcome help = baton({std::string(command.name), "--help"});
    EXPECT_EQ(help.exit, 0) << command.name;
    EXPECT_THAT(help.results, HasSubstr(std::string(command.summary)));
  }
  EXPECT_THAT(baton({"grants", "--help"}).results, HasSubstr("--principal-type"));
}

TEST_F(App, VersionIsPrinted) {
  EXPECT_EQ(baton({"--version"}).results, "baton " BATON_VERSION "\n");
  EXPECT_EQ(baton({"-v"}).exit, 0);
}

TEST_F(App, GeneralOptionsMayComeBeforeTheCommand) {
  EXPECT_EQ(baton({"-f", file_, "-o", "json", "resource-types"}).results,
            with_file({"resource-types", "-o", "json"}).results);
}

TEST_F(App, ResultsThatCannotBeWrittenAreAnError) {
  std::ostringstream errors;
  std::ostringstream broken;
  broken.setstate(std::ios::badbit);
  EXPECT_EQ(run({"syncs", "-f", file_}, broken, errors, false), 2);
  EXPECT_THAT(errors.str(), HasSubstr("standard output"));
}

}  // namespace
}  // namespace baton::cli
