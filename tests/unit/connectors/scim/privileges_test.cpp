#include "connectors/scim/privileges.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/connectors/json_text.hpp"

namespace baton::connectors::scim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> read(std::string_view text, bool snake_ids) {
  auto json = answer(text);
  EXPECT_TRUE(json.ok()) << json.status();
  const auto privileges = read_privileges(http::json_root(*json), "roles", snake_ids);
  EXPECT_TRUE(privileges.ok()) << privileges.status();
  std::vector<std::string> result;
  for (const Privilege& privilege : *privileges) {
    result.push_back(privilege.id + "|" + std::string(privilege.name) + "|" + std::string(privilege.display));
  }
  return result;
}

TEST(ReadPrivileges, takes_lists_and_single_entries_objects_and_texts) {
  EXPECT_THAT(
      read(R"({"roles":[{"value":"TeamLead","display":"Leads","primary":true},{"value":"ops"},"x Y"]})",
           true),
      ElementsAre("team_lead|TeamLead|Leads", "ops|ops|ops", "x_y|x Y|x Y"));
  EXPECT_THAT(read(R"({"roles":{"value":"Admin"}})", true), ElementsAre("admin|Admin|Admin"));
  EXPECT_THAT(read(R"({"roles":"Admin"})", false), ElementsAre("Admin|Admin|Admin"));
  EXPECT_THAT(read(R"({"roles":[{"display":"Only shown"}]})", false),
              ElementsAre("Only shown|Only shown|Only shown"));
}

TEST(ReadPrivileges, leaves_out_what_has_no_value) {
  EXPECT_THAT(read(R"({"roles":[{"type":"x"},{"value":""},null,[],{"value":null}]})", true), IsEmpty());
  EXPECT_THAT(read(R"({"roles":null})", true), IsEmpty());
  EXPECT_THAT(read(R"({})", true), IsEmpty());
}

TEST(SnakeCase, breaks_where_upstream_does) {
  EXPECT_EQ(snake_case("Admin"), "admin");
  EXPECT_EQ(snake_case("TeamLead"), "team_lead");
  EXPECT_EQ(snake_case("Sales-Team 2B"), "sales_team_2b");
  EXPECT_EQ(snake_case("level3"), "level_3");
  EXPECT_EQ(snake_case("a.b c"), "a_b_c");
  EXPECT_EQ(snake_case("already_snake"), "already_snake");
  EXPECT_EQ(snake_case("Älter"), "Älter");
  EXPECT_EQ(snake_case(""), "");
}

}  // namespace
}  // namespace baton::connectors::scim
