#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "odd_service.hpp"

namespace baton::connectors::scim {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

using Rows = std::vector<std::string>;

class ScimMembers : public OddServiceTest {
 protected:
  ScimMembers() { users_ = plain("u", 3); }

  std::set<std::string> grants() {
    Found found = sync();
    EXPECT_TRUE(found.status.ok()) << found.status;
    return found.grants;
  }
};

TEST_F(ScimMembers, come_with_the_list_and_cost_no_request_for_each_group) {
  groups_ = Rows{R"({"id":"a","members":[{"value":"u1","type":"User"},{"value":"b","type":"Group"}]})",
                 R"({"id":"b","members":[{"value":"u2","$ref":"https://host/v2/Users/u2"}]})",
                 R"({"id":"c","members":[]})"};
  EXPECT_THAT(grants(), UnorderedElementsAre("group:a:member:user:u1", "group:a:member:group:b",
                                             "group:b:member:user:u2"));
  EXPECT_EQ(asked_for("/v2/Groups/"), 0U);
  EXPECT_EQ(asked_for("/v2/Groups"), 2U);
  EXPECT_EQ(asked_for("excludedAttributes=members"), 1U);
}

TEST_F(ScimMembers, that_lists_leave_out_are_read_group_by_group) {
  groups_ =
      Rows{R"({"id":"a b","members":[{"value":"u1","type":"User"}]})", R"({"id":"c"})", R"({"id":"d"})"};
  server_.on("/v2/Groups/c",
             {test::FakeReply::json(R"({"id":"c","members":[{"value":"u2","type":"User"}]})")});
  server_.on("/v2/Groups/d", {test::FakeReply::json(R"({"id":"d"})")});
  EXPECT_THAT(grants(), UnorderedElementsAre("group:a b:member:user:u1", "group:c:member:user:u2"));
  EXPECT_EQ(asked_for("/v2/Groups/"), 2U);
}

TEST_F(ScimMembers, of_more_groups_than_a_page_may_name_are_read_all_the_same) {
  // A service that neither pages nor lists members: one answer names 2,500 groups.
  groups_ = plain("g", 2'500);
  list_groups_ = [](const Rows& all, const Asked&) { return slice(all, 1, all.size()); };
  for (int number = 1; number <= 2'500; ++number) {
    const std::string id = "g" + std::to_string(number);
    server_.on("/v2/Groups/" + id,
               {test::FakeReply::json(R"({"id":")" + id + R"(","members":[{"value":"u1","type":"User"}]})")});
  }
  EXPECT_EQ(grants().size(), 2'500U);
  EXPECT_EQ(asked_for("/v2/Groups/"), 2'500U);
}

TEST_F(ScimMembers, that_a_service_pages_are_read_to_the_last) {
  groups_ = Rows{R"({"id":"big"})"};
  server_.answer("/v2/Groups/big", [](const test::SeenRequest& request) {
    if (request.target.find("startIndex=3") != std::string::npos) {
      return test::FakeReply::json(
          R"({"id":"big","totalResults":3,"members":[{"value":"u3","type":"User"}]})");
    }
    return test::FakeReply::json(
        R"({"id":"big","totalResults":3,"members":[{"value":"u1","type":"User"},{"value":"u2","type":"User"}]})");
  });
  EXPECT_EQ(grants().size(), 3U);
}

TEST_F(ScimMembers, of_a_group_that_comes_twice_are_joined) {
  groups_ = Rows{R"({"id":"a","members":[{"value":"u1","type":"User"}]})",
                 R"({"id":"a","members":[{"value":"u2","type":"User"}]})"};
  EXPECT_THAT(grants(), UnorderedElementsAre("group:a:member:user:u1", "group:a:member:user:u2"));
}

TEST_F(ScimMembers, that_do_not_say_what_they_are_cost_one_list_of_ids) {
  groups_ = Rows{R"({"id":"a","members":[{"value":"u1"},{"value":"b"},{"value":"nobody"}]})",
                 R"({"id":"b","members":["u2","a"]})"};
  EXPECT_THAT(grants(), UnorderedElementsAre("group:a:member:user:u1", "group:a:member:group:b",
                                             "group:a:member:user:nobody", "group:b:member:user:u2",
                                             "group:b:member:group:a"));
  EXPECT_EQ(asked_for("/v2/Groups?startIndex=1&count=10&attributes=id&"), 0U);
  EXPECT_EQ(asked_for("attributes=id"), asked_for("attributes=id,members") + 1U +
                                            asked_for("attributes=id,roles") +
                                            asked_for("attributes=id,entitlements"));
}

TEST_F(ScimMembers, the_list_of_ids_is_read_once_however_many_wait_for_it) {
  groups_ = plain("g", 25);
  groups_[0] = R"({"id":"g1","members":[{"value":"g2"},{"value":"u1"}]})";
  for (std::size_t at = 1; at < groups_.size(); ++at) {
    groups_[at] = R"({"id":"g)" + std::to_string(at + 1) + R"(","members":[{"value":"g1"}]})";
  }
  std::set<std::string> found[4];
  absl::Status status[4];
  for (int walker = 0; walker < 4; ++walker) {
    boost::asio::co_spawn(context_, walk_grants(*connector_, "group", found[walker], status[walker]),
                          boost::asio::detached);
  }
  run();
  for (int walker = 0; walker < 4; ++walker) {
    ASSERT_TRUE(status[walker].ok()) << status[walker];
    EXPECT_EQ(found[walker].size(), 26U);
    EXPECT_TRUE(found[walker].contains("group:g1:member:group:g2"));
  }
  EXPECT_EQ(asked_for("attributes=id") - asked_for("attributes=id,members"), 3U);
}

TEST_F(ScimMembers, the_list_of_ids_goes_on_where_it_failed) {
  groups_ = plain("g", 25);
  for (std::size_t at = 0; at < groups_.size(); ++at) {
    groups_[at] = R"({"id":"g)" + std::to_string(at + 1) + R"(","members":[{"value":"g1"}]})";
  }
  int failures = 3;
  server_.answer("/v2/Groups", [this, &failures](const test::SeenRequest& request) {
    const bool ids = request.target.ends_with("attributes=id");
    if (ids && request.target.find("startIndex=11&") != std::string::npos && failures-- > 0) {
      return test::FakeReply(503, "busy");
    }
    const std::size_t at = request.target.find("startIndex=") + 11;
    const Answer answer = slice(groups_, std::stoull(request.target.substr(at)), 10);
    std::string body = R"({"totalResults":25,"Resources":[)";
    for (const std::string& row : answer.rows) body += (body.ends_with('[') ? "" : ",") + row;
    return test::FakeReply::json(body + "]}");
  });
  Found first;
  boost::asio::co_spawn(context_, walk_grants(*connector_, "group", first.grants, first.status),
                        boost::asio::detached);
  run();
  EXPECT_EQ(first.status.code(), absl::StatusCode::kUnavailable) << first.status;
  Found second;
  boost::asio::co_spawn(context_, walk_grants(*connector_, "group", second.grants, second.status),
                        boost::asio::detached);
  run();
  ASSERT_TRUE(second.status.ok()) << second.status;
  EXPECT_EQ(count_of(second.grants, "group:g7:member:group:g1"), 1U);
  // Three pages, each once but for the three tries that failed.
  EXPECT_EQ(asked_for("attributes=id") - asked_for("attributes=id,members"), 3U + 3U);
}

TEST_F(ScimMembers, of_a_group_that_is_gone_are_an_error_that_names_it) {
  groups_ = Rows{R"({"id":"gone"})"};
  const Found found = sync();
  EXPECT_EQ(found.status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(found.status.message()), HasSubstr("Groups/gone"));
}

}  // namespace
}  // namespace baton::connectors::scim
