#include "storage/c1z/grant_origin.hpp"

#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "unit/c1z/memory_rows.hpp"
#include "unit/c1z/scratch.hpp"

namespace baton::c1z {
namespace {

StoredGrant stored(const std::vector<std::string>& sources, bool immutable) {
  StoredGrant stored;
  stored.grant = make_grant("group", "g", "u");
  for (const std::string& source : sources) (*stored.grant.mutable_sources()->mutable_sources())[source];
  if (immutable) stored.grant.add_annotations()->PackFrom(c1::connector::v2::GrantImmutable());
  return stored;
}

TEST(GrantOrigin, IsToldBySourcesAndImmutability) {
  EXPECT_EQ(origin_of(stored({}, false)), GrantOrigin::kConnector);
  EXPECT_EQ(origin_of(stored({}, true)), GrantOrigin::kConnector);
  EXPECT_EQ(origin_of(stored({"group:g:member", "x"}, true)), GrantOrigin::kConnector);
  EXPECT_EQ(origin_of(stored({"x"}, true)), GrantOrigin::kExpansion);
  EXPECT_EQ(origin_of(stored({"x"}, false)), GrantOrigin::kSuspect);
}

TEST(GrantOrigin, AnExpandableGrantIsNotTakenForExpansions) {
  StoredGrant grant = stored({"x"}, true);
  grant.expansion = "said";
  EXPECT_EQ(origin_of(grant), GrantOrigin::kSuspect);
}

TEST(GrantOrigin, DirectIsWhatNamesItselfOrNothing) {
  EXPECT_TRUE(is_direct(stored({}, false).grant));
  EXPECT_TRUE(is_direct(stored({"group:g:member"}, false).grant));
  EXPECT_FALSE(is_direct(stored({"x"}, false).grant));
}

TEST(GrantFilter, ExpandableGrantsCanBeAskedForAlone) {
  const Scratch scratch;
  const std::string path = scratch / "in.c1z";
  MemoryRows rows;
  add_small_directory(rows);
  ASSERT_TRUE(write_v1(make_options(path), make_run(), rows).ok());
  const auto reader = open_reader(path);
  ASSERT_TRUE(reader.ok()) << reader.status();
  GrantFilter filter;
  filter.expandable = true;
  std::vector<std::string> ids;
  const absl::Status status = (*reader)->for_each_grant(filter, [&](const StoredGrant& grant) {
    ids.push_back(grant.grant.id());
    EXPECT_FALSE(grant.expansion.empty());
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(ids, std::vector<std::string>{"group:g1:member:group:g2"});
}

}  // namespace
}  // namespace baton::c1z
