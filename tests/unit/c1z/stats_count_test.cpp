#include "storage/c1z/stats_count.hpp"

#include <gtest/gtest.h>

namespace baton::c1z {
namespace {

TEST(StatsCount, KnownTypesAreListedWithZeroAndUnknownOnesAreNotCounted) {
  StatsCount count;
  count.add_resource_type("user");
  count.add_resource_type("group");
  count.add_resource("user");
  count.add_resource("user");
  count.add_resource("ghost");
  count.add_entitlement("group");
  count.add_grant("group");
  count.add_grant("other");
  count.add_grant("group");
  EXPECT_EQ(
      stats_text(count.stats("full")),
      R"({"resource_types":2,"resources":2,"entitlements":1,"grants":3,)"
      R"("resources_by_resource_type":{"group":0,"user":2},"grants_by_resource_type":{"group":2,"other":1},)"
      R"("entitlements_by_resource_type":{"group":1}})");
}

TEST(StatsCount, ResourcesOnlySyncsHaveNoOtherCounts) {
  StatsCount count;
  count.add_resource_type("user");
  count.add_resource("user");
  count.add_grant("user");
  EXPECT_EQ(stats_text(count.stats("resources_only")),
            R"({"resource_types":1,"resources":1,"resources_by_resource_type":{"user":1}})");
}

TEST(StatsCount, AnEmptySyncIsAnEmptyObject) {
  EXPECT_EQ(stats_text(StatsCount().stats("full")), "{}");
}

TEST(StatsText, EscapesAsGoDoesAndKeepsEveryMember) {
  c1::reader::v2::SyncStats stats;
  stats.set_assets(3);
  (*stats.mutable_step_durations_ms())["a<b>&\"\\\n\t\r\x01\xE2\x80\xA8\xE2\x80\xA9"] = -5;
  auto& call = (*stats.mutable_connector_call_stats())["list"];
  call.set_count(2);
  call.set_total_ms(30);
  call.set_max_ms(20);
  call.set_errors(1);
  call.set_timeouts(1);
  (*stats.mutable_session_store_stats())["get"];
  EXPECT_EQ(
      stats_text(stats),
      R"({"assets":3,"step_durations_ms":{"a\u003cb\u003e\u0026\"\\\n\t\r\u0001\u2028\u2029":-5},)"
      R"("connector_call_stats":{"list":{"count":2,"total_ms":30,"max_ms":20,"errors":1,"timeouts":1}},)"
      R"("session_store_stats":{"get":{}}})");
}

}  // namespace
}  // namespace baton::c1z
