#include "tenant/rows.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "tenant/truth.hpp"

namespace tenant {
namespace {

std::string lines(const RowWriter& rows, Kind kind, std::size_t piece) {
  TruthStream truth(rows, kind);
  JsonBuffer buffer;
  std::string out;
  for (bool more = true; more;) {
    buffer.clear();
    more = truth.fill(buffer, piece);
    out.append(buffer.view());
  }
  return out;
}

std::string text(simdjson::dom::element row, const char* key) {
  return std::string(row[key].get_string().value());
}

// Calls `check` with every row; a line that is not JSON throws and fails the test.
template <class Check>
std::uint64_t each(const std::string& text, Check check) {
  simdjson::dom::parser parser;
  std::uint64_t count = 0;
  for (std::size_t begin = 0; begin < text.size(); ++count) {
    const std::size_t end = text.find('\n', begin);
    check(parser.parse(text.substr(begin, end - begin)).value());
    begin = end + 1;
  }
  return count;
}

TEST(Rows, UsersOfSAreJsonUniqueAndVaried) {
  const Directory s(workload_s());
  const RowWriter rows(s);
  std::set<std::string> ids, logins, departments;
  std::uint64_t disabled = 0, services = 0, beyond_ascii = 0, escaped = 0;
  const std::string all = lines(rows, Kind::kUsers, 1 << 16);
  const std::uint64_t count = each(all, [&](simdjson::dom::element user) {
    EXPECT_TRUE(ids.insert(text(user, "id")).second);
    EXPECT_TRUE(logins.insert(text(user, "login")).second);
    EXPECT_EQ(text(user, "email"), text(user, "login") + "@tenant.example");
    departments.insert(text(user, "department"));
    EXPECT_FALSE(text(user, "title").empty());
    EXPECT_TRUE(text(user, "status") == "active" || text(user, "status") == "disabled");
    EXPECT_TRUE(text(user, "type") == "human" || text(user, "type") == "service");
    disabled += text(user, "status") == "disabled";
    services += text(user, "type") == "service";
    const std::string name = text(user, "first_name") + " " + text(user, "last_name");
    beyond_ascii += std::any_of(name.begin(), name.end(), [](char c) { return (c & 0x80) != 0; });
    escaped += name.find_first_of("\"\\\t") != std::string::npos;
    EXPECT_LT(text(user, "created_at"), text(user, "last_login"));
    EXPECT_EQ(text(user, "created_at").size(), 20u);
  });
  EXPECT_EQ(count, 20'000u);
  EXPECT_TRUE(ids.contains("u-000000") && ids.contains("u-019999"));
  EXPECT_EQ(departments.size(), kWordCount);
  EXPECT_GT(disabled, 500u);
  EXPECT_GT(services, 200u);
  EXPECT_GT(beyond_ascii, 500u);
  EXPECT_GT(escaped, 500u);
  EXPECT_NEAR(static_cast<double>(all.size()) / 20'000, 265, 20);
}

TEST(Rows, TruthOfSIsComplete) {
  const Directory s(workload_s());
  const RowWriter rows(s);
  std::set<std::string> grants;
  const auto note = [&](const char* owner) {
    return [&, owner](simdjson::dom::element row) {
      EXPECT_TRUE(grants.insert(text(row, owner) + " " + text(row, "type") + " " + text(row, "id")).second);
    };
  };
  EXPECT_EQ(each(lines(rows, Kind::kMembers, 1 << 16), note("group")), 50'000u);
  EXPECT_EQ(each(lines(rows, Kind::kAssignments, 1 << 16), note("role")), 2'000u);
  EXPECT_EQ(grants.size(), 52'000u);
  EXPECT_TRUE(grants.contains("g-00004 group g-00003"));
  std::set<std::string> apps;
  EXPECT_EQ(each(lines(rows, Kind::kApps, 1 << 16), [&](auto app) { apps.insert(text(app, "id")); }), 10u);
  EXPECT_EQ(each(lines(rows, Kind::kRoles, 1 << 16),
                 [&](auto role) { EXPECT_TRUE(apps.contains(text(role, "app"))); }),
            100u);
  std::set<std::string> names;
  EXPECT_EQ(each(lines(rows, Kind::kGroups, 1 << 16), [&](auto group) { names.insert(text(group, "name")); }),
            1'000u);
  EXPECT_EQ(names.size(), 1'000u);
}

TEST(Rows, TruthDoesNotDependOnThePieces) {
  Shape shape;
  shape.users = 500;
  shape.groups = 13;
  shape.members = 130;
  shape.assignments = 13;
  shape.role_users = 70;
  shape.roles = 3;
  const Directory directory(shape);
  const RowWriter rows(directory);
  for (const Kind kind :
       {Kind::kUsers, Kind::kGroups, Kind::kRoles, Kind::kApps, Kind::kMembers, Kind::kAssignments}) {
    const std::string whole = lines(rows, kind, 1 << 20);
    EXPECT_EQ(lines(rows, kind, 1), whole);
    EXPECT_EQ(std::count(whole.begin(), whole.end(), '\n'),
              static_cast<std::ptrdiff_t>(directory.count(kind)));
  }
}

TEST(Rows, NothingIsWrittenOfAnEmptyDirectory) {
  Shape shape;
  shape.users = shape.groups = shape.roles = shape.apps = 0;
  shape.members = shape.assignments = 0;
  const Directory directory(shape);
  const RowWriter rows(directory);
  for (const Kind kind :
       {Kind::kUsers, Kind::kGroups, Kind::kRoles, Kind::kApps, Kind::kMembers, Kind::kAssignments})
    EXPECT_EQ(lines(rows, kind, 1 << 16), "");
}

TEST(Ids, WidenWithTheDirectoryAndReadBackExactly) {
  const IdFormat small('g', 5, 1'000), large('u', 6, 12'345'678);
  char out[32];
  EXPECT_EQ(std::string(out, small.write(out, 12)), "g-00012");
  EXPECT_EQ(std::string(out, large.write(out, 17)), "u-00000017");
  EXPECT_EQ(small.parse("g-00012"), 12u);
  EXPECT_EQ(small.parse("g-00999"), 999u);
  for (const char* id : {"g-01000", "g-12", "g-000012", "u-00012", "g-0001x", "g+00012", "", "g-"})
    EXPECT_FALSE(small.parse(id)) << id;
}

}  // namespace
}  // namespace tenant
