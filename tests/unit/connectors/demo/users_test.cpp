#include "connectors/demo/users.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_trait.pb.h"
#include "unit/connectors/json_text.hpp"

namespace baton::connectors::demo {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::HasSubstr;

constexpr std::string_view kUsers = R"({"items":[
  {"id":"u-1","login":"zoe","email":"zoe@example.com","first_name":"Zoë","last_name":"Ångström",
   "department":"Sales","title":"Lead","status":"active","type":"human",
   "created_at":"2024-01-02T03:04:05Z","last_login":"2025-02-03T04:05:06Z"},
  {"id":"u-2","login":"bot","status":"disabled","type":"service","created_at":"2024-01-02T03:04:05Z"}
 ],"next":"c2"})";

v2::UserTrait trait_of(const v2::Resource& row) {
  v2::UserTrait trait;
  for (const auto& any : row.annotations()) {
    if (any.Is<v2::UserTrait>()) any.UnpackTo(&trait);
  }
  return trait;
}

TEST(ReadUsers, fills_the_guides_fields) {
  auto json = answer(kUsers);
  ASSERT_TRUE(json.ok()) << json.status();
  sdk::Page<v2::Resource> page;
  const absl::Status read = read_users(*json, page);
  ASSERT_TRUE(read.ok()) << read;
  ASSERT_EQ(page.size(), 2U);
  const v2::Resource& zoe = page.row(0);
  EXPECT_EQ(zoe.id().resource_type(), "user");
  EXPECT_EQ(zoe.id().resource(), "u-1");
  EXPECT_EQ(zoe.display_name(), "Zoë Ångström");
  const v2::UserTrait trait = trait_of(zoe);
  ASSERT_EQ(trait.emails_size(), 1);
  EXPECT_EQ(trait.emails(0).address(), "zoe@example.com");
  EXPECT_TRUE(trait.emails(0).is_primary());
  EXPECT_EQ(trait.login(), "zoe");
  EXPECT_EQ(trait.account_type(), v2::UserTrait::ACCOUNT_TYPE_HUMAN);
  EXPECT_EQ(zoe.created_at().seconds(), 1704164645);
  EXPECT_EQ(trait.last_login().seconds(), 1738555506);
  EXPECT_EQ(zoe.profile().fields().at("department").string_value(), "Sales");
  EXPECT_EQ(zoe.status().status(), v2::Status::RESOURCE_STATUS_ENABLED);
}

TEST(ReadUsers, a_service_account_without_a_name_is_called_by_its_login) {
  auto json = answer(kUsers);
  ASSERT_TRUE(json.ok());
  sdk::Page<v2::Resource> page;
  ASSERT_TRUE(read_users(*json, page).ok());
  const v2::UserTrait trait = trait_of(page.row(1));
  EXPECT_EQ(page.row(1).display_name(), "bot");
  EXPECT_EQ(trait.account_type(), v2::UserTrait::ACCOUNT_TYPE_SERVICE);
  EXPECT_EQ(page.row(1).status().status(), v2::Status::RESOURCE_STATUS_DISABLED);
  EXPECT_TRUE(trait.emails().empty());
}

TEST(ReadUsers, a_missing_field_is_named_with_its_place) {
  auto json = answer(R"({"items":[{"login":"x"}]})");
  ASSERT_TRUE(json.ok());
  sdk::Page<v2::Resource> page;
  const absl::Status read = read_users(*json, page);
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(std::string(read.message()), HasSubstr("$.items[0].id"));
}

TEST(ReadUsers, a_time_that_is_none_is_named_with_its_place) {
  auto json = answer(
      R"({"items":[{"id":"u","login":"x","status":"active","type":"human","created_at":"yesterday"}]})");
  ASSERT_TRUE(json.ok());
  sdk::Page<v2::Resource> page;
  const absl::Status read = read_users(*json, page);
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(std::string(read.message()), HasSubstr("created_at"));
}

}  // namespace
}  // namespace baton::connectors::demo
