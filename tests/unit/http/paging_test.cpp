#include "http/paging.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

JsonResponse answer(std::string_view json, Headers headers = {},
                    std::string_view url = "https://api.test/v1/users") {
  static const std::shared_ptr<JsonPool> kPool = JsonPool::create();
  Body body;
  EXPECT_TRUE(body.append(json));
  auto document = kPool->parse(std::move(body), "GET " + std::string(url));
  EXPECT_TRUE(document.ok()) << document.status();
  return JsonResponse(*Url::parse(url), std::move(headers), *std::move(document));
}

Continuation next(const Paging& paging, std::string_view token, JsonResponse answer) {
  auto next = paging.next(token, answer);
  EXPECT_TRUE(next.ok()) << next.status();
  return next.value_or(Continuation());
}

absl::Status refusal(const Paging& paging, std::string_view token, JsonResponse answer) {
  return paging.next(token, answer).status();
}

std::string target(const Paging& paging, std::string_view path, std::string_view token) {
  const auto request = paging.request(path, token);
  EXPECT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->goes_on, !token.empty());
  return request->target;
}

Headers link(std::string value) {
  Headers headers;
  headers.add("Link", value);
  return headers;
}

TEST(Paging, LinksAreFollowedAsTheyAre) {
  const Paging paging = Paging::link_header().page_size("per_page", 50);
  EXPECT_EQ(target(paging, "v1/users", ""), "v1/users?per_page=50");
  const Continuation after = next(paging, "", answer("[]", link("</v1/users?page=2&per_page=50>; rel=next")));
  EXPECT_EQ(after.token, "https://api.test/v1/users?page=2&per_page=50");
  EXPECT_EQ(target(paging, "v1/users", after.token), after.token);
  EXPECT_EQ(next(paging, after.token, answer("[]")).token, "");
  const Paging member = Paging::link_member("@odata.nextLink");
  EXPECT_EQ(next(member, "", answer(R"({"@odata.nextLink":"https://api.test/v1/users?$skiptoken=x"})")).token,
            "https://api.test/v1/users?$skiptoken=x");
  EXPECT_EQ(next(member, "", answer(R"({"value":[]})")).token, "");
  EXPECT_EQ(
      next(Paging::link_member("paging/next/link"), "", answer(R"({"paging":{"next":{"link":"?after=7"}}})"))
          .token,
      "https://api.test/v1/users?after=7");
}

TEST(Paging, LinksThatLeadInCirclesOrAwayAreRefused) {
  const Paging paging = Paging::link_header();
  const absl::Status circle =
      refusal(paging, "https://api.test/v1/users?page=2", answer("[]", link("<?page=2>; rel=next")));
  EXPECT_EQ(circle.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(circle.message()), HasSubstr("names itself"));
  EXPECT_FALSE(refusal(paging, "", answer("[]", link("<https://api.test/v1/users>; rel=next"))).ok());
  const absl::Status away = refusal(paging, "", answer("[]", link("<https://evil.test/v1/users>; rel=next")));
  EXPECT_EQ(away.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(away.message()), HasSubstr("another host, https://evil.test:443"));
  EXPECT_FALSE(refusal(paging, "", answer("[]", link("<http://api.test/v1/users?page=2>; rel=next"))).ok());
  EXPECT_FALSE(refusal(paging, "", answer("[]", link("<https://[/>; rel=next"))).ok());
}

TEST(Paging, CursorsAreTextsOrNumbers) {
  const Paging paging = Paging::cursor("cursor", "meta/next").page_size("limit", 10);
  EXPECT_EQ(target(paging, "v1/users?active=1", "a b"), "v1/users?active=1&cursor=a%20b&limit=10");
  EXPECT_EQ(next(paging, "", answer(R"({"meta":{"next":"c2"}})")).token, "c2");
  EXPECT_EQ(next(paging, "", answer(R"({"meta":{"next":17}})")).token, "17");
  for (const char* end : {R"({"meta":{"next":null}})", R"({"meta":{"next":""}})", R"({"meta":{}})",
                          R"({"meta":null})", R"({"meta":{"next":false}})", R"({})", R"([])"}) {
    EXPECT_EQ(next(paging, "c2", answer(end)).token, "") << end;
  }
  EXPECT_FALSE(refusal(paging, "c2", answer(R"({"meta":{"next":"c2"}})")).ok()) << "names itself";
  EXPECT_THAT(std::string(refusal(paging, "", answer(R"({"meta":{"next":{}}})")).message()),
              HasSubstr("$.meta.next"));
}

TEST(Paging, AnOffsetWithoutATotalEndsWithAnEmptyPage) {
  const Paging paging = Paging::offset("skip", "").page_size("top", 3);
  EXPECT_EQ(target(paging, "users", ""), "users?top=3");
  const std::string second = next(paging, "", answer("[1,2,3]")).token;
  EXPECT_EQ(target(paging, "users", second), "users?skip=3&top=3");
  // Shorter than asked for is no end.
  const std::string third = next(paging, second, answer("[4]")).token;
  EXPECT_EQ(target(paging, "users", third), "users?skip=4&top=3");
  EXPECT_EQ(next(paging, third, answer("[]")).token, "");
  const absl::Status endless = refusal(paging, third, answer("[4]"));
  EXPECT_THAT(std::string(endless.message()), HasSubstr("repeats the rows of the page before it"));
}

/// Every row that a walk over all tokens asks for, and how often.
std::multiset<std::uint64_t> walk(const Paging& paging, std::uint64_t total, std::uint64_t most) {
  std::multiset<std::uint64_t> seen;
  std::vector<std::string> open = {""};
  for (int rounds = 0; !open.empty() && rounds < 100'000; ++rounds) {
    const std::string token = open.back();
    open.pop_back();
    const Url url = *Url::parse("https://api.test/" + target(paging, "users", token));
    const std::size_t at = url.target().find("skip=");
    const std::size_t top = url.target().find("top=");
    const std::uint64_t begin = at == std::string::npos ? 0 : std::stoull(url.target().substr(at + 5));
    std::uint64_t size = top == std::string::npos ? most : std::stoull(url.target().substr(top + 4));
    size = std::min(size, most);
    std::string rows;
    for (std::uint64_t row = begin; row < std::min(total, begin + size); ++row) {
      seen.insert(row);
      rows += (rows.empty() ? "" : ",") + std::to_string(row);
    }
    const Continuation after =
        next(paging, token, answer("{\"rows\":[" + rows + "],\"total\":" + std::to_string(total) + "}"));
    EXPECT_LE(after.siblings.size(), 1024u);
    if (!after.token.empty()) open.push_back(after.token);
    for (const std::string& sibling : after.siblings) open.push_back(sibling);
  }
  return seen;
}

TEST(Paging, ATotalNamesAllPagesAtOnceAndEveryRowComesOnce) {
  const Paging plain = Paging::offset("skip", "rows", "total");
  EXPECT_THAT(next(plain, "", answer(R"({"rows":[1,2],"total":7})")).siblings,
              ElementsAre("2-4", "4-6", "6"));
  EXPECT_THAT(next(plain, "", answer(R"({"rows":[1,2],"total":2})")).siblings, IsEmpty());
  EXPECT_THAT(next(plain, "", answer(R"({"rows":[],"total":9})")).siblings, IsEmpty());
  for (const std::uint64_t total : {0u, 1u, 2u, 3u, 7u, 100u, 2'050u, 5'000u}) {
    for (const std::uint64_t most : {1u, 2u, 3u, 200u}) {
      for (const std::uint64_t asked : {0u, 2u, 5u}) {
        Paging paging = plain;
        if (asked > 0) paging.page_size("top", asked);
        for (const bool one_by_one : {false, true}) {
          if (one_by_one) paging.one_by_one();
          const std::multiset<std::uint64_t> rows = walk(paging, total, most);
          EXPECT_EQ(rows.size(), total) << most << " " << asked;
          EXPECT_EQ(std::set<std::uint64_t>(rows.begin(), rows.end()).size(), total) << most << " " << asked;
        }
      }
    }
  }
}

TEST(Paging, ASliceGoesOnUntilItsEnd) {
  const Paging paging = Paging::offset("skip", "rows", "total").page_size("top", 5);
  EXPECT_EQ(target(paging, "users", "5-10"), "users?skip=5&top=5");
  const std::string rest = next(paging, "5-10", answer(R"({"rows":[1,2,3],"total":20})")).token;
  EXPECT_EQ(target(paging, "users", rest), "users?skip=8&top=2");
  EXPECT_EQ(next(paging, rest, answer(R"({"rows":[8,9],"total":20})")).token, "");
}

TEST(Paging, PagesAreCounted) {
  const Paging paging = Paging::page_number("page", "rows").page_size("per_page", 2);
  EXPECT_EQ(target(paging, "users", ""), "users?per_page=2");
  const std::string second = next(paging, "", answer(R"({"rows":[1,2]})")).token;
  EXPECT_EQ(target(paging, "users", second), "users?page=2&per_page=2");
  EXPECT_EQ(next(paging, second, answer(R"({"rows":[]})")).token, "");
  const Paging total = Paging::page_number("page", "rows", "pages");
  EXPECT_THAT(next(total, "", answer(R"({"rows":[1],"pages":4})")).siblings, ElementsAre("2-3", "3-4", "4"));
  EXPECT_EQ(next(total, "2-3", answer(R"({"rows":[1],"pages":4})")).token, "");
  EXPECT_EQ(next(total, "4", answer(R"({"rows":[1],"pages":4})")).token, "");
  const Paging from_zero = Paging::page_number("page", "rows", "pages", 0);
  EXPECT_THAT(next(from_zero, "", answer(R"({"rows":[1],"pages":2})")).siblings, ElementsAre("1"));
}

TEST(Paging, ATokenThatIsNoPlaceIsRefused) {
  const Paging paging = Paging::page_number("page", "rows");
  for (const char* token :
       {"x", "-1", "5-", "5-5", "5-4", "5~", "5~xyz", "5 ", "0", "99999999999999999999"}) {
    EXPECT_EQ(paging.request("users", token).status().code(), absl::StatusCode::kInvalidArgument) << token;
  }
}

}  // namespace
}  // namespace baton::http
