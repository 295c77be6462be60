#include "sync/warnings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton::sync {
namespace {

TEST(WarningShare, ends_a_sync_with_more_than_ten_warnings_that_are_more_than_a_tenth) {
  struct Case {
    std::uint64_t warnings;
    std::uint64_t cursors;
    bool ok;
  };
  const Case cases[] = {
      {0, 0, true},      {1, 1, true},      {10, 10, true},  {10, 11, true},   {11, 11, false},
      {11, 109, false},  {11, 110, true},   {11, 111, true}, {12, 119, false}, {12, 120, true},
      {100, 999, false}, {100, 1000, true}, {5, 4, true},
  };
  for (const Case& one : cases) {
    const absl::Status status = check_warning_share(one.warnings, one.cursors);
    EXPECT_EQ(status.ok(), one.ok) << one.warnings << " of " << one.cursors;
    if (!one.ok) {
      EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
      EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("--restart"));
    }
  }
}

TEST(DroppedCursor, says_what_was_given_up_and_why) {
  c1::connector::v2::ResourceId id;
  id.set_resource_type("group");
  id.set_resource("g1");
  Cursor cursor = resource_cursor(Operation::kListGrants, id, false);
  cursor.set_page_token("p2");
  cursor.set_page(1);
  const auto row = dropped_cursor(cursor, absl::NotFoundError("no such group"));
  EXPECT_EQ(row.code(), "not-found");
  EXPECT_EQ(row.phase(), 5U);
  EXPECT_EQ(row.resource_type_id(), "group");
  EXPECT_EQ(row.resource_id(), "g1");
  EXPECT_EQ(row.page_token(), "p2");
  EXPECT_THAT(row.message(),
              ::testing::AllOf(::testing::HasSubstr("group/g1"), ::testing::HasSubstr("page 2"),
                               ::testing::HasSubstr("no such group")));
}

}  // namespace
}  // namespace baton::sync
