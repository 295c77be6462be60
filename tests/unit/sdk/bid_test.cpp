#include "sdk/bid.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/grants.hpp"

namespace baton::sdk {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::HasSubstr;

v2::Resource group() {
  v2::Resource resource = make_resource(ResourceRef("group", "g1"), "");
  set_parent(resource, ResourceRef("org", "o:1"));
  return resource;
}

TEST(Bid, writes_resources_entitlements_and_grants) {
  EXPECT_EQ(*format_bid(make_resource(ResourceRef("user", "u1"), "")), "bid:r:user/u1");
  EXPECT_EQ(*format_bid(group()), "bid:r:org/o\\:1/group/g1");
  EXPECT_EQ(*format_bid(make_assignment(group(), "member")), "bid:e:org/o\\:1/group/g1:member");
  EXPECT_EQ(*format_bid(make_grant(ResourceRef("group", "g1"), "member", ResourceRef("user", "a/b\\c"))),
            "bid:g:group/g1:member:user/a\\/b\\\\c");
}

TEST(Bid, reads_what_it_wrote) {
  const auto resource = parse_resource_bid("bid:r:org/o\\:1/group/g1");
  ASSERT_TRUE(resource.ok()) << resource.status();
  EXPECT_EQ(resource->parent_resource_id().resource(), "o:1");
  EXPECT_EQ(resource->id().resource_type(), "group");
  EXPECT_EQ(*format_bid(*resource), "bid:r:org/o\\:1/group/g1");

  const auto entitlement = parse_entitlement_bid("bid:e:group/g1:mem\\:ber");
  ASSERT_TRUE(entitlement.ok()) << entitlement.status();
  EXPECT_EQ(entitlement->slug(), "mem:ber");
  EXPECT_EQ(entitlement->id(), "group:g1:mem:ber");

  const auto grant = parse_grant_bid("bid:g:group/g1:member:org/o/user/u1");
  ASSERT_TRUE(grant.ok()) << grant.status();
  EXPECT_EQ(grant->id(), "group:g1:member:user:u1");
  EXPECT_EQ(grant->principal().parent_resource_id().resource(), "o");
  EXPECT_EQ(*format_bid(*grant), "bid:g:group/g1:member:org/o/user/u1");
}

TEST(Bid, refuses_to_write_what_is_incomplete) {
  EXPECT_FALSE(format_bid(v2::Resource()).ok());
  EXPECT_FALSE(format_bid(make_resource(ResourceRef("user", ""), "")).ok());
  EXPECT_FALSE(format_bid(v2::Grant()).ok());
}

TEST(Bid, points_at_the_error) {
  EXPECT_EQ(parse_resource_bid("bid:x:user/u1").status().message(),
            "not a baton identifier: expected \"bid:r:\"\nbid:x:user/u1\n^");
  EXPECT_EQ(parse_resource_bid("bid:r:user").status().message(),
            "not a baton identifier: expected \"/\" and another part\nbid:r:user\n          ^");
  EXPECT_EQ(parse_resource_bid("bid:r:user//x").status().message(),
            "not a baton identifier: a part is empty\nbid:r:user//x\n           ^");
  EXPECT_EQ(parse_entitlement_bid("bid:e:group/g1").status().message(),
            "not a baton identifier: expected \":\"\nbid:e:group/g1\n              ^");
}

TEST(Bid, refuses_the_malformed) {
  for (const char* text : {"", "bid:r:", "bid:r:a/b/c", "bid:r:a/b/c/d/e", "bid:r:a/b:c", "bid:r:a/b\\",
                           "bid:r:a/\\x", "bid:e:a/b:c"}) {
    EXPECT_EQ(parse_resource_bid(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_FALSE(parse_grant_bid("bid:g:a/b:c").ok());
  EXPECT_FALSE(parse_grant_bid("bid:g:a/b:c:d/e:f").ok());
}

TEST(Bid, shows_a_long_input_around_the_place) {
  const std::string text = "bid:r:" + std::string(500, 'a') + "/\n";
  const absl::Status status = parse_resource_bid(text + ":").status();
  EXPECT_LT(status.message().size(), 300U);
  EXPECT_THAT(std::string(parse_resource_bid("bid:r:\x01").status().message()), HasSubstr("?"));
  EXPECT_THAT(std::string(parse_resource_bid("bid:r:a/" + std::string(2000, 'x')).status().message()),
              HasSubstr("more than 1024 bytes"));
}

}  // namespace
}  // namespace baton::sdk
