#include "sync/type_catalog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "c1/connector/v2/annotation_type_scoped_entitlements.pb.h"
#include "c1/connector/v2/annotation_type_scoped_grants.pb.h"
#include "rows.hpp"

namespace baton::sync {
namespace {

namespace v2 = c1::connector::v2;

TEST(TypeCatalog, reads_the_markers_of_each_type) {
  struct Case {
    v2::ResourceType type;
    bool skip_entitlements;
    bool skip_grants;
    bool scoped_entitlements;
    bool scoped_grants;
  };
  const Case cases[] = {
      {rows::type("t"), false, false, false, false},
      {rows::marked_type<v2::SkipEntitlementsAndGrants>("t"), true, true, false, false},
      {rows::marked_type<v2::SkipEntitlements>("t"), true, false, false, false},
      {rows::marked_type<v2::SkipGrants>("t"), false, true, false, false},
      {rows::marked_type<v2::SkipEntitlements, v2::SkipGrants>("t"), true, true, false, false},
      {rows::marked_type<v2::TypeScopedEntitlements>("t"), false, false, true, false},
      {rows::marked_type<v2::TypeScopedGrants>("t"), false, false, false, true},
      {rows::marked_type<v2::TypeScopedEntitlements, v2::TypeScopedGrants>("t"), false, false, true, true},
  };
  for (const Case& one : cases) {
    const auto catalog = rows::catalog({one.type});
    const TypeEntry* entry = catalog->find("t");
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->skip_entitlements, one.skip_entitlements) << one.type.ShortDebugString();
    EXPECT_EQ(entry->skip_grants, one.skip_grants) << one.type.ShortDebugString();
    EXPECT_EQ(entry->type_scoped_entitlements, one.scoped_entitlements) << one.type.ShortDebugString();
    EXPECT_EQ(entry->type_scoped_grants, one.scoped_grants) << one.type.ShortDebugString();
  }
}

TEST(TypeCatalog, requires_the_message_of_those_traits_that_have_one) {
  v2::ResourceType type = rows::type("everything");
  for (int trait = 0; trait < v2::ResourceType::Trait_ARRAYSIZE; ++trait) {
    type.add_traits(static_cast<v2::ResourceType::Trait>(trait));
  }
  const auto catalog = rows::catalog({type});
  EXPECT_THAT(catalog->find("everything")->required_traits,
              ::testing::ElementsAre("c1.connector.v2.UserTrait", "c1.connector.v2.GroupTrait",
                                     "c1.connector.v2.RoleTrait", "c1.connector.v2.AppTrait",
                                     "c1.connector.v2.SecretTrait"));
}

TEST(TypeCatalog, asks_for_the_promise_of_each_type_and_knows_no_other) {
  const auto catalog = rows::catalog({rows::type("user"), rows::type("group")}, "group");
  EXPECT_EQ(catalog->entries().size(), 2U);
  EXPECT_TRUE(catalog->find("group")->independent);
  EXPECT_FALSE(catalog->find("user")->independent);
  EXPECT_EQ(catalog->find("role"), nullptr);
  EXPECT_EQ(catalog->find(""), nullptr);
}

}  // namespace
}  // namespace baton::sync
