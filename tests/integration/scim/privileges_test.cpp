#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "odd_service.hpp"

namespace baton::connectors::scim {
namespace {

using ::testing::IsSupersetOf;
using ::testing::UnorderedElementsAre;

class ScimPrivileges : public OddServiceTest {};

TEST_F(ScimPrivileges, are_collected_from_all_pages_of_users) {
  for (int number = 1; number <= 25; ++number) {
    std::string row = R"({"id":"u)" + std::to_string(number) + "\"";
    if (number % 8 == 0) row += R"(,"roles":[{"value":"TeamLead"},{"value":"TeamLead","primary":true}])";
    if (number == 25) row += R"(,"roles":["Auditor"],"entitlements":[{"value":"E5","display":"Plan E5"}])";
    users_.push_back(row + "}");
  }
  const Found found = sync();
  ASSERT_TRUE(found.status.ok()) << found.status;
  EXPECT_THAT(found.resources, IsSupersetOf({"role/team_lead", "role/auditor", "entitlement/E5"}));
  EXPECT_EQ(count_of(found.resources, "role/"), 2U);
  EXPECT_EQ(count_of(found.resources, "entitlement/"), 1U);
  EXPECT_THAT(found.grants,
              UnorderedElementsAre("role:team_lead:member:user:u8", "role:team_lead:member:user:u16",
                                   "role:team_lead:member:user:u24", "role:auditor:member:user:u25",
                                   "entitlement:E5:member:user:u25"));
}

TEST_F(ScimPrivileges, a_service_without_any_has_none) {
  users_ = plain("u", 5);
  const Found found = sync();
  ASSERT_TRUE(found.status.ok()) << found.status;
  EXPECT_EQ(count_of(found.resources, "role/"), 0U);
  EXPECT_TRUE(found.grants.empty());
}

}  // namespace
}  // namespace baton::connectors::scim
