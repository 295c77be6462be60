#include "cli/app.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <sstream>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_trait.pb.h"
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

TEST_F(App, TheLimitEndsAListInItsOrder) {
  const auto rows = [&](std::vector<std::string> arguments) {
    return std::ranges::count(with_file(std::move(arguments)).results, '\n') - 2;
  };
  EXPECT_EQ(rows({"resource-types", "--limit", "1"}), 1);
  EXPECT_EQ(rows({"resources", "--limit", "4"}), 4);
  EXPECT_EQ(rows({"entitlements", "--limit", "1"}), 1);
  EXPECT_EQ(rows({"principals", "--limit", "3"}), 3);
  EXPECT_EQ(rows({"syncs", "--limit", "1"}), 1);
  const std::string all = with_file({"grants", "-o", "json"}).results;
  for (int count = 1; count <= 5; ++count) {
    const Outcome some = with_file({"grants", "--limit", std::to_string(count), "-o", "json"});
    EXPECT_EQ(some.exit, 0);
    EXPECT_EQ(some.errors, "");
    EXPECT_THAT(all, StartsWith(some.results.substr(0, some.results.size() - 3)));
    EXPECT_EQ(rows({"grants", "--limit", std::to_string(count)}), std::min(count, 4));
  }
  EXPECT_EQ(rows({"grants", "-t", "group", "--limit", "1"}), 1);
  EXPECT_EQ(rows({"grants", "-t", "user", "--limit", "1"}), 0);
  EXPECT_EQ(rows({"grants", "--principal-type", "user", "--principal", "u1", "--limit", "3"}), 1);
  // Beyond the number up to which rows are read one by one.
  EXPECT_EQ(rows({"grants", "--limit", "123456789"}), 4);
  expect_error({"grants", "--limit", "0"}, 2, "--limit");
  expect_error({"grants", "--limit", "many"}, 2, "--limit");
}

TEST_F(App, GrantsTellWhatTheyComeFrom) {
  MemoryRows rows;
  auto direct = make_grant("group", "g1", "u1");
  auto expanded = make_grant("group", "g1", "u2");
  (*expanded.mutable_sources()->mutable_sources())["group:g2:member"];
  (*expanded.mutable_sources()->mutable_sources())["group:g3:member"];
  auto both = make_grant("group", "g1", "u3");
  (*both.mutable_sources()->mutable_sources())["group:g1:member"].set_is_direct(true);
  (*both.mutable_sources()->mutable_sources())["group:g2:member"];
  for (const auto& grant : {direct, expanded, both}) rows.add(grant);
  write(rows);
  const auto ids = [&](const char* flag) {
    const std::string table = with_file({"grants", flag}).results;
    std::string users;
    for (const char* user : {"u1", "u2", "u3"}) {
      if (table.find(std::string(":user:") + user) != std::string::npos) users += user;
    }
    return users;
  };
  EXPECT_EQ(ids("--direct"), "u1u3");
  EXPECT_EQ(ids("--expanded"), "u2");
  const std::string wide = with_file({"grants", "--wide"}).results;
  EXPECT_THAT(wide, HasSubstr("| Principal                  | Via\n"));
  EXPECT_THAT(wide, HasSubstr("(user:u1) | \n"));
  EXPECT_THAT(wide, HasSubstr("(user:u2) | group:g2:member, group:g3:member\n"));
  EXPECT_THAT(wide, HasSubstr("(user:u3) | group:g2:member\n"));
  EXPECT_EQ(std::ranges::count(with_file({"grants", "--direct", "--limit", "1"}).results, '\n'), 3);
  expect_error({"grants", "--direct", "--expanded"}, 2, "--direct and --expanded exclude each other");
}

TEST_F(App, PrincipalsOfTwoEntitlementsAreCompared) {
  MemoryRows rows;
  const auto user = [&](const std::string& id, const std::string& name, const std::string& email,
                        const std::string& login) {
    auto resource = make_resource("user", id);
    resource.set_display_name(name);
    c1::connector::v2::UserTrait trait;
    if (!email.empty()) trait.add_emails()->set_address(email);
    trait.set_login(login);
    resource.add_annotations()->PackFrom(trait);
    rows.add(resource);
  };
  rows.add(make_type("group"));
  rows.add(make_type("user"));
  for (const char* group : {"g1", "g2"}) {
    rows.add(make_resource("group", group));
    rows.add(make_entitlement("group", group, "member"));
  }
  user("both", "Both", "", "");
  user("mail1", "Mail One", "Same@Example.com", "");
  user("mail2", "Mail Two", "same@example.COM", "");
  user("name1", "Same Name", "", "");
  user("name2", "Same Name", "", "");
  user("login1", "Login One", "", "same");
  user("login2", "Login Two", "", "SAME");
  for (const char* id : {"both", "mail1", "name1", "login1"}) rows.add(make_grant("group", "g1", id));
  for (const char* id : {"both", "mail2", "name2", "login2"}) rows.add(make_grant("group", "g2", id));
  write(rows);
  const auto compare = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"principals",
                                       "compare",
                                       "-e",
                                       "group:g1:member",
                                       "--compare-file",
                                       file_,
                                       "--compare-entitlement",
                                       "group:g2:member"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = with_file(arguments);
    EXPECT_EQ(outcome.exit, 0) << outcome.errors;
    return outcome.results;
  };
  const std::string table = compare({});
  EXPECT_THAT(table, HasSubstr("│ Missing Principals │\n"));
  EXPECT_THAT(table, HasSubstr("\nlogin1 | Login One"));
  EXPECT_THAT(table, HasSubstr("\nlogin2 | Login Two"));
  EXPECT_THAT(table, HasSubstr("Mail One (user:mail1)  | Mail Two (user:mail2)  | email\n"));
  EXPECT_THAT(table, HasSubstr("Same Name (user:name1) | Same Name (user:name2) | name\n"));
  EXPECT_THAT(compare({"--match", "id,email,login,name"}),
              StartsWith("The principals between these entitlements appear to match!\n"));
  EXPECT_EQ(with_file({"principals", "compare", "-e", "group:g1:member", "--compare-file", file_,
                       "--compare-entitlement", "group:g1:member"})
                .results,
            "The principals between these entitlements appear to match!\n");
  const std::string json = compare({"--match", "id", "-o", "json"});
  EXPECT_THAT(json,
              StartsWith(R"({"missing":[{"resource":{"id":{"resourceType":"user","resource":"login1"})"));
  EXPECT_THAT(json, HasSubstr(R"("extra":[{"resource":{"id":{"resourceType":"user","resource":"login2"})"));
  EXPECT_THAT(json, HasSubstr(R"("base":[)"));
  EXPECT_THAT(json, HasSubstr(R"("compared":[)"));
  expect_error({"principals", "compare", "-e", "x"}, 2,
               "--entitlement and --compare-entitlement are required");
  expect_error({"principals", "compare", "-e", "x", "--compare-entitlement", "y", "--compare-file", file_}, 5,
               "has no entitlement x");
  expect_error({"principals", "compare", "-e", "x", "--compare-entitlement", "y", "--match", "shoe"}, 2,
               "--match takes id, email, login and name");
}

