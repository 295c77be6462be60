#include "expansion/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace baton::expansion {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(WarningText, IsEmptyWhenNothingWasDropped) {
  GraphReport report;
  report.edges = 5;
  report.self_loops = 1;
  EXPECT_EQ(warning_text(report), "");
}

TEST(WarningText, IsOneLineWithCountsAndExamples) {
  GraphReport report;
  report.edges = 7;
  report.edges_source_missing = 2;
  report.edges_destination_missing = 1;
  report.distinct_missing_ids = 2;
  report.missing_examples = {"ghost", "new\nline"};
  report.cycles = 1;
  report.cycle_example = {"a", "b"};
  EXPECT_EQ(
      warning_text(report),
      "expansion dropped 3 of 10 edges: 2 with a missing source entitlement, 1 with a missing destination "
      "entitlement; 2 distinct missing ids, e.g. \"ghost\", \"new\\nline\"; expansion collapsed 1 cycle of "
      "entitlements, e.g. \"a\" -> \"b\"");
}

TEST(WarningText, CutsALongCycleAndSaysSo) {
  GraphReport report;
  report.cycles = 2;
  for (int i = 0; i < 100; ++i) report.cycle_example.push_back("e" + std::to_string(i));
  EXPECT_THAT(warning_text(report), HasSubstr("\"e24\" and 75 more"));
}

TEST(Quoted, CutsALongIdBetweenCharacters) {
  std::string id(199, 'x');
  id += "\xc3\xa9";
  EXPECT_EQ(quoted_id(id), "\"" + std::string(199, 'x') + "…\"");
  EXPECT_EQ(quoted_id("\xc3\xa9"), "\"\xc3\xa9\"");
}

TEST(Statistics, KeepsTheTenLargestDestinations) {
  Statistics statistics;
  for (EntitlementIndex destination = 0; destination < 20; ++destination) {
    statistics.count(destination, destination % 7, destination % 2);
  }
  EXPECT_EQ(statistics.destinations, 20U);
  EXPECT_EQ(statistics.rows_synthesised, 2U * 21U + 15U);
  EXPECT_EQ(statistics.rows_changed, 10U);
  ASSERT_THAT(statistics.largest, SizeIs(10));
  EXPECT_EQ(statistics.largest[0].entitlement, 13U);
  EXPECT_EQ(statistics.largest[0].rows, 7U);
  EXPECT_EQ(statistics.largest[1].entitlement, 5U) << "ties by index";
  EXPECT_EQ(statistics.largest[2].entitlement, 6U);
}

TEST(Statistics, ADestinationWithoutRowsIsNotAmongTheLargest) {
  Statistics statistics;
  statistics.count(3, 0, 0);
  EXPECT_THAT(statistics.largest, SizeIs(0));
  EXPECT_EQ(statistics.destinations, 1U);
}

}  // namespace
}  // namespace baton::expansion
