#include "tenant/directory.hpp"

#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tenant/hash.hpp"

namespace tenant {
namespace {

std::vector<Principal> all(const PrincipalList& list) {
  std::vector<Principal> out;
  for (std::uint64_t i = 0; i < list.size(); ++i) out.push_back(list.at(i));
  return out;
}

void expect_distinct(const std::vector<Principal>& principals) {
  std::set<std::pair<bool, std::uint64_t>> seen;
  for (const Principal& p : principals) EXPECT_TRUE(seen.emplace(p.is_group, p.index).second) << p.index;
}

TEST(Hash, IsSplitmix64) {
  // The first two outputs of the reference generator from state 0.
  EXPECT_EQ(draw(0, 0), 0xe220a8397b1dcdafu);
  EXPECT_EQ(draw(0, 1), 0x6e789e6aa1b965f4u);
}

TEST(Directory, WorkloadsHaveTheTruthOfTheDesign) {
  const Directory s(workload_s());
  EXPECT_EQ(s.count(Kind::kUsers), 20'000u);
  EXPECT_EQ(s.count(Kind::kGroups), 1'000u);
  EXPECT_EQ(s.count(Kind::kRoles), 100u);
  EXPECT_EQ(s.count(Kind::kApps), 10u);
  EXPECT_EQ(s.count(Kind::kMembers), 50'000u);
  EXPECT_EQ(s.count(Kind::kAssignments), 2'000u);
  const Directory l(workload_l());
  EXPECT_EQ(l.count(Kind::kUsers), 100'000u);
  EXPECT_EQ(l.count(Kind::kMembers), 1'000'000u);
  EXPECT_EQ(l.count(Kind::kAssignments), 10'000u);
}

TEST(Directory, EveryGroupOfSHasFiftyDistinctMembers) {
  const Directory s(workload_s());
  std::uint64_t rows = 0;
  for (std::uint64_t g = 0; g < 1'000; ++g) {
    const auto members = all(s.members(g));
    rows += members.size();
    expect_distinct(members);
    for (std::size_t i = 0; i < members.size(); ++i) {
      const bool nested = g % 5 == 4 && i == 0;
      EXPECT_EQ(members[i].is_group, nested);
      if (nested) {
        EXPECT_EQ(members[i].index, g - 1);
      } else {
        EXPECT_LT(members[i].index, 20'000u);
      }
    }
  }
  EXPECT_EQ(rows, 50'000u);
}

TEST(Directory, EveryRoleOfSHasTwentyDistinctGroups) {
  const Directory s(workload_s());
  for (std::uint64_t r = 0; r < 100; ++r) {
    const auto principals = all(s.assignments(r));
    EXPECT_EQ(principals.size(), 20u);
    expect_distinct(principals);
    for (const Principal& p : principals) {
      EXPECT_TRUE(p.is_group);
      EXPECT_LT(p.index, 1'000u);
    }
  }
}

TEST(Directory, RoleUsersFollowTheGroups) {
  Shape shape;
  shape.role_users = 3;
  const auto principals = all(Directory(shape).assignments(7));
  ASSERT_EQ(principals.size(), 23u);
  expect_distinct(principals);
  EXPECT_TRUE(principals[19].is_group);
  EXPECT_FALSE(principals[20].is_group);
}

TEST(Directory, MembersMayBeAllUsersThereAre) {
  for (const std::uint64_t users : {1u, 2u, 12u, 97u}) {
    Shape shape;
    shape.users = shape.members = users;
    shape.groups = 20;
    shape.nesting = 0;
    const Directory directory(shape);
    for (std::uint64_t g = 0; g < shape.groups; ++g) expect_distinct(all(directory.members(g)));
  }
}

TEST(Directory, SameSeedSameRowsOtherSeedOtherRows) {
  Shape other_shape;
  other_shape.seed = 2;
  const Directory one(workload_s()), again(workload_s()), other(other_shape);
  int differences = 0;
  for (std::uint64_t g = 0; g < 100; ++g) {
    EXPECT_EQ(all(one.members(g)), all(again.members(g)));
    differences += all(one.members(g)) != all(other.members(g));
  }
  EXPECT_EQ(differences, 100);
}

// The groups that g leads to through its members.
std::vector<std::uint64_t> subgroups(const Directory& directory, std::uint64_t g) {
  std::vector<std::uint64_t> out;
  for (const Principal& p : all(directory.members(g))) {
    if (p.is_group) out.push_back(p.index);
  }
  return out;
}

// Loops of two: groups that are members of each other.
std::uint64_t mutual_pairs(const Directory& directory) {
  std::set<std::pair<std::uint64_t, std::uint64_t>> edges;
  for (std::uint64_t g = 0; g < directory.count(Kind::kGroups); ++g) {
    for (const std::uint64_t to : subgroups(directory, g)) edges.emplace(g, to);
  }
  std::uint64_t pairs = 0;
  for (const auto& [from, to] : edges) pairs += from < to && edges.contains({to, from});
  return pairs;
}

TEST(Directory, CyclesAreExactlyTheShareOfNestedGroups) {
  for (const auto& [nesting, nested] : {std::pair{5u, 200u}, std::pair{2u, 500u}, std::pair{1u, 999u}}) {
    for (const double share : {0.0, 0.1, 0.29, 0.5, 1.0}) {
      Shape shape;
      shape.nesting = nesting;
      shape.cycles = share;
      const Directory directory(shape);
      EXPECT_EQ(mutual_pairs(directory), static_cast<std::uint64_t>(nested * share + 1e-6))
          << "nesting " << nesting << ", share " << share;
      EXPECT_EQ(directory.count(Kind::kMembers), 50'000u);
      for (std::uint64_t g = 0; g < 1'000; ++g) {
        const auto members = all(directory.members(g));
        ASSERT_EQ(members.size(), 50u);
        expect_distinct(members);
      }
    }
  }
}

TEST(Directory, NestingOfOneIsOneLongChain) {
  Shape shape;
  shape.nesting = 1;
  const Directory directory(shape);
  EXPECT_TRUE(subgroups(directory, 0).empty());
  for (std::uint64_t g = 1; g < 1'000; ++g)
    EXPECT_EQ(subgroups(directory, g), std::vector<std::uint64_t>{g - 1});
}

TEST(Directory, RefusesShapesWithoutEnoughToChooseFrom) {
  const auto refused = [](auto change) {
    Shape shape;
    change(shape);
    return check_shape(shape).code() == absl::StatusCode::kInvalidArgument;
  };
  EXPECT_TRUE(check_shape(workload_s()).ok());
  EXPECT_TRUE(check_shape(workload_l()).ok());
  EXPECT_TRUE(refused([](Shape& s) { s.members = s.users + 1; }));
  EXPECT_TRUE(refused([](Shape& s) { s.assignments = s.groups + 1; }));
  EXPECT_TRUE(refused([](Shape& s) { s.role_users = s.users + 1; }));
  EXPECT_TRUE(refused([](Shape& s) { s.apps = 0; }));
  EXPECT_TRUE(refused([](Shape& s) { s.cycles = 1.5; }));
  EXPECT_TRUE(refused([](Shape& s) { s.users = 2'000'000'000; }));
}

}  // namespace
}  // namespace tenant