TEST_F(App, TablesFitTheTerminal) {
  std::ostringstream results;
  std::ostringstream errors;
  ASSERT_EQ(run({"grants", "-f", file_}, results, errors, false, 60), 0);
  std::istringstream lines(results.str());
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "ID        | Resource… | Resource   | Entitleme… | Principal");
  while (std::getline(lines, line)) {
    const auto characters =
        std::ranges::count_if(line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    EXPECT_LE(characters, 60) << line;
  }
}

TEST_F(App, TimingsAreATableOfTheirOwn) {
  RawDatabase database(file_);
  database.rows(
      R"(UPDATE v1_sync_runs SET stats = '{"resource_types":2,"step_durations_ms":{"list-users":1500},)"
      R"("connector_call_stats":{"ListGrants":{"count":7,"total_ms":65000,"max_ms":90,"errors":1}}}')");
  std::filesystem::remove(file_);
  database.save_as(file_);
  EXPECT_THAT(with_file({"stats"}).results, testing::Not(HasSubstr("list-users")));
  EXPECT_THAT(with_file({"stats", "--timings"}).results,
              HasSubstr("Action     | Calls | Total | Max  | Errors | Timeouts\n"
                        "list-users |       | 2s    |      |        | \n"
                        "ListGrants | 7     | 1m5s  | 90ms | 1      | 0\n\n"));
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

TEST_F(App, AccessOfAPrincipalWhoseRowIsMissingIsShown) {
  MemoryRows rows;
  rows.add(make_grant("group", "g9", "u9"));
  write(rows);
  EXPECT_THAT(with_file({"access", "-t", "user", "-r", "u9"}).results,
              StartsWith("└─┬Effective Access for MISSING RESOURCE (user:u9) (user)\n  └─┬MISSING RESOURCE "
                         "(group:g9) (MISSING RESOURCE TYPE (group))\n"));
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
  expect_error({"principals", "-t", "group"}, 2, "--resource-type and --resource are required");
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
  expect_error(with(std::string("C1Z3\0", 5) + "\n\n"), 15, "it ends in its first 9 bytes");
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
  expect_error({"grants"}, 15, "grant \"group:g2:member:user:u2\" of v1_grants is no valid protobuf message");
  expect_error({"grants", "-o", "json"}, 15,
               "grant \"group:g2:member:user:u2\" of v1_grants is no valid protobuf message");
  expect_error({"digest"}, 15, "grant \"group:g2:member:user:u2\" of v1_grants is no valid protobuf message");
  expect_error({"digest", "--rows"}, 15,
               "grant \"group:g2:member:user:u2\" of v1_grants is no valid protobuf message");
}

TEST_F(App, HelpNamesEveryCommandAndEveryOption) {
  for (const auto& arguments : {std::vector<std::string>{}, {"--help"}, {"-h"}}) {
    const Outcome help = baton(arguments);
    EXPECT_EQ(help.exit, 0);
    EXPECT_EQ(help.errors, "");
    for (const Command& command : commands()) {
      EXPECT_THAT(help.results,
                  HasSubstr("\n  " + std::string(command.name.substr(0, command.name.find(' ')))));
    }
    for (const char* option : {"-f,--file", "-o,--output-format", "--no-color", "-v,--version"}) {
      EXPECT_THAT(help.results, HasSubstr(option));
    }
  }
  for (const Command& command : commands()) {
    std::istringstream words{std::string(command.name)};
    std::vector<std::string> arguments{std::istream_iterator<std::string>(words), {}};
    arguments.emplace_back("--help");
    const Outcome help = baton(arguments);
    EXPECT_EQ(help.exit, 0) << command.name;
    EXPECT_THAT(help.results, HasSubstr(std::string(command.summary)));
  }
  EXPECT_THAT(baton({"principals", "--help"}).results, HasSubstr("\n  compare "));
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
