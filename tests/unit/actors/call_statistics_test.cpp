#include "actors/call_statistics.hpp"

#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_ratelimit.pb.h"
#include "c1/connector/v2/annotation_session.pb.h"

namespace baton::actors {
namespace {

namespace v2 = c1::connector::v2;
using std::chrono::hours;
using std::chrono::milliseconds;

using Annotations = google::protobuf::RepeatedPtrField<google::protobuf::Any>;

Annotations waited(std::int64_t milliseconds) {
  v2::RateLimitWaitReport report;
  report.set_wait_ms(milliseconds);
  Annotations annotations;
  annotations.Add()->PackFrom(report);
  return annotations;
}

SyncSummary summary_of(const CallStatistics& statistics) {
  SyncSummary summary;
  statistics.copy_to(summary);
  return summary;
}

TEST(CallStatisticsTest, adds_calls_up_by_method) {
  CallStatistics statistics;
  statistics.add("list-grants", milliseconds(20), true);
  statistics.add("list-grants", milliseconds(50), false);
  statistics.add("validate", milliseconds(1), true);
  const SyncSummary summary = summary_of(statistics);
  ASSERT_EQ(summary.calls_by_method.size(), 2U);
  const CallTotals& grants = summary.calls_by_method.at("list-grants");
  EXPECT_EQ(grants.count, 2U);
  EXPECT_EQ(grants.failed, 1U);
  EXPECT_EQ(grants.total, milliseconds(70));
  EXPECT_EQ(grants.longest, milliseconds(50));
}

TEST(CallStatisticsTest, takes_no_wait_for_less_than_nothing_or_for_more_than_a_day) {
  CallStatistics statistics;
  statistics.read(waited(1'500), "user");
  statistics.read(waited(500), "user");
  statistics.read(waited(-7), "group");
  statistics.read(waited(std::int64_t{1} << 60), "role");
  const SyncSummary summary = summary_of(statistics);
  ASSERT_EQ(summary.reported_waits.size(), 2U);
  EXPECT_EQ(summary.reported_waits.at("user"), milliseconds(2'000));
  EXPECT_EQ(summary.reported_waits.at("role"), hours(24));
}

TEST(CallStatisticsTest, adds_up_the_use_of_the_session_store_and_bounds_what_it_remembers) {
  CallStatistics statistics;
  v2::SessionStoreUsage usage;
  v2::SessionStoreUsage::OpStats& op = *usage.add_ops();
  op.set_op("get");
  op.set_count(3);
  op.set_errors(1);
  op.set_timeouts(-5);
  op.set_total_ms(12);
  op.set_max_ms(9);
  Annotations annotations;
  annotations.Add()->PackFrom(usage);
  statistics.read(annotations, "");
  statistics.read(annotations, "user");
  for (int i = 0; i < 1'000; ++i) usage.add_ops()->set_op("op" + std::to_string(i));
  annotations.Add()->PackFrom(usage);
  annotations.Add()->set_type_url("type.googleapis.com/c1.connector.v2.SessionStoreUsage");
  annotations.rbegin()->set_value("\xff");
  statistics.read(annotations, "");
  const SyncSummary summary = summary_of(statistics);
  EXPECT_LE(summary.session_store.size(), 100U);
  const SessionTotals& get = summary.session_store.at("get");
  EXPECT_EQ(get.count, 12U);
  EXPECT_EQ(get.errors, 4U);
  EXPECT_EQ(get.timeouts, 0U);
  EXPECT_EQ(get.total, milliseconds(48));
  EXPECT_EQ(get.longest, milliseconds(9));
}

}  // namespace
}  // namespace baton::actors
