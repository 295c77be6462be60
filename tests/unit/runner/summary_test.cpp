#include "runner/summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "program.hpp"
#include "runner/summary_json.hpp"
#include "sdk/json_text.hpp"

namespace baton::runner {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

actors::SyncSummary::Entry entry(std::uint64_t rows, std::uint64_t pages) {
  actors::SyncSummary::Entry entry;
  entry.rows = rows;
  entry.pages = pages;
  return entry;
}

actors::SyncOutcome finished() {
  actors::SyncOutcome outcome;
  actors::SyncSummary& summary = outcome.summary;
  summary.sync_id = "2Ab";
  summary.entries[{1, ""}] = entry(4, 1);
  summary.entries[{2, "group"}] = entry(1'000, 5);
  summary.entries[{2, "user"}] = entry(20'000, 100);
  summary.entries[{3, "group"}] = entry(0, 1);
  summary.entries[{3, "user"}] = entry(0, 2);
  summary.entries[{5, "group"}] = entry(50'000, 1'000);
  summary.pages = 1'109;
  summary.collect = milliseconds(500);
  summary.expand = milliseconds(250);
  summary.export_time = milliseconds(1'500);
  summary.total = milliseconds(2'400);
  summary.peak_after_collect = 100 << 20;
  summary.peak_after_expand = 120 << 20;
  summary.peak_after_export = 150 << 20;
  summary.calls = 1'109;
  summary.expansion.rows_added = 125'000;
  summary.expansion.rows_changed = 21;
  summary.resource_types = 4;
  summary.resources = 21'000;
  summary.entitlements = 1;
  summary.grants = 175'000;
  summary.path = "out/sync.c1z";
  summary.bytes = 9 << 20;
  return outcome;
}

RequestTotals some_requests() {
  RequestTotals totals;
  totals.requests = 1'200;
  totals.bytes_received = 7 << 20;
  totals.permit_wait = milliseconds(420);
  return totals;
}

TEST(SummaryTest, ALimitIsShownWhenItTookPart) {
  RequestTotals requests = some_requests();
  requests.limits.emplace_back("http://quiet:80", sync::RateUse());
  requests.limits.emplace_back("https://busy:443", sync::RateUse());
  sync::RateUse& use = requests.limits.back().use;
  use.started = 1'208;
  use.limit = 150;
  use.remaining = 12;
  use.held = std::chrono::seconds(21);
  use.refusals = 2;
  const std::string text = summary_text(finished(), requests);
  EXPECT_THAT(text,
              HasSubstr("  limit     https://busy:443: 1,208 requests, 12 of 150 left, held for 21.0 s, "
                        "2 refusals\n"));
  EXPECT_THAT(text, Not(HasSubstr("quiet")));
  EXPECT_THAT(summary_json(finished(), requests),
              HasSubstr(R"({"key":"https://busy:443","requests":1208,"refusals":2,"held_ns":21000000000,)"
                        R"("limit":150,"remaining":12})"));
}

TEST(SummaryTest, AFinishedSyncSaysWhatItDid) {
  EXPECT_EQ(summary_text(finished(), some_requests()),
            R"(sync 2Ab

  phase                     type                rows  pages
  list-resource-types       -                      4      1
  list-resources            group              1,000      5
  list-resources            user              20,000    100
  list-static-entitlements  (2 without rows)       0      3
  list-grants               group             50,000  1,000
  total                                       71,004  1,109

  collect   0.50 s, 142,008 rows/s, peak memory 100.0 MiB
  expand    0.25 s, 125,000 grants added, 21 changed, peak memory 120.0 MiB
  export    1.50 s, peak memory 150.0 MiB
  total     2.40 s
  requests  1,200, 7.0 MiB received
  waits     0.42 s for permits; summed over all that wait at once
  file      out/sync.c1z, 9.0 MiB: 4 resource types, 21,000 resources, 1 entitlement, 175,000 grants
)");
}

TEST(SummaryTest, AnExpansionSaysWhatItsGraphWas) {
  actors::SyncOutcome outcome = finished();
  actors::ExpansionStatistics& expansion = outcome.summary.expansion;
  expansion.edges = 1'234;
  expansion.components = 1'100;
  expansion.cycles = 1;
  expansion.cycle_example = {"a", "b\n", "c"};
  expansion.largest = {{"role:r1:assigned", 12'000}, {"group:g7:member", 90}};
  EXPECT_THAT(summary_text(outcome, some_requests()), HasSubstr(R"(
  graph     1,234 edges, 1,100 components, 1 cycle
  cycle     e.g. a -> b -> c -> a
  largest   destinations, by rows added and changed
    12,000  role:r1:assigned
        90  group:g7:member
  requests )"));
  expansion.cycle_example.assign(2'000, "x");
  EXPECT_THAT(summary_text(outcome, some_requests()), HasSubstr("x -> x -> x -> x -> x -> 1,995 more\n"));
}

TEST(SummaryTest, AResumedSyncSaysWhatWasThereAndWhatIsAskedAgain) {
  actors::SyncOutcome outcome = finished();
  actors::SyncSummary& summary = outcome.summary;
  summary.resumed = true;
  summary.resumed_pages = 500;
  summary.resumed_cursors_left = 30;
  summary.asked_again = 1;
  summary.retries = 1;
  summary.retry_wait = milliseconds(2'000);
  summary.conflicts = 3;
  summary.skipped_invalid = 2;
  summary.dropped_by_filter = 1;
  summary.expansions_dropped = 4;
  for (int i = 0; i < 12; ++i) summary.warnings.push_back("odd\nthing " + std::to_string(i));
  RequestTotals totals = some_requests();
  totals.retries = 7;
  totals.retry_wait = milliseconds(900);
  const std::string text = summary_text(outcome, totals);
  EXPECT_THAT(text, HasSubstr("\n  resumed   500 pages were there already, 30 lists were left; at most 1 "
                              "page that was in flight asked for again\n"));
  // An earlier process collected a part of the rows, so there is no rate.
  EXPECT_THAT(text, HasSubstr("\n  collect   0.50 s, peak memory"));
  EXPECT_THAT(text, HasSubstr("\n  requests  1,200 (7 of them again), 7.0 MiB received\n"));
  EXPECT_THAT(text, HasSubstr("\n  waits     0.42 s for permits, 0.90 s to repeat requests, 2.00 s to repeat "
                              "pages (1 retry); summed"));
  EXPECT_THAT(text, HasSubstr("\n  conflicts 3 rows had an identity that was seen before; the later won\n"));
  EXPECT_THAT(text, HasSubstr("\n  skipped   2 rows that cannot be\n"));
  EXPECT_THAT(text, HasSubstr("\n  dropped   1 row of types that are not synced\n"));
  EXPECT_THAT(text, HasSubstr("\n  dropped   4 expansions of grants whose source is not there\n"));
  EXPECT_THAT(text, HasSubstr("\n  warnings  12\n    odd thing 0\n"));
  EXPECT_THAT(text, HasSubstr("\n    odd thing 9\n    ... and 2 more\n"));
}

TEST(SummaryTest, CallsOfTheConnectorAndItsOwnWaits) {
  actors::SyncOutcome outcome = finished();
  actors::SyncSummary& summary = outcome.summary;
  actors::CallTotals& grants = summary.calls_by_method["list-grants"];
  grants.count = 1'002;
  grants.failed = 2;
  grants.total = milliseconds(60'000);
  grants.longest = milliseconds(1'500);
  summary.calls_by_method["validate"].count = 1;
  summary.reported_waits["user"] = milliseconds(250);
  summary.reported_waits["group"] = milliseconds(500);
  summary.session_store["get"].count = 4;
  const std::string text = summary_text(outcome, some_requests());
  EXPECT_THAT(
      text, HasSubstr("\n  calls     1,003 (2 of them failed) of the connector, 1 m 00 s in all, the longest "
                      "1.50 s (list-grants)\n"));
  EXPECT_THAT(text, HasSubstr("0.75 s that the connector slept; summed"));
  const std::string json = summary_json(outcome, some_requests());
  sdk::JsonReader reader(json);
  EXPECT_TRUE(reader.skip());
  EXPECT_TRUE(reader.finish()) << reader.error();
  EXPECT_THAT(json, HasSubstr(R"("calls_by_method":{"list-grants":{"count":1002,"total_ns":60000000000,)"
                              R"("longest_ns":1500000000,"failed":2},"validate":{"count":1,)"));
  EXPECT_THAT(json, HasSubstr(R"("reported_wait_ns":{"group":500000000,"user":250000000},)"
                              R"("session_store":{"get":{"count":4,)"));
}

TEST(SummaryTest, AnUnfinishedSyncShowsNoFile) {
  actors::SyncOutcome outcome = finished();
  outcome.status = absl::CancelledError("interrupted");
  outcome.summary.expand = outcome.summary.export_time = {};
  const std::string text = summary_text(outcome, some_requests());
  EXPECT_THAT(text, testing::StartsWith("sync 2Ab is not complete\n"));
  EXPECT_THAT(text, Not(HasSubstr("out/sync.c1z")));
  EXPECT_THAT(text, Not(HasSubstr("  expand")));
}

TEST(SummaryTest, TotalsAddUpOverClients) {
  http::ClientCounters one;
  one.requests = 3;
  one.permit_wait_ns = 5;
  http::ClientCounters other;
  other.requests = 4;
  other.bytes_received = 9;
  RequestTotals totals;
  totals.add(one);
  totals.add(other);
  EXPECT_EQ(totals.requests, 7u);
  EXPECT_EQ(totals.bytes_received, 9u);
  EXPECT_EQ(totals.permit_wait.count(), 5);
}

TEST(SummaryJsonTest, HoldsEveryFigureAsAnInteger) {
  actors::SyncOutcome outcome = finished();
  outcome.status = absl::UnavailableError("no \"answer\"");
  outcome.resumable = true;
  outcome.summary.warnings = {"one", "two"};
  outcome.summary.expansion.edges = 2;
  outcome.summary.expansion.cycle_example = {"a", "b"};
  outcome.summary.expansion.largest = {{"role", 7}};
  const std::string json = summary_json(outcome, some_requests());
  sdk::JsonReader reader(json);
  EXPECT_TRUE(reader.skip());
  EXPECT_TRUE(reader.finish()) << reader.error();
  for (const char* part : {R"("sync_id":"2Ab")",
                           R"("exit_code":14)",
                           R"("error":"no \"answer\"")",
                           R"("resumable":true)",
                           R"({"phase":"list-resources","resource_type":"user","rows":20000,"pages":100})",
                           R"("rows":71004)",
                           R"("pages":1109)",
                           R"("collect_ns":500000000)",
                           R"("export_ns":1500000000)",
                           R"("peak_after_export":157286400)",
                           R"("requests":1200)",
                           R"("permit_wait_ns":420000000)",
                           R"("resumed":false)",
                           R"("asked_again":0)",
                           R"("grants_added":125000)",
                           R"("expansion":{"edges":2,)",
                           R"("cycle_example":["a","b"])",
                           R"("largest":[{"entitlement":"role","rows":7}])",
                           R"("file":"out/sync.c1z")",
                           R"("file_bytes":9437184)",
                           R"("warnings":["one","two"])"}) {
    EXPECT_THAT(json, HasSubstr(part));
  }
}

TEST(SummaryJsonTest, ReplacesItsFile) {
  const ScratchFolder folder;
  const std::string path = folder.file("s.json");
  ASSERT_TRUE(write_summary_json(path, actors::SyncOutcome(), RequestTotals()).ok());
  ASSERT_TRUE(write_summary_json(path, finished(), some_requests()).ok());
  EXPECT_EQ(folder.read("s.json"), summary_json(finished(), some_requests()));
  struct stat facts {};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  const absl::Status failed = write_summary_json(folder.file("no/s.json"), finished(), some_requests());
  EXPECT_THAT(std::string(failed.message()), HasSubstr("no/s.json: No such file or directory"));
}

}  // namespace
}  // namespace baton::runner
