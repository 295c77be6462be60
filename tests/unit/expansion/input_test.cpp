#include "expansion/input.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/expansion/scenario.hpp"

namespace baton::expansion {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::index_of;
using testing::name;
using testing::rank_of;
using testing::Scenario;

std::vector<std::string> holders(const Input& input, std::string_view entitlement) {
  std::vector<std::string> names;
  for (const Holder holder : input.holders(index_of(input, entitlement))) {
    names.push_back(name(input.principal(holder.principal())) + (holder.is_direct() ? "+" : "-"));
  }
  return names;
}

TEST(Holder, KeepsTheLargestRankBesideTheFlag) {
  constexpr PrincipalRank kLargest = Holder::kMaxPrincipals - 1;
  EXPECT_EQ(Holder(kLargest, true).principal(), kLargest);
  EXPECT_TRUE(Holder(kLargest, true).is_direct());
  EXPECT_FALSE(Holder(kLargest, false).is_direct());
}

TEST(Input, RanksPrincipalsByBytesOfTypeThenId) {
  InputBuilder builder;
  const EntitlementIndex a = builder.add_entitlement({"group", "a", "a"});
  for (const ResourceView principal : {ResourceView{"user", "b"},
                                       {"user", "\xc3\xa9"},
                                       {"user", "B"},
                                       {"usera", "a"},
                                       {"group", "z"},
                                       {"user", "a:b"},
                                       {"user", "a"}}) {
    ASSERT_TRUE(builder.add_grant(a, principal).ok());
  }
  const absl::StatusOr<Input> input = std::move(builder).seal();
  ASSERT_TRUE(input.ok());
  std::vector<std::string> names;
  for (PrincipalRank rank = 0; rank < input->principal_count(); ++rank)
    names.push_back(name(input->principal(rank)));
  EXPECT_THAT(names, ElementsAre("group:z", "B", "a", "a:b", "b", "\xc3\xa9", "usera:a"));
}

TEST(Input, SortsTheGrantsOfAnEntitlement) {
  InputBuilder builder;
  const EntitlementIndex a = builder.add_entitlement({"group", "a", "a"});
  const SourceEntry foreign[] = {{"x", true}};
  ASSERT_TRUE(builder.add_grant(a, {"user", "zoe"}, {}, foreign).ok());
  ASSERT_TRUE(builder.add_grant(a, {"user", "bob"}).ok());
  ASSERT_TRUE(builder.add_grant(a, {"user", "mia"}, {}, foreign).ok());
  const absl::StatusOr<Input> input = std::move(builder).seal();
  ASSERT_TRUE(input.ok());
  EXPECT_THAT(holders(*input, "a"), ElementsAre("bob+", "mia-", "zoe-"));
  EXPECT_EQ(input->sources(a, rank_of(*input, "bob")), nullptr);
  ASSERT_NE(input->sources(a, rank_of(*input, "mia")), nullptr);
  EXPECT_EQ(input->sources(a, rank_of(*input, "mia")), input->sources(a, rank_of(*input, "zoe")))
      << "equal lists are kept once";
}

TEST(Input, AGrantIsDirectIfItsSourcesAreEmptyOrNameItsEntitlement) {
  const Input input = Scenario()
                          .entitlement("a")
                          .grant("a", "empty")
                          .grant("a", "self_true", {{"a", true}, {"x", false}})
                          .grant("a", "self_false", {{"a", false}})
                          .grant("a", "foreign", {{"x", true}})
                          .input();
  EXPECT_THAT(holders(input, "a"), ElementsAre("empty+", "foreign-", "self_false+", "self_true+"));
}

TEST(Input, KeepsSourcesSortedByBytes) {
  InputBuilder builder;
  const EntitlementIndex a = builder.add_entitlement({"group", "a", "a"});
  const SourceEntry sources[] = {{"b", true}, {"\xff", false}, {"B", false}};
  ASSERT_TRUE(builder.add_grant(a, {"user", "bob"}, {}, sources).ok());
  const absl::StatusOr<Input> input = std::move(builder).seal();
  ASSERT_TRUE(input.ok());
  EXPECT_THAT(*input->sources(a, 0),
              ElementsAre(SourceEntry{"B", false}, SourceEntry{"b", true}, SourceEntry{"\xff", false}));
}

TEST(Input, TheSameIdentityIsOneEntitlementAndHasARowIfAnyCallSaysSo) {
  InputBuilder builder;
  const EntitlementIndex first = builder.add_entitlement({"group", "a", "m", false});
  EXPECT_EQ(builder.add_entitlement({"group", "a", "m", true}), first);
  EXPECT_EQ(builder.add_entitlement({"group", "a", "m", false}), first);
  EXPECT_NE(builder.add_entitlement({"group", "b", "m", true}), first);
  const absl::StatusOr<Input> input = std::move(builder).seal();
  ASSERT_TRUE(input.ok());
  EXPECT_EQ(input->entitlement_count(), 2U);
  EXPECT_TRUE(input->entitlement(first).has_row);
}

TEST(Input, DropsAGrantWithoutPrincipalId) {
  InputBuilder builder;
  const EntitlementIndex a = builder.add_entitlement({"group", "a", "a"});
  ASSERT_TRUE(builder.add_grant(a, {"user", ""}).ok());
  ASSERT_TRUE(builder.add_grant(a, {"user", "bob"}).ok());
  const absl::StatusOr<Input> input = std::move(builder).seal();
  ASSERT_TRUE(input.ok());
  EXPECT_THAT(holders(*input, "a"), ElementsAre("bob+"));
}

TEST(Input, RefusesASecondRunOfGrants) {
  InputBuilder builder;
  const EntitlementIndex a = builder.add_entitlement({"group", "a", "a"});
  const EntitlementIndex b = builder.add_entitlement({"group", "b", "b"});
  ASSERT_TRUE(builder.add_grant(a, {"user", "bob"}).ok());
  ASSERT_TRUE(builder.add_grant(b, {"user", "bob"}).ok());
  const auto again = builder.add_grant(a, {"user", "mia"});
  EXPECT_EQ(again.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(again.status().message()), HasSubstr("entitlement \"a\" come in two runs"));
}

TEST(Input, RefusesAGrantThatCameTwice) {
  InputBuilder builder;
  const EntitlementIndex a = builder.add_entitlement({"group", "a", "a"});
  for (const char* id : {"bob", "mia", "bob"}) ASSERT_TRUE(builder.add_grant(a, {"user", id}).ok());
  const absl::StatusOr<Input> input = std::move(builder).seal();
  EXPECT_EQ(input.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(input.status().message()),
              HasSubstr("two grants of entitlement \"a\" to \"user\" \"bob\""));
}

TEST(Input, RemembersWhichPrincipalsHaveDifferingParents) {
  const Input input = Scenario()
                          .grant("a", "bob")
                          .grant("b", "bob")
                          .parent("a", "bob", "north")
                          .parent("b", "bob", "south")
                          .grant("a", "mia")
                          .grant("b", "mia")
                          .parent("a", "mia", "west")
                          .parent("b", "mia", "west")
                          .input();
  const PrincipalRank bob = rank_of(input, "bob");
  const PrincipalRank mia = rank_of(input, "mia");
  EXPECT_TRUE(input.parents_differ(bob));
  EXPECT_FALSE(input.parents_differ(mia));
  EXPECT_EQ(input.parent_view(input.parent(mia)), (ResourceView{"org", "west"}));
  EXPECT_EQ(input.parent_view(input.parent_of_grant(index_of(input, "a"), bob)),
            (ResourceView{"org", "north"}));
  EXPECT_EQ(input.parent_view(input.parent_of_grant(index_of(input, "b"), bob)),
            (ResourceView{"org", "south"}));
}

TEST(Input, KnowsTheRanksOfAType) {
  const Input input =
      Scenario().grant("a", "bob").grant("a", "mia").edge("g", "a", {false, {"user"}}).input();
  const Symbol user = input.description(0).types[0];
  EXPECT_EQ(input.ranks_of_type(user), (std::pair<PrincipalRank, PrincipalRank>{1, 3}));
  EXPECT_EQ(input.ranks_of_type(input.description(0).sources[0]),
            (std::pair<PrincipalRank, PrincipalRank>{0, 0}));
}

}  // namespace
}  // namespace baton::expansion
