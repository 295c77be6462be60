#include "storage/c1z/expandable.hpp"

#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_grant.pb.h"

namespace baton::c1z {
namespace {

using c1::connector::v2::Grant;
using c1::connector::v2::GrantExpandable;

Grant grant_with(const std::vector<std::vector<std::string>>& expandables) {
  Grant grant;
  grant.add_annotations()->PackFrom(c1::connector::v2::GrantImmutable());
  for (const auto& ids : expandables) {
    GrantExpandable expandable;
    for (const std::string& id : ids) expandable.add_entitlement_ids(id);
    grant.add_annotations()->PackFrom(expandable);
  }
  return grant;
}

TEST(Expandable, AllAreTakenAndTheFirstCounts) {
  Grant grant = grant_with({{"a", " "}, {"b"}});
  EXPECT_TRUE(has_expandable(grant));
  GrantExpandable taken;
  ASSERT_TRUE(taken.ParseFromString(take_expandable(grant)));
  ASSERT_EQ(taken.entitlement_ids_size(), 2);
  EXPECT_EQ(taken.entitlement_ids(0), "a");
  ASSERT_EQ(grant.annotations_size(), 1);
  EXPECT_FALSE(has_expandable(grant));
}

TEST(Expandable, OneOfBlankIdsIsLost) {
  Grant grant = grant_with({{" ", "\t"}});
  EXPECT_FALSE(has_expandable(grant));
  EXPECT_EQ(take_expandable(grant), "");
  EXPECT_EQ(grant.annotations_size(), 1);
}

TEST(Expandable, IsKnownByItsNameWhateverThePrefix) {
  Grant grant = grant_with({{"a"}});
  grant.mutable_annotations(1)->set_type_url("example.com/types/c1.connector.v2.GrantExpandable");
  EXPECT_NE(take_expandable(grant), "");
  EXPECT_EQ(grant.annotations_size(), 1);
}

TEST(Expandable, RestoringAppendsIt) {
  const Grant original = grant_with({{"a"}});
  Grant grant = original;
  restore_expandable(grant, take_expandable(grant));
  EXPECT_EQ(grant.SerializeAsString(), original.SerializeAsString());
  restore_expandable(grant, "");
  EXPECT_EQ(grant.annotations_size(), 2);
}

}  // namespace
}  // namespace baton::c1z
