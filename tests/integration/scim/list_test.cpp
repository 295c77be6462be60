#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_facts.hpp"
#include "odd_service.hpp"

namespace baton::connectors::scim {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using Rows = std::vector<std::string>;

class ScimLists : public OddServiceTest {
 protected:
  /// All users, whatever the service is like.
  void expect_all(std::size_t users) {
    const Found found = sync();
    ASSERT_TRUE(found.status.ok()) << found.status;
    EXPECT_EQ(count_of(found.resources, "user/"), users);
  }
};

TEST_F(ScimLists, asks_as_the_standard_says) {
  users_ = plain("u", 25);
  expect_all(25);
  const auto requests = server_.requests();
  ASSERT_FALSE(requests.empty());
  for (const test::SeenRequest& request : requests) {
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.body, "");
    EXPECT_THAT(request.headers.at("accept"), HasSubstr("application/scim+json"));
    EXPECT_EQ(request.headers.at("authorization"), "Bearer t0p-s3cret");
  }
  // The first request only wants to know whether the service is there.
  EXPECT_EQ(requests[0].target, "/v2/Users?startIndex=1&count=1");
  EXPECT_EQ(requests[1].target, "/v2/Users?startIndex=1&count=10");
  EXPECT_EQ(asked_for("/v2/Users?startIndex=11&count=10"), 1U + 4U);
  EXPECT_THAT(log_.warnings, IsEmpty());
}

TEST_F(ScimLists, an_empty_service_is_an_empty_sync) {
  const Found found = sync();
  ASSERT_TRUE(found.status.ok()) << found.status;
  EXPECT_THAT(found.resources, IsEmpty());
  EXPECT_THAT(found.grants, IsEmpty());
}

TEST_F(ScimLists, an_empty_list_may_come_without_Resources) {
  server_.on("/v2/Groups", {test::FakeReply::json("{}")});
  server_.answer("/v2/Groups", [](const test::SeenRequest&) {
    return test::FakeReply::json(
        R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0})");
  });
  expect_all(0);
}

TEST_F(ScimLists, a_service_that_does_not_page) {
  users_ = plain("u", 57);
  list_users_ = [](const Rows& all, const Asked&) { return slice(all, 1, all.size()); };
  expect_all(57);
}

TEST_F(ScimLists, a_service_that_does_not_page_and_announces_nothing) {
  users_ = plain("u", 57);
  list_users_ = [](const Rows& all, const Asked&) {
    Answer answer = slice(all, 1, all.size());
    answer.total.reset();
    return answer;
  };
  expect_all(57);
}

TEST_F(ScimLists, a_service_that_ignores_startIndex_gives_all_when_asked_for_all) {
  users_ = plain("u", 57);
  list_users_ = [](const Rows& all, const Asked& asked) { return slice(all, 1, asked.count); };
  expect_all(57);
}

TEST_F(ScimLists, a_service_that_keeps_a_part_back_is_an_error_and_no_short_list) {
  users_ = plain("u", 57);
  list_users_ = [](const Rows& all, const Asked& asked) {
    return slice(all, 1, std::min<std::uint64_t>(asked.count, 20));
  };
  const Found found = sync();
  EXPECT_EQ(found.status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(found.status.message()), AllOf(HasSubstr("57"), HasSubstr("startIndex=11")));
}

TEST_F(ScimLists, a_service_that_caps_the_count) {
  users_ = plain("u", 57);
  list_users_ = [](const Rows& all, const Asked& asked) {
    return slice(all, asked.start, std::min<std::uint64_t>(asked.count, 4));
  };
  expect_all(57);
}

TEST_F(ScimLists, totals_that_are_too_low_too_high_texts_or_none) {
  users_ = plain("u", 57);
  for (const char* total :
       {"12", "10", "1", "0", "61", "70", "\"57\"", "\"many\"", "-1", "57.5", "null", "{}"}) {
    list_users_ = [total](const Rows& all, const Asked& asked) {
      Answer answer = slice(all, asked.start, asked.count);
      answer.total = total;
      return answer;
    };
    SCOPED_TRACE(total);
    expect_all(57);
  }
}

TEST_F(ScimLists, a_total_that_is_too_high_is_told) {
  users_ = plain("u", 57);
  list_users_ = [](const Rows& all, const Asked& asked) {
    Answer answer = slice(all, asked.start, asked.count);
    answer.total = "60";
    return answer;
  };
  expect_all(57);
  ASSERT_FALSE(log_.warnings.empty());
  EXPECT_THAT(log_.warnings[0], HasSubstr("list=Users"));
}

TEST_F(ScimLists, totals_that_shrink_from_page_to_page) {
  users_ = plain("u", 57);
  list_users_ = [](const Rows& all, const Asked& asked) {
    Answer answer = slice(all, asked.start, asked.count);
    answer.total = std::to_string(all.size() < asked.start ? 0 : all.size() + 1 - asked.start);
    return answer;
  };
  expect_all(57);
}

TEST_F(ScimLists, a_list_that_grows_and_one_that_shrinks_while_it_is_read) {
  users_ = plain("u", 30);
  int requests = 0;
  list_users_ = [&requests](const Rows& all, const Asked& asked) {
    // Five more with the third request.
    Rows now = ++requests < 3 ? all : plain("u", 35);
    return slice(now, asked.start, asked.count);
  };
  expect_all(35);
  requests = 0;
  list_users_ = [&requests](const Rows& all, const Asked& asked) {
    return slice(++requests < 3 ? all : plain("u", 15), asked.start, asked.count);
  };
  expect_all(15);
}

