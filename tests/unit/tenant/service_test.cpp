#include "tenant/service.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

namespace tenant {
namespace {

using namespace std::chrono_literals;

// A tenant without sockets; time stands still unless a test moves it.
class Tenant {
 public:
  explicit Tenant(const Options& options) : service_(options, log_) { service_.set_base_url("http://base"); }

  const Reply& get(const std::string& target) { return send("GET", target); }
  const Reply& send(const std::string& method, const std::string& target) {
    request.method = method;
    request.target = target;
    service_.handle(request, now, reply_);
    service_.finish(request, reply_, reply_.payload().size());
    return reply_;
  }
  std::string body(const std::string& target) { return std::string(get(target).payload()); }
  std::string counters() { return body("/admin/counters"); }
  Service& service() { return service_; }

  Request request;
  Service::Clock::time_point now{std::chrono::hours(1)};

 private:
  RequestLog log_;
  Service service_;
  Reply reply_;
};

std::string truth(const Service& service, Kind kind) {
  const RowWriter rows(service.directory());
  TruthStream stream(rows, kind);
  JsonBuffer out;
  while (stream.fill(out, out.size() + 4096)) {
  }
  return std::string(out.view());
}

std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Reads a list to its end the way its style asks for; adds every item, compact, to `items` and returns the
// pages.
int walk(Tenant& tenant, PagingStyle style, const std::string& path, std::vector<std::string>& items,
         const std::string& prefix = "") {
  simdjson::dom::parser parser;
  std::string target = path;
  std::uint64_t seen = 0;
  for (int pages = 1;; ++pages) {
    const Reply& reply = tenant.get(target);
    EXPECT_EQ(reply.status, 200) << target;
    const std::string body(reply.payload());
    simdjson::dom::element page;
    if (parser.parse(body).get(page) != simdjson::SUCCESS) {
      ADD_FAILURE() << "not JSON: " << target;
      return pages;
    }
    for (const auto item : page["items"].get_array()) {
      std::string row = simdjson::minify(item);
      items.push_back(prefix.empty() ? row : "{" + prefix + row.substr(1));
      ++seen;
    }
    if (style == PagingStyle::kCursor) {
      std::string_view next;
      if (page["next"].get(next) != simdjson::SUCCESS) return pages;
      target = path + "?cursor=" + std::string(next);
    } else if (style == PagingStyle::kOffset) {
      if (seen >= page["total"].get_uint64().value()) return pages;
      target = path + "?offset=" + std::to_string(seen);
    } else {
      const std::size_t begin = reply.headers.find("Link: <http://base");
      if (begin == std::string::npos) return pages;
      const std::size_t from = begin + std::string("Link: <http://base").size();
      const std::size_t end = reply.headers.find(">; rel=\"next\"\r\n", from);
      target = reply.headers.substr(from, end - from);
    }
  }
}

std::string id_of(const std::string& row) {
  return row.substr(7, row.find('"', 7) - 7);
}

Shape odd_shape() {
  Shape shape;
  shape.users = 1'003;
  shape.groups = 23;
  shape.members = 45;
  shape.roles = 7;
  shape.assignments = 20;
  shape.role_users = 4;
  shape.nesting = 3;
  shape.cycles = 0.5;
  shape.apps = 20;
  return shape;
}

TEST(Service, EveryPagingStyleEndsAtExactlyTheTruth) {
  for (const auto style : {PagingStyle::kCursor, PagingStyle::kOffset, PagingStyle::kLink}) {
    // Pages that divide the lists and pages that do not; 20 makes the list of apps end with a full page.
    for (const std::uint64_t page_size : {1u, 20u, 45u, 200u, 1'000u}) {
      Options options;
      options.shape = odd_shape();
      options.paging = style;
      options.page_size = page_size;
      Tenant tenant(options);
      const auto same = [&](std::vector<std::string> items, Kind kind) {
        std::sort(items.begin(), items.end());
        EXPECT_EQ(items, sorted_lines(truth(tenant.service(), kind)));
      };
      std::vector<std::string> users, groups, roles, apps, members, assignments;
      EXPECT_EQ(walk(tenant, style, "/v1/users", users),
                static_cast<int>((1'003 + page_size - 1) / page_size));
      walk(tenant, style, "/v1/groups", groups);
      walk(tenant, style, "/v1/roles", roles);
      walk(tenant, style, "/v1/apps", apps);
      for (const std::string& group : groups)
        walk(tenant, style, "/v1/groups/" + id_of(group) + "/members", members,
             "\"group\":\"" + id_of(group) + "\",");
      for (const std::string& role : roles)
        walk(tenant, style, "/v1/roles/" + id_of(role) + "/assignments", assignments,
             "\"role\":\"" + id_of(role) + "\",");
      same(users, Kind::kUsers);
      same(groups, Kind::kGroups);
      same(roles, Kind::kRoles);
      same(apps, Kind::kApps);
      same(members, Kind::kMembers);
      same(assignments, Kind::kAssignments);
    }
  }
}

TEST(Service, EmptyListsAreOneEmptyPage) {
  Options options;
  options.shape.members = 0;
  Tenant tenant(options);
  EXPECT_EQ(tenant.body("/v1/groups/g-00004/members"), "{\"items\":[],\"next\":null}");
}

TEST(Service, LinksRepeatTheHostOfTheRequestIfItIsOne) {
  Options options;
  options.paging = PagingStyle::kLink;
  Tenant tenant(options);
  tenant.request.host = "localhost:8080";
  EXPECT_NE(tenant.get("/v1/users?limit=7").headers.find("Link: <http://localhost:8080/v1/users?cursor="),
            std::string::npos);
  EXPECT_NE(tenant.get("/v1/users?limit=7").headers.find("&limit=7>; rel=\"next\"\r\n"), std::string::npos);
  tenant.request.host = "evil>; rel=\"next\"";
  EXPECT_NE(tenant.get("/v1/users").headers.find("Link: <http://base/v1/users?"), std::string::npos);
}

TEST(Service, ErrorsHaveTheirStatusAndForm) {
  Tenant tenant(Options{});
  const std::vector<std::pair<std::string, int>> cases = {
      {"/v1/users?cursor=zz", 400},
      {"/v1/users?cursor=", 400},
      {"/v1/users?limit=0", 400},
      {"/v1/groups/g-00004/members?cursor=1", 400},
      {"/v1/groups/g-01000/members", 404},
      {"/v1/groups/nobody/members", 404},
      {"/v1/groups//members", 404},
      {"/v1/groups/members", 404},
      {"/v1/roles/r-100/assignments", 404},
      {"/v1/roles/g-00001/assignments", 404},
      {"/v1/groups/g-00001", 404},
      {"/v1/users/", 404},
      {"/v1", 404},
      {"/", 404},
      {"", 404},
      {"*", 404},
      {"/admin/nothing", 404},
      {"/admin/truth?kind=secrets", 400},
      {"/admin/truth", 400},
      {"/admin/earliest?n=x", 400},
  };
  simdjson::dom::parser parser;
  for (const auto& [target, status] : cases) {
    const Reply& reply = tenant.get(target);
    EXPECT_EQ(reply.status, status) << target;
    const std::string body(reply.payload());
    std::string_view message;
    EXPECT_EQ(parser.parse(body)["error"]["message"].get(message), simdjson::SUCCESS) << body;
    EXPECT_FALSE(message.empty());
  }
}

TEST(Service, OnlyGetIsServed) {
  Tenant tenant(Options{});
  for (const std::string method : {"POST", "PUT", "DELETE", "HEAD", "BREW"}) {
    EXPECT_EQ(tenant.send(method, "/v1/users").status, 405);
    EXPECT_NE(tenant.send(method, "/v1/users").headers.find("Allow: GET\r\n"), std::string::npos);
  }
  EXPECT_EQ(tenant.send("POST", "/static").status, 405);
  EXPECT_EQ(tenant.get("/admin/reset").status, 405);
  EXPECT_EQ(tenant.send("POST", "/admin/reset").status, 200);
}

TEST(Service, TheTokenGuardsTheApiOnly) {
  Options options;
  options.token = "sesame";
  Tenant tenant(options);
  EXPECT_EQ(tenant.get("/v1/ping").status, 401);
  EXPECT_EQ(tenant.get("/admin/counters").status, 200);
  tenant.request.authorization = "Bearer sesam";
  EXPECT_EQ(tenant.get("/v1/ping").status, 401);
  tenant.request.authorization = "Bearer sesame";
  EXPECT_EQ(tenant.get("/v1/ping").status, 200);
}

TEST(Service, TheLimitShowsInEveryAnswer) {
  Options options;
  options.rate_limit = 2;
  options.rate_window = 10s;
  Tenant tenant(options);
  EXPECT_EQ(tenant.get("/v1/ping").headers,
            "X-RateLimit-Limit: 2\r\nX-RateLimit-Remaining: 1\r\nX-RateLimit-Reset: 10\r\n");
  tenant.now += 2500ms;
  EXPECT_EQ(tenant.get("/v1/nowhere").headers,
            "X-RateLimit-Limit: 2\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 8\r\n");
  const Reply& refused = tenant.get("/v1/ping");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers,
            "X-RateLimit-Limit: 2\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 8\r\nRetry-After: 8\r\n");
  EXPECT_EQ(tenant.get("/static").status, 200);
  EXPECT_NE(tenant.counters().find("\"refusals\":1,"), std::string::npos);
  tenant.now += 7500ms;
  EXPECT_EQ(tenant.get("/v1/ping").status, 200);
  EXPECT_EQ(tenant.body("/admin/earliest?n=5"), "{\"requests\":5,\"seconds\":20.000000}");
}

TEST(Service, RefusedRequestsAreNoneOfTheFaultScheduleS) {
  Options options;
  options.rate_limit = 1;
  options.faults = "500@at:2";
  Tenant tenant(options);
  EXPECT_EQ(tenant.get("/v1/ping").status, 200);
  EXPECT_EQ(tenant.get("/v1/ping").status, 429);
  tenant.now += 1s;
  EXPECT_EQ(tenant.get("/v1/ping").status, 500);
}

TEST(Service, FaultsChangeTheAnswer) {
  Options options;
  options.faults = "503@at:1,429@at:2,429-noretry@at:3,reset@at:4,truncate@at:5,malformed@at:6,slow@at:7";
  options.paging = PagingStyle::kLink;
  Tenant tenant(options);
  EXPECT_EQ(tenant.get("/static").status, 200);
  EXPECT_EQ(tenant.get("/v1/users").status, 503);
  EXPECT_EQ(tenant.get("/v1/users").headers, "Retry-After: 1\r\n");
  const Reply& silent = tenant.get("/v1/users");
  EXPECT_EQ(silent.status, 429);
  EXPECT_EQ(silent.headers, "");
  EXPECT_EQ(tenant.get("/v1/users").delivery, Delivery::kReset);
  EXPECT_EQ(tenant.get("/v1/users").delivery, Delivery::kTruncate);
  const Reply& malformed = tenant.get("/v1/users");
  EXPECT_EQ(malformed.status, 200);
  simdjson::dom::parser parser;
  EXPECT_NE(parser.parse(std::string(malformed.payload())).error(), simdjson::SUCCESS);
  const Reply& slow = tenant.get("/v1/users");
  EXPECT_EQ(slow.delivery, Delivery::kSlow);
  EXPECT_EQ(slow.rows, 200u);
  EXPECT_EQ(tenant.get("/v1/users").delivery, Delivery::kWhole);
  const std::string counters = tenant.counters();
  EXPECT_NE(counters.find("\"users\":{\"none\":1,\"200\":4,\"429\":2,\"503\":1}"), std::string::npos)
      << counters;
  EXPECT_NE(counters.find(
                "\"faults\":{\"429\":1,\"429-noretry\":1,\"503\":1,\"malformed\":1,\"reset\":1,\"slow\":1,"
                "\"truncate\":1}"),
            std::string::npos)
      << counters;
  EXPECT_NE(counters.find("\"rows\":400,"), std::string::npos) << counters;
}

TEST(Service, MalformedBodiesAreNoJsonWhateverTheyWere) {
  Options options;
  options.faults = "malformed@every:1";
  Tenant tenant(options);
  simdjson::dom::parser parser;
  for (const char* target :
       {"/v1/ping", "/v1/users?limit=1", "/v1/apps", "/v1/nowhere", "/v1/groups/g-00001/members"})
    EXPECT_NE(parser.parse(tenant.body(target)).error(), simdjson::SUCCESS) << target;
}

TEST(Service, DelaysLieBetweenLatencyAndJitterAndRepeat) {
  Options options;
  options.latency = 50ms;
  options.jitter = 20ms;
  Tenant one(options), two(options);
  std::set<std::chrono::nanoseconds> delays;
  for (int i = 0; i < 200; ++i) {
    const auto delay = one.get("/v1/ping").delay;
    EXPECT_GE(delay, 50ms);
    EXPECT_LE(delay, 70ms);
    EXPECT_EQ(two.get("/v1/ping").delay, delay);
    delays.insert(delay);
  }
  EXPECT_GT(delays.size(), 150u);
  EXPECT_LT(*delays.begin(), 52ms);
  EXPECT_GT(*delays.rbegin(), 68ms);
  EXPECT_EQ(one.get("/static").delay, 0ms);
  EXPECT_EQ(one.get("/admin/counters").delay, 0ms);
}

TEST(Service, ResetForgetsCountersWindowsAndSchedules) {
  Options options;
  options.rate_limit = 2;
  options.faults = "500@at:2";
  Tenant tenant(options);
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(tenant.get("/v1/ping").status, 200);
    EXPECT_EQ(tenant.get("/v1/ping").status, 500);
    EXPECT_EQ(tenant.get("/v1/ping").status, 429);
    EXPECT_EQ(tenant.send("POST", "/admin/reset").status, 200);
  }
  EXPECT_NE(tenant.counters().find("\"requests\":{\"total\":0,"), std::string::npos);
}

TEST(Service, TheStaticPageIsAboutFiftyKilobytesOfUsers) {
  Options options;
  options.shape.users = 1'000;
  options.shape.seed = 9;
  Tenant tenant(options);
  const std::string body = tenant.body("/static");
  EXPECT_LE(body.size(), 50'000u);
  EXPECT_GT(body.size(), 49'000u);
  simdjson::dom::parser parser;
  EXPECT_GT(parser.parse(body)["items"].get_array().size(), 150u);
}

TEST(Service, TellsOfTheLimitInTheFormThatIsAskedFor) {
  Options options;
  options.shape.users = 10;
  options.rate_limit = 2;
  options.rate_window = 60s;
  options.rate_headers = RateHeaders::kIetf;
  Tenant ietf(options);
  const std::string headers = ietf.get("/v1/users").headers;
  EXPECT_NE(headers.find("RateLimit-Policy: \"default\";q=2;w=60\r\n"), std::string::npos) << headers;
  EXPECT_NE(headers.find("RateLimit: \"default\";r=1;t=60\r\n"), std::string::npos) << headers;
  options.rate_headers = RateHeaders::kRetryAfter;
  Tenant quiet(options);
  EXPECT_EQ(quiet.get("/v1/users").headers, "");
  quiet.get("/v1/users");
  EXPECT_EQ(quiet.get("/v1/users").headers, "Retry-After: 60\r\n");
}

TEST(Service, ATokenThatItGaveOutIsGoodForSoManyRequests) {
  Options options;
  options.shape.users = 10;
  options.oauth_client = "id:secret";
  options.token_uses = 2;
  Tenant tenant(options);
  EXPECT_EQ(tenant.get("/v1/users").status, 401);
  tenant.request.body = "grant_type=client_credentials&client_id=id&client_secret=wrong";
  EXPECT_EQ(tenant.send("POST", "/oauth/token").status, 401);
  tenant.request.body = "grant_type=client_credentials&client_id=id&client_secret=secret";
  std::string json(tenant.send("POST", "/oauth/token").payload());
  const std::size_t begin = json.find("at-");
  ASSERT_NE(begin, std::string::npos) << json;
  tenant.request.authorization = "Bearer " + json.substr(begin, json.find('"', begin) - begin);
  EXPECT_EQ(tenant.get("/v1/users").status, 200);
  EXPECT_EQ(tenant.get("/v1/users").status, 200);
  EXPECT_EQ(tenant.get("/v1/users").status, 401);
}

TEST(Service, TakesAUserWithAPasswordAndAKey) {
  Options options;
  options.shape.users = 10;
  options.basic = "user:password";
  options.api_key = "k3y";
  Tenant tenant(options);
  EXPECT_EQ(tenant.get("/v1/users?api_key=k3").status, 401);
  EXPECT_EQ(tenant.get("/v1/users?limit=2&api_key=k3y").status, 200);
  tenant.request.api_key = "k3y";
  EXPECT_EQ(tenant.get("/v1/users").status, 200);
  tenant.request.api_key.clear();
  tenant.request.authorization = "Basic dXNlcjpwYXNzd29yZA==";
  EXPECT_EQ(tenant.get("/v1/users").status, 200);
}

}  // namespace
}  // namespace tenant
