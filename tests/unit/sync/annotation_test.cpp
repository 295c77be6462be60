#include "sync/annotation.hpp"

#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_resource_tree.pb.h"

namespace baton::sync {
namespace {

namespace v2 = c1::connector::v2;

TEST(Annotation, compares_the_full_name_behind_the_last_slash) {
  struct Case {
    const char* url;
    bool same;
  };
  const Case cases[] = {
      {"type.googleapis.com/c1.connector.v2.SkipGrants", true},
      {"https://example.com/a/c1.connector.v2.SkipGrants", true},
      {"/c1.connector.v2.SkipGrants", true},
      {"c1.connector.v2.SkipGrants", false},
      {"type.googleapis.com/xc1.connector.v2.SkipGrants", false},
      {"type.googleapis.com/c1.connector.v2.SkipGrantsX", false},
      {"type.googleapis.com/c1.connector.v2.SkipEntitlementsAndGrants", false},
      {"", false},
  };
  for (const Case& one : cases) {
    google::protobuf::Any any;
    any.set_type_url(one.url);
    EXPECT_EQ(is_annotation(any, "c1.connector.v2.SkipGrants"), one.same) << one.url;
  }
}

TEST(Annotation, finds_the_first_and_removes_all_of_a_type) {
  Annotations annotations;
  v2::ChildResourceType first;
  first.set_resource_type_id("a");
  v2::ChildResourceType second;
  second.set_resource_type_id("b");
  annotations.Add()->PackFrom(v2::SkipGrants());
  annotations.Add()->PackFrom(first);
  annotations.Add()->PackFrom(second);
  annotations.Add()->PackFrom(v2::SkipEntitlements());

  const google::protobuf::Any* found = find_annotation(annotations, "c1.connector.v2.ChildResourceType");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found, &annotations.Get(1));
  EXPECT_FALSE(has_annotation<v2::GrantExpandable>(annotations));

  remove_annotations(annotations, "c1.connector.v2.ChildResourceType");
  ASSERT_EQ(annotations.size(), 2);
  EXPECT_TRUE(annotations.Get(0).Is<v2::SkipGrants>());
  EXPECT_TRUE(annotations.Get(1).Is<v2::SkipEntitlements>());
  remove_annotations(annotations, "c1.connector.v2.ChildResourceType");
  EXPECT_EQ(annotations.size(), 2);
}

}  // namespace
}  // namespace baton::sync