TEST_F(ScimLists, an_empty_page_in_the_middle_does_not_end_the_list) {
  users_ = plain("u", 57);
  list_users_ = [](const Rows& all, const Asked& asked) {
    Answer answer = slice(all, asked.start, asked.count);
    if (asked.start == 21) answer.rows.clear();
    return answer;
  };
  expect_all(47);
}

TEST_F(ScimLists, rows_that_come_twice_count_once) {
  users_ = plain("u", 57);
  list_users_ = [](const Rows& all, const Asked& asked) {
    // Every page begins with the last rows of the one before.
    return slice(all, asked.start > 3 ? asked.start - 3 : 1, asked.count);
  };
  expect_all(57);
}

TEST_F(ScimLists, a_service_that_counts_from_zero) {
  for (const int rows : {1, 5, 9, 10, 11, 57, 60}) {
    users_ = plain("u", rows);
    list_users_ = [](const Rows& all, const Asked& asked) {
      return slice(all, asked.start + 1, asked.count);
    };
    SCOPED_TRACE(rows);
    expect_all(static_cast<std::size_t>(rows));
  }
}

TEST_F(ScimLists, a_service_that_refuses_index_zero_and_announces_too_much) {
  users_ = plain("u", 57);
  server_.answer("/v2/Users", [this](const test::SeenRequest& request) {
    if (request.target.find("startIndex=0&") != std::string::npos) return test::FakeReply(400, "no");
    const std::size_t at = request.target.find("startIndex=") + 11;
    Answer answer = slice(users_, std::stoull(request.target.substr(at)), 10);
    std::string body = R"({"totalResults":58,"Resources":[)";
    for (const std::string& row : answer.rows) body += (body.ends_with('[') ? "" : ",") + row;
    return test::FakeReply::json(body + "]}");
  });
  expect_all(57);
}

TEST_F(ScimLists, a_service_that_never_ends_is_an_error) {
  list_users_ = [](const Rows&, const Asked& asked) {
    Answer answer;
    for (std::uint64_t row = 0; row < 10; ++row) {
      answer.rows.push_back(R"({"id":")" + std::to_string(asked.start + row) + "\"}");
    }
    answer.total = "20";
    return answer;
  };
  const Found found = sync();
  EXPECT_EQ(found.status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(found.status.message()), AllOf(HasSubstr("Users"), HasSubstr("does not end")));
}

TEST_F(ScimLists, a_service_that_knows_no_selection_of_attributes_is_asked_for_all) {
  users_ = plain("u", 25);
  groups_ = Rows{R"({"id":"g","displayName":"G","members":[{"value":"u1","type":"User"}]})"};
  server_.answer("/v2/Groups", [this](const test::SeenRequest& request) {
    if (request.target.find("ttributes=") != std::string::npos) return test::FakeReply(400, "{}");
    return test::FakeReply::json(R"({"totalResults":1,"Resources":[)" + groups_[0] + "]}");
  });
  const Found found = sync();
  ASSERT_TRUE(found.status.ok()) << found.status;
  EXPECT_THAT(found.grants, ElementsAre("group:g:member:user:u1"));
  EXPECT_EQ(asked_for("excludedAttributes=members"), 1U);
}

TEST_F(ScimLists, an_error_says_what_the_service_says_and_no_secret) {
  server_.answer("/v2/Users", [](const test::SeenRequest&) {
    return test::FakeReply(403, R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],
        "detail":"t0p-s3cret may not read Users","scimType":"sensitive","status":"403"})");
  });
  const Found found = sync();
  EXPECT_EQ(found.status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(http_status(found.status), 403);
  EXPECT_THAT(std::string(found.status.message()),
              AllOf(HasSubstr("403 Forbidden"), HasSubstr("may not read Users (sensitive)"),
                    Not(HasSubstr("t0p-s3cret")), Not(HasSubstr("schemas"))));
}

TEST_F(ScimLists, credentials_that_are_refused) {
  server_.answer("/v2/Users", [](const test::SeenRequest&) {
    return test::FakeReply(401, R"({"detail":"Authorization not valid","status":"401"})");
  });
  const Found found = sync();
  EXPECT_EQ(found.status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(found.status.message()), HasSubstr("Authorization not valid"));
  EXPECT_THAT(server_.requests(), SizeIs(1));
}

TEST_F(ScimLists, what_is_no_list_is_an_error_that_names_the_place) {
  users_ = plain("u", 1);
  server_.answer("/v2/Groups",
                 [](const test::SeenRequest&) { return test::FakeReply::json(R"({"status":"ok"})"); });
  Found found = sync();
  EXPECT_EQ(found.status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(found.status.message()),
              AllOf(HasSubstr("/v2/Groups"), HasSubstr("no list of resources")));
  server_.answer("/v2/Groups", [](const test::SeenRequest&) {
    return test::FakeReply::json(R"({"Resources":[{"id":"g"},{}]})");
  });
  found = sync();
  EXPECT_THAT(std::string(found.status.message()), HasSubstr("$.Resources[1].id"));
}

}  // namespace
}  // namespace baton::connectors::scim
