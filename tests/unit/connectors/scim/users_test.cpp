#include "connectors/scim/users.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_trait.pb.h"
#include "unit/connectors/json_text.hpp"

namespace baton::connectors::scim {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::HasSubstr;

/// A user as RFC 7643 §8.3 has one, shortened.
constexpr std::string_view kFull = R"({
  "schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
  "id":"2819c223","externalId":"701984","userName":"bjensen@example.com",
  "name":{"formatted":"Ms. Barbara J Jensen, III","familyName":"Jensén","givenName":"Barbara",
          "middleName":"Jane","honorificPrefix":"Ms.","honorificSuffix":"III"},
  "displayName":"Babs Jensen","nickName":"Babs","profileUrl":"https://login.example.com/bjensen",
  "emails":[{"value":"babs@jensen.org","type":"home"},
            {"value":"bjensen@example.com","type":"work","primary":true}],
  "userType":"Employee","title":"Tour Guide","preferredLanguage":"en-US","locale":"en-US",
  "timezone":"America/Los_Angeles","active":true,
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{
    "employeeNumber":"701984","costCenter":"4130","organization":"Universal","division":"Theme Park",
    "department":"Tour Operations","manager":{"value":"26118915","displayName":"John Smith"}},
  "meta":{"resourceType":"User","created":"2010-01-23T04:56:22Z","lastModified":"2011-05-13T04:42:34Z"}})";

class ReadUser : public ::testing::Test {
 protected:
  absl::Status read(std::string_view text) {
    auto json = answer(text);
    EXPECT_TRUE(json.ok()) << json.status();
    document_ = *std::move(json);
    const absl::Status status = read_user(http::json_root(document_), row_);
    for (const auto& any : row_.annotations()) {
      if (any.Is<v2::UserTrait>()) any.UnpackTo(&trait_);
    }
    return status;
  }
  std::string profile(const std::string& key) const {
    const auto& fields = row_.profile().fields();
    const auto found = fields.find(key);
    return found == fields.end() ? "(none)" : found->second.string_value();
  }

  http::JsonDocument document_;
  v2::Resource row_;
  v2::UserTrait trait_;
};

TEST_F(ReadUser, fills_everything_that_the_standard_has) {
  ASSERT_TRUE(read(kFull).ok());
  EXPECT_EQ(row_.id().resource_type(), "user");
  EXPECT_EQ(row_.id().resource(), "2819c223");
  EXPECT_EQ(row_.display_name(), "Barbara Jensén");
  EXPECT_EQ(trait_.login(), "bjensen@example.com");
  EXPECT_EQ(row_.status().status(), v2::Status::RESOURCE_STATUS_ENABLED);
  ASSERT_EQ(trait_.emails_size(), 2);
  EXPECT_EQ(trait_.emails(0).address(), "bjensen@example.com");
  EXPECT_TRUE(trait_.emails(0).is_primary());
  EXPECT_EQ(trait_.emails(1).address(), "babs@jensen.org");
  EXPECT_FALSE(trait_.emails(1).is_primary());
  EXPECT_EQ(trait_.structured_name().given_name(), "Barbara");
  EXPECT_EQ(trait_.structured_name().middle_names(0), "Jane");
  EXPECT_EQ(trait_.structured_name().suffix(), "III");
  EXPECT_EQ(trait_.employee_ids(0), "701984");
  EXPECT_EQ(row_.created_at().seconds(), 1264222582);
  EXPECT_EQ(profile("login"), "bjensen@example.com");
  EXPECT_EQ(profile("last_modified"), "2011-05-13T04:42:34Z");
  EXPECT_EQ(profile("department"), "Tour Operations");
  EXPECT_EQ(profile("manager_id"), "26118915");
  EXPECT_EQ(profile("manager_name"), "John Smith");
  EXPECT_EQ(profile("external_id"), "701984");
  EXPECT_EQ(profile("user_type"), "Employee");
}

TEST_F(ReadUser, needs_no_more_than_an_id) {
  ASSERT_TRUE(read(R"({"id":4711})").ok());
  EXPECT_EQ(row_.id().resource(), "4711");
  EXPECT_EQ(row_.display_name(), "4711");
  EXPECT_TRUE(trait_.login().empty());
  EXPECT_TRUE(trait_.emails().empty());
  EXPECT_EQ(row_.status().status(), v2::Status::RESOURCE_STATUS_ENABLED);
  EXPECT_FALSE(row_.has_created_at());
  EXPECT_EQ(profile("first_name"), "(none)");
}

TEST_F(ReadUser, without_an_id_is_an_error_that_names_the_place) {
  EXPECT_THAT(std::string(read(R"({"userName":"x"})").message()), HasSubstr("$.id"));
}

TEST_F(ReadUser, an_inactive_user_is_disabled_however_it_is_written) {
  for (const char* text : {R"({"id":"a","active":false})", R"({"id":"a","active":"False"})",
                           R"({"id":"a","active":"false"})", R"({"id":"a","active":0})"}) {
    row_.Clear();
    ASSERT_TRUE(read(text).ok()) << text;
    EXPECT_EQ(row_.status().status(), v2::Status::RESOURCE_STATUS_DISABLED) << text;
  }
}

TEST_F(ReadUser, an_active_that_says_nothing_is_no_reason_to_call_somebody_active) {
  EXPECT_THAT(std::string(read(R"({"id":"a","active":"maybe"})").message()), HasSubstr("active"));
}

TEST_F(ReadUser, the_first_address_is_the_primary_one_where_none_says_so) {
  ASSERT_TRUE(
      read(R"({"id":"a","emails":["a@x.org",{"value":"b@x.org"},{"value":""},{"type":"work"}]})").ok());
  ASSERT_EQ(trait_.emails_size(), 2);
  EXPECT_EQ(trait_.emails(0).address(), "a@x.org");
  EXPECT_TRUE(trait_.emails(0).is_primary());
}

TEST_F(ReadUser, values_of_another_kind_than_the_standards_are_absent) {
  ASSERT_TRUE(read(R"({"id":"a","name":"Ann","emails":"a@x.org","title":["x"],"displayName":"Ann B",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":"m-1"},
    "meta":{"created":"long ago"}})")
                  .ok());
  EXPECT_EQ(row_.display_name(), "Ann B");
  EXPECT_EQ(profile("manager_id"), "m-1");
  EXPECT_EQ(profile("title"), "(none)");
  EXPECT_FALSE(row_.has_created_at());
}

TEST_F(ReadUser, a_time_without_a_zone_is_utc) {
  ASSERT_TRUE(read(R"({"id":"a","meta":{"created":"2010-01-23T04:56:22"}})").ok());
  EXPECT_EQ(row_.created_at().seconds(), 1264222582);
}

}  // namespace
}  // namespace baton::connectors::scim
