// What this build does not know must come out as it went in: fields of a newer schema, annotations of types
// that nobody here has heard of. Connectors may be newer than the engine that stores their rows.

#include <string>

#include <google/protobuf/any.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_trait.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "c1/storage/v3/records.pb.h"
#include "hex.hpp"

namespace {

using baton::conformance::deterministic;
using baton::conformance::from_hex;
using baton::conformance::to_hex;

TEST(Preservation, UnknownFieldsOfARowSurvive) {
  // display_name "a", then field 5000 (varint 7) and field 5001 (bytes "xy").
  const std::string bytes = from_hex(
      "1a0161"
      "c0b80207"
      "cab802027879");
  c1::connector::v2::Resource resource;
  ASSERT_TRUE(resource.ParseFromString(bytes));
  EXPECT_EQ(resource.display_name(), "a");
  EXPECT_EQ(resource.GetReflection()->GetUnknownFields(resource).field_count(), 2);
  EXPECT_EQ(to_hex(deterministic(resource)), to_hex(bytes));
}

TEST(Preservation, UnknownFieldsSurviveInsideNestedMessages) {
  // Grant.entitlement.resource.id with type "g" and field 99 (varint 1) three levels down.
  const std::string bytes = from_hex(
      "0a0a"
      "0a08"
      "0a06"
      "0a0167"
      "980601");
  c1::connector::v2::Grant grant;
  ASSERT_TRUE(grant.ParseFromString(bytes));
  const auto& id = grant.entitlement().resource().id();
  EXPECT_EQ(id.resource_type(), "g");
  EXPECT_EQ(id.GetReflection()->GetUnknownFields(id).field_count(), 1);
  EXPECT_EQ(to_hex(deterministic(grant)), to_hex(bytes));
}

TEST(Preservation, UnknownFieldsSurviveACopyAndAMerge) {
  c1::connector::v2::Resource resource;
  ASSERT_TRUE(
      resource.ParseFromString(from_hex("1a0161"
                                        "c0b80207")));
  c1::connector::v2::Resource merged;
  merged.set_description("d");
  merged.MergeFrom(resource);
  EXPECT_EQ(to_hex(deterministic(merged)), "1a01612a0164c0b80207");
}

TEST(Preservation, UnknownEnumValuesSurvive) {
  // traits [1, 77], packed.
  const std::string bytes = from_hex("1a02014d");
  c1::connector::v2::ResourceType type;
  ASSERT_TRUE(type.ParseFromString(bytes));
  ASSERT_EQ(type.traits_size(), 2);
  EXPECT_EQ(static_cast<int>(type.traits(1)), 77);
  EXPECT_EQ(to_hex(deterministic(type)), to_hex(bytes));
}

TEST(Preservation, AnnotationsOfUnknownTypeSurvive) {
  c1::connector::v2::Resource resource;
  auto& unknown = *resource.add_annotations();
  unknown.set_type_url("type.googleapis.com/acme.v9.NobodyKnowsThis");
  // Not even valid protobuf: nobody may look inside.
  unknown.set_value(from_hex("ff00ff"));
  resource.add_annotations()->PackFrom(c1::connector::v2::GroupTrait());

  c1::connector::v2::Resource again;
  ASSERT_TRUE(again.ParseFromString(deterministic(resource)));
  ASSERT_EQ(again.annotations_size(), 2);
  EXPECT_EQ(again.annotations(0).type_url(), unknown.type_url());
  EXPECT_EQ(again.annotations(0).value(), unknown.value());
  EXPECT_EQ(to_hex(deterministic(again)), to_hex(deterministic(resource)));
}

TEST(Preservation, AnnotationsSurviveInStorageRecords) {
  c1::storage::v3::GrantRecord record;
  record.add_annotations()->set_type_url("type.googleapis.com/acme.v9.NobodyKnowsThis");
  c1::storage::v3::GrantRecord again;
  ASSERT_TRUE(again.ParseFromString(deterministic(record)));
  ASSERT_EQ(again.annotations_size(), 1);
  EXPECT_EQ(again.annotations(0).type_url(), record.annotations(0).type_url());
}

TEST(Preservation, KnownAnnotationsAreFoundByTypeUrlAlone) {
  // Nothing in this test names RawId, so only a library that was linked whole can print it.
  c1::connector::v2::Resource resource;
  auto& any = *resource.add_annotations();
  any.set_type_url("type.googleapis.com/c1.connector.v2.RawId");
  any.set_value(from_hex("0a026964"));
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(resource, &json);
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(json, R"({"annotations":[{"@type":"type.googleapis.com/c1.connector.v2.RawId","id":"id"}]})");
}

}  // namespace
