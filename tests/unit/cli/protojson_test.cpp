#include "cli/protojson.hpp"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_trait.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "c1/reader/v2/sync.pb.h"

namespace baton::cli {
namespace {

std::string json(const google::protobuf::Message& message) {
  std::string text;
  append_json(message, text);
  return text;
}

c1::connector::v2::Resource resource_with(const google::protobuf::Message& annotation) {
  c1::connector::v2::Resource resource;
  resource.add_annotations()->PackFrom(annotation);
  return resource;
}

TEST(ProtoJson, AnEmptyMessageIsAnEmptyObject) {
  EXPECT_EQ(json(c1::connector::v2::Grant()), "{}");
}

TEST(ProtoJson, MembersComeByNumberWithCamelCaseNames) {
  c1::connector::v2::Resource resource;
  resource.mutable_created_at()->set_seconds(1'700'000'000);
  resource.set_display_name("A");
  resource.mutable_id()->set_resource_type("user");
  resource.mutable_parent_resource_id();
  EXPECT_EQ(json(resource), R"({"id":{"resourceType":"user"},"parentResourceId":{},"displayName":"A",)"
                            R"("createdAt":"2023-11-14T22:13:20Z"})");
}

TEST(ProtoJson, LongNumbersAreTextAndEnumsAreNames) {
  c1::reader::v2::SyncStats stats;
  stats.set_grants(9'007'199'254'740'993);
  (*stats.mutable_resources_by_resource_type())["b"] = 0;
  (*stats.mutable_resources_by_resource_type())["a"] = -1;
  EXPECT_EQ(json(stats), R"({"grants":"9007199254740993","resourcesByResourceType":{"a":"-1","b":"0"}})");
  c1::connector::v2::ResourceType type;
  type.add_traits(c1::connector::v2::ResourceType::TRAIT_USER);
  type.add_traits(static_cast<c1::connector::v2::ResourceType::Trait>(77));
  EXPECT_EQ(json(type), R"({"traits":["TRAIT_USER",77]})");
}

TEST(ProtoJson, FractionsOfSecondsHaveThreeSixOrNineDigits) {
  google::protobuf::Timestamp time;
  time.set_seconds(0);
  for (const auto& [nanos, text] :
       {std::pair(500'000'000, "\"1970-01-01T00:00:00.500Z\""),
        std::pair(1'000, "\"1970-01-01T00:00:00.000001Z\""),
        std::pair(1, "\"1970-01-01T00:00:00.000000001Z\""), std::pair(0, "\"1970-01-01T00:00:00Z\"")}) {
    time.set_nanos(nanos);
    EXPECT_EQ(json(time), text);
  }
}

TEST(ProtoJson, KnownAnnotationsAreOpened) {
  c1::connector::v2::GrantExpandable expandable;
  expandable.add_entitlement_ids("e");
  expandable.set_shallow(true);
  EXPECT_EQ(json(resource_with(expandable)),
            R"({"annotations":[{"@type":"type.googleapis.com/c1.connector.v2.GrantExpandable",)"
            R"("entitlementIds":["e"],"shallow":true}]})");
  EXPECT_EQ(json(resource_with(c1::connector::v2::GrantImmutable())),
            R"({"annotations":[{"@type":"type.googleapis.com/c1.connector.v2.GrantImmutable"}]})");
}

TEST(ProtoJson, UnknownAndDamagedAnnotationsAreKeptAsBytes) {
  c1::connector::v2::Resource resource;
  auto& unknown = *resource.add_annotations();
  unknown.set_type_url("type.googleapis.com/acme.v1.Secret");
  unknown.set_value("\x08\x01");
  auto& damaged = *resource.add_annotations();
  damaged.set_type_url("type.googleapis.com/c1.connector.v2.GrantExpandable");
  damaged.set_value("\xFF");
  resource.add_annotations();
  EXPECT_EQ(
      json(resource),
      R"({"annotations":[{"@type":"type.googleapis.com/acme.v1.Secret","value":"CAE="},)"
      R"({"@type":"type.googleapis.com/c1.connector.v2.GrantExpandable","value":"/w=="},{"@type":""}]})");
}

TEST(ProtoJson, WellKnownTypesHaveTheirOwnForms) {
  google::protobuf::Struct object;
  auto& fields = *object.mutable_fields();
  fields["n"].set_number_value(1.5);
  fields["i"].set_number_value(3);
  fields["z"].set_null_value(google::protobuf::NULL_VALUE);
  fields["b"].set_bool_value(true);
  fields["l"].mutable_list_value()->add_values()->set_string_value("x");
  fields["s"].mutable_struct_value();
  EXPECT_EQ(json(object), R"({"b":true,"i":3,"l":["x"],"n":1.5,"s":{},"z":null})");
  google::protobuf::Duration duration;
  duration.set_seconds(-3);
  duration.set_nanos(-250'000'000);
  EXPECT_EQ(json(duration), R"("-3.250s")");
  google::protobuf::Int64Value number;
  number.set_value(7);
  EXPECT_EQ(json(number), R"("7")");
  google::protobuf::FieldMask mask;
  mask.add_paths("display_name");
  mask.add_paths("id.resource_type");
  EXPECT_EQ(json(mask), R"("displayName,id.resourceType")");
  EXPECT_EQ(json(resource_with(object)),
            R"({"annotations":[{"@type":"type.googleapis.com/google.protobuf.Struct",)"
            R"("value":{"b":true,"i":3,"l":["x"],"n":1.5,"s":{},"z":null}}]})");
}

TEST(ProtoJson, AnnotationsInsideAnnotationsEnd) {
  google::protobuf::Any any;
  any.PackFrom(c1::connector::v2::GrantImmutable());
  for (int i = 0; i < 100; ++i) {
    google::protobuf::Any outer;
    outer.PackFrom(any);
    any = outer;
  }
  const std::string text = json(any);
  EXPECT_LT(std::ranges::count(text, '{'), 40);
  google::protobuf::Value parsed;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(text, &parsed).ok());
}

TEST(ProtoJson, TextIsEscapedAndRepaired) {
  std::string text;
  append_json_string("a\"b\\c\n\t\r\x01\x7F\xC3\xA9\xFF", text);
  EXPECT_EQ(text, "\"a\\\"b\\\\c\\n\\t\\r\\u0001\x7F\xC3\xA9\xEF\xBF\xBD\"");
}

TEST(ProtoJson, AgreesWithProtobufsOwnPrinter) {
  c1::connector::v2::UserTrait trait;
  trait.add_emails()->set_address("a@example.com");
  trait.set_account_type(c1::connector::v2::UserTrait::ACCOUNT_TYPE_HUMAN);
  trait.set_login("a");
  c1::connector::v2::Resource resource = resource_with(trait);
  resource.mutable_id()->set_resource("r");
  (*resource.mutable_profile()->mutable_fields())["x"].set_number_value(0.1);
  std::string theirs;
  ASSERT_TRUE(google::protobuf::util::MessageToJsonString(resource, &theirs).ok());
  google::protobuf::Value a;
  google::protobuf::Value b;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(theirs, &a).ok());
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json(resource), &b).ok());
  EXPECT_EQ(json(a), json(b));
}

}  // namespace
}  // namespace baton::cli
