#include "sdk/resource_types.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_resource_tree.pb.h"

namespace baton::sdk {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::ElementsAre;

TEST(ResourceTypes, ids_follow_from_names) {
  const v2::ResourceType type =
      make_resource_type("Service Account", {v2::ResourceType::TRAIT_USER}, v2::SkipGrants());
  EXPECT_EQ(type.id(), "service-account");
  EXPECT_EQ(type.display_name(), "Service Account");
  EXPECT_THAT(type.traits(), ElementsAre(v2::ResourceType::TRAIT_USER));
  EXPECT_TRUE(contains_annotation<v2::SkipGrants>(type.annotations()));
  EXPECT_EQ(resource_type_id_for("A  B"), "a--b");
}

}  // namespace
}  // namespace baton::sdk
