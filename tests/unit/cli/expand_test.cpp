#include <filesystem>
#include <fstream>

#include "unit/c1z/database.hpp"
#include "unit/cli/group_file.hpp"

namespace baton::cli {
namespace {

using c1z::RawDatabase;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Expand : public GroupFile {
 protected:
  std::string digest(const std::string& file) {
    const Outcome outcome = run_baton({"digest", "-f", file});
    EXPECT_EQ(outcome.exit, 0) << outcome.errors;
    return outcome.results;
  }
  /// Expands `from` into a new file and returns its path.
  std::string expand(const std::string& from, std::vector<std::string> more = {}) {
    const std::string to = scratch_ / ("expanded" + std::to_string(++files_) + ".c1z");
    std::vector<std::string> arguments{"expand", "-f", from, "--out", to};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run_baton(std::move(arguments));
    EXPECT_EQ(outcome.exit, 0) << outcome.errors;
    return to;
  }
  std::vector<std::string> grants(const std::string& file) {
    return RawDatabase(file).rows("SELECT external_id FROM v1_grants ORDER BY id");
  }

  int files_ = 0;
};

TEST_F(Expand, WritesTheGrantsThatMembersGainThroughGroups) {
  for (const char* name : {"a", "b"}) group(name);
  member("a", "alice");
  member("b", "bob");
  nested("a", "b");
  const Outcome outcome = baton({"expand", "--out", out_});
  EXPECT_EQ(outcome.exit, 0);
  EXPECT_EQ(outcome.errors, "");
  EXPECT_EQ(outcome.results,
            "sync 3MUTGS9iMbfUzFLf670qZKIi8Ae expanded: 1 grant(s) from 1 edge(s), sources of 0 grant(s) "
            "extended; wrote " +
                out_ + "\n");
  EXPECT_THAT(grants(out_), ElementsAre("group:a:member:user:alice", "group:b:member:group:a",
                                        "group:b:member:user:alice", "group:b:member:user:bob"));
  EXPECT_THAT(run_baton({"why", "-p", "user:alice", "-e", "group:b:member", "-f", out_}).results,
              HasSubstr(" holds "));
}

TEST_F(Expand, KeepsTheSyncAndTheMomentsOfItsRows) {
  group("a");
  member("a", "alice");
  baton({"syncs"});
  const std::string copy = expand(file_);
  const std::string columns =
      "SELECT sync_id, started_at, ended_at, sync_type, parent_sync_id, sync_token, supports_diff FROM "
      "v1_sync_runs";
  EXPECT_EQ(RawDatabase(copy).rows(columns), RawDatabase(file_).rows(columns));
  for (const char* table : {"v1_resource_types", "v1_resources", "v1_entitlements", "v1_grants"}) {
    const std::string rows =
        std::string("SELECT external_id, hex(data), discovered_at FROM ") + table + " ORDER BY id";
    EXPECT_EQ(RawDatabase(copy).rows(rows), RawDatabase(file_).rows(rows)) << table;
  }
}

TEST_F(Expand, ChangesNothingInAFileThatIsExpanded) {
  for (const char* name : {"a", "b", "c"}) group(name);
  member("a", "alice");
  member("b", "alice");
  member("b", "bob", {{"b", true}});
  nested("a", "b");
  nested("b", "c");
  baton({"syncs"});
  const std::string once = expand(file_);
  EXPECT_NE(digest(once), digest(file_));
  EXPECT_EQ(digest(expand(once)), digest(once));
}

TEST_F(Expand, SourcesOfTheConnectorStay) {
  for (const char* name : {"a", "b"}) group(name);
  member("a", "alice", {{"a", false}});
  member("b", "alice", {{"elsewhere", true}});
  member("b", "bob", {{"b", true}, {"elsewhere", true}});
  member("a", "bob");
  nested("a", "b");
  baton({"syncs"});
  const std::string once = expand(file_);
  const std::string json = run_baton({"grants", "-o", "json", "-f", once}).results;
  EXPECT_THAT(json,
              HasSubstr(R"("id":"group:a:member:user:alice","sources":{"sources":{"group:a:member":{}}})"));
  EXPECT_THAT(json, HasSubstr(R"("sources":{"group:a:member":{"isDirect":true},"group:elsewhere:member":)"
                              R"({"isDirect":true}}})"));
  EXPECT_EQ(digest(expand(once)), digest(once));
}

TEST_F(Expand, AnotherModeStartsFromWhatTheConnectorSaid) {
  // Upstream leaves a trace of a cycle on a base grant: bob holds d, and gains it from a, which has no edge
  // to d.
  for (const char* name : {"a", "b", "d"}) group(name);
  member("a", "bob");
  member("d", "bob");
  nested("a", "b", false, "service");
  nested("b", "a");
  nested("b", "d");
  baton({"syncs"});
  const std::string upstream = expand(file_);
  EXPECT_NE(digest(upstream), digest(file_));
  const Outcome strict = run_baton({"expand", "-f", upstream, "--out", out_, "--mode", "strict"});
  ASSERT_EQ(strict.exit, 0) << strict.errors;
  EXPECT_EQ(digest(out_), digest(expand(file_, {"--mode", "strict"})));
  EXPECT_EQ(digest(expand(out_)), digest(upstream));
}

TEST_F(Expand, TheBoundOnRowsIsKept) {
  for (const char* name : {"a", "b"}) group(name);
  member("a", "alice");
  member("a", "bob");
  nested("a", "b");
  const Outcome outcome = baton({"expand", "--out", out_, "--max-rows", "1"});
  EXPECT_EQ(outcome.exit, 8) << outcome.errors;
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(Expand, AGraphThatIsRefusedWritesNothing) {
  for (const char* name : {"a", "b"}) group(name);
  Grant grant = held("b", "service", "robot");
  c1::connector::v2::GrantExpandable expandable;
  expandable.add_entitlement_ids("group:a:member");
  grant.add_annotations()->PackFrom(expandable);
  rows_.add(grant);
  expect_error(baton({"expand", "--out", out_}), 3,
               "source entitlement resource id did not match grant principal id");
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(Expand, NothingStaysBesideTheFile) {
  group("a");
  member("a", "alice");
  const std::string temporary = scratch_ / "tmp";
  std::filesystem::create_directory(temporary);
  const c1z::Environment folder("BATON_TMPDIR", temporary.c_str());
  EXPECT_EQ(baton({"expand", "--out", out_}).exit, 0);
  EXPECT_THAT(scratch_.names(), ElementsAre("in.c1z", "out.c1z", "tmp"));
  EXPECT_TRUE(std::filesystem::is_empty(temporary));
}

TEST_F(Expand, AnExistingFileIsReplacedOnDemandOnlyAndTheInputNever) {
  group("a");
  member("a", "alice");
  expect_error(baton({"expand"}), 2, "--out is required");
  expect_error(baton({"expand", "--out", file_}), 2, "is the file that is read");
  expect_error(baton({"expand", "--out", file_, "--overwrite"}), 2, "is the file that is read");
  std::filesystem::create_hard_link(file_, scratch_ / "link.c1z");
  expect_error(run_baton({"expand", "-f", file_, "--out", scratch_ / "link.c1z", "--overwrite"}), 2,
               "is the file that is read");
  EXPECT_EQ(baton({"expand", "--out", out_}).exit, 0);
  expect_error(baton({"expand", "--out", out_}), 6, "exists; name another, or --overwrite replaces it");
  EXPECT_EQ(baton({"expand", "--out", out_, "--overwrite"}).exit, 0);
  const std::string other = scratch_ / "letter.txt";
  c1z::write_file(other, "a letter to you");
  expect_error(baton({"expand", "--out", other, "--overwrite"}), 9, "is not a c1z file and is not replaced");
  expect_error(baton({"expand", "--out", out_, "--overwrite", "--mode", "best"}), 2,
               "must be upstream or strict, not best");
}

TEST_F(Expand, FilesThatCannotBeExpandedAreRefused) {
  group("a");
  baton({"syncs"});
  expect_error(run_baton({"expand", "-f", scratch_ / "nope.c1z", "--out", out_}), 2, "does not exist");
  const std::string three = scratch_ / "three.c1z";
  c1z::write_file(three, std::string("C1Z3\0", 5) + "\n\n");
  EXPECT_NE(run_baton({"expand", "-f", three, "--out", out_}).exit, 0);
  expect_error(run_baton({"expand", "-f", file_, "--out", scratch_ / "no" + "/folder/out.c1z"}), 5, "folder");
  RawDatabase database(file_);
  database.rows("UPDATE v1_sync_runs SET ended_at = NULL, stats = NULL");
  const std::string unfinished = scratch_ / "unfinished.c1z";
  database.save_as(unfinished);
  const Outcome outcome =
      run_baton({"expand", "-f", unfinished, "--out", out_, "--sync-id", c1z::make_run().sync_id});
  expect_error(outcome, 9, "was never finished");
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(Expand, RowsThatShareAnIdentityAreFoldedAndCounted) {
  group("a");
  member("a", "alice");
  baton({"syncs"});
  RawDatabase database(file_);
  const std::string rest =
      "resource_type_id, resource_id, entitlement_id, principal_resource_type_id, principal_resource_id, "
      "data, "
      "sync_id, discovered_at";
  database.rows("INSERT INTO v1_grants (external_id, " + rest + ") SELECT 'another', " + rest +
                " FROM v1_grants");
  const std::string twice = scratch_ / "twice.c1z";
  database.save_as(twice);
  const Outcome outcome = run_baton({"expand", "-f", twice, "--out", out_});
  EXPECT_EQ(outcome.exit, 0) << outcome.errors;
  EXPECT_THAT(outcome.errors, HasSubstr("1 grants have the entitlement and principal of another one"));
  EXPECT_THAT(grants(out_), testing::SizeIs(1));
}

TEST_F(Expand, JsonSaysWhatWasDone) {
  for (const char* name : {"a", "b"}) group(name);
  member("a", "alice");
  nested("a", "b");
  expanded("b", "bob", "a");
  EXPECT_EQ(baton({"expand", "--out", out_, "-o", "json"}).results,
            R"({"syncId":"3MUTGS9iMbfUzFLf670qZKIi8Ae","grants":"2","dropped":"1","added":"1","changed":"0",)"
            R"("edges":"1","cycles":"0","out":")" +
                out_ + "\"}\n");
}

class Rollback : public Expand {
 protected:
  void SetUp() override {
    Expand::SetUp();
    for (const char* name : {"a", "b"}) group(name);
    member("a", "alice");
    member("a", "bob");
    member("b", "bob");
    nested("a", "b");
  }
  Outcome roll_back(const std::string& file, std::vector<std::string> more) {
    std::vector<std::string> arguments{"rollback-expansion", "-f", file};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_baton(std::move(arguments));
  }
};

TEST_F(Rollback, GivesWhatWasThereBeforeExpansion) {
  baton({"syncs"});
  const std::string expanded = expand(file_);
  const Outcome outcome = roll_back(expanded, {"--out", out_});
  EXPECT_EQ(outcome.exit, 0) << outcome.errors;
  EXPECT_EQ(outcome.errors, "");
  EXPECT_EQ(outcome.results,
            "sync 3MUTGS9iMbfUzFLf670qZKIi8Ae rolled back: deleted 1 expansion-derived grant(s), cleared "
            "sources on 1 direct grant(s); wrote " +
                out_ + "\n");
  EXPECT_EQ(digest(out_), digest(file_));
  EXPECT_EQ(RawDatabase(out_).one("SELECT sync_token FROM v1_sync_runs"), R"({"needs_expansion":true})");
  EXPECT_EQ(digest(expand(out_)), digest(expanded));
}

TEST_F(Rollback, ADryRunOnlyCounts) {
  baton({"syncs"});
  const std::string expanded = expand(file_);
  EXPECT_EQ(roll_back(expanded, {"--dry-run"}).results,
            "dry-run: sync 3MUTGS9iMbfUzFLf670qZKIi8Ae — would delete 1 expansion-derived grant(s) and clear "
            "sources on 1 direct grant(s)\n");
  EXPECT_EQ(roll_back(expanded, {"--dry-run", "-o", "json"}).results,
            R"({"syncId":"3MUTGS9iMbfUzFLf670qZKIi8Ae","deleted":"1","cleared":"1","dryRun":true})"
            "\n");
}

TEST_F(Rollback, AReplayIsValidated) {
  baton({"syncs"});
  const std::string expanded = expand(file_);
  const Outcome outcome = roll_back(expanded, {"--out", out_, "--replay", "--validate"});
  EXPECT_EQ(outcome.exit, 0) << outcome.errors;
  EXPECT_THAT(outcome.results, HasSubstr("; replayed expansion\n"));
  EXPECT_THAT(outcome.results,
              HasSubstr("validation: 5 grant source set(s) identical before and after replay\n"));
  EXPECT_EQ(digest(out_), digest(expanded));
  EXPECT_EQ(RawDatabase(out_).one("SELECT sync_token FROM v1_sync_runs"), R"({"version":1})");
}

TEST_F(Rollback, AReplayThatGivesSomethingElseFailsAndWritesNothing) {
  // Of a source that is gone since.
  expanded("a", "carol", "b");
  const Outcome outcome = baton({"rollback-expansion", "--out", out_, "--replay", "--validate"});
  expect_error(outcome, 2, "validation: the sources of ");
  EXPECT_THAT(outcome.errors, HasSubstr("such as group:a:member:user:carol"));
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(Rollback, SuspectsAreDeletedUnlessPreserved) {
  member("b", "carol", {{"a", true}});
  Outcome outcome = baton({"rollback-expansion", "--out", out_});
  EXPECT_THAT(outcome.results, HasSubstr("deleted 1 expansion-derived grant(s)"));
  EXPECT_THAT(outcome.errors, HasSubstr("1 of these grants are not immutable"));
  outcome = baton({"rollback-expansion", "--out", out_, "--overwrite", "--preserve-suspect-grants"});
  EXPECT_THAT(outcome.results, HasSubstr("deleted 0 expansion-derived grant(s)"));
  EXPECT_THAT(outcome.errors, HasSubstr("they were kept"));
  EXPECT_THAT(run_baton({"grants", "-o", "json", "-f", out_}).results, HasSubstr("carol"));
}

TEST_F(Rollback, FlagsThatDoNotGoTogetherAreRefused) {
  expect_error(baton({"rollback-expansion"}), 2, "--out is required");
  expect_error(baton({"rollback-expansion", "--out", out_, "--validate"}), 2, "--validate needs --replay");
  expect_error(baton({"rollback-expansion", "--out", out_, "--dry-run"}), 2, "--dry-run writes nothing");
  expect_error(baton({"rollback-expansion", "--out", file_}), 2, "is the file that is read");
}

}  // namespace
}  // namespace baton::cli
