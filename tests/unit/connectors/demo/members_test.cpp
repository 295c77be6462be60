#include "connectors/demo/members.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "connectors/demo/types.hpp"
#include "unit/connectors/json_text.hpp"

namespace baton::connectors::demo {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ReadPrincipals, grants_users_directly_and_groups_expandably) {
  auto json = answer(R"({"items":[{"type":"user","id":"u-1"},{"type":"group","id":"g-2"}],"next":null})");
  ASSERT_TRUE(json.ok()) << json.status();
  sdk::Page<v2::Grant> page;
  ASSERT_TRUE(read_principals(*json, sdk::ResourceRef(kGroup, "g-1"), kMember, page).ok());
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page.row(0).id(), "group:g-1:member:user:u-1");
  EXPECT_EQ(page.row(0).entitlement().id(), "group:g-1:member");
  EXPECT_TRUE(page.row(0).annotations().empty());
  const v2::Grant& nested = page.row(1);
  EXPECT_EQ(nested.id(), "group:g-1:member:group:g-2");
  ASSERT_EQ(nested.annotations_size(), 1);
  v2::GrantExpandable expandable;
  ASSERT_TRUE(nested.annotations(0).UnpackTo(&expandable));
  EXPECT_THAT(expandable.entitlement_ids(), ElementsAre("group:g-2:member"));
  EXPECT_THAT(expandable.resource_type_ids(), ElementsAre("user"));
  EXPECT_FALSE(expandable.shallow());
}

TEST(ReadPrincipals, refuses_a_principal_of_another_kind) {
  auto json = answer(R"({"items":[{"type":"user","id":"u"},{"type":"robot","id":"r"}]})");
  ASSERT_TRUE(json.ok());
  sdk::Page<v2::Grant> page;
  const absl::Status read = read_principals(*json, sdk::ResourceRef(kRole, "r-1"), kAssigned, page);
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(std::string(read.message()), HasSubstr("$.items[1]"));
}

}  // namespace
}  // namespace baton::connectors::demo
