#include "storage/v1_transcoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "rows.hpp"
#include "storage/record_encoder.hpp"

namespace baton::storage {
namespace {

namespace v2 = c1::connector::v2;

constexpr int kRounds = 3000;

template <class Message>
std::string encode(const Message& message) {
  std::string value;
  wire::Writer writer(value, 0);
  encode_value(writer, message, kDiscovered);
  writer.finish();
  return value;
}

StoredValue parse(const std::string& value) {
  StoredValue stored;
  EXPECT_TRUE(StoredValue::parse(value, stored));
  return stored;
}

/// What a v1 file keeps apart from a grant: its description, and the grant without it and with an id.
std::pair<v2::Grant, std::string> expected(v2::Grant grant) {
  std::string expansion;
  auto& annotations = *grant.mutable_annotations();
  for (int i = annotations.size() - 1; i >= 0; --i) {
    v2::GrantExpandable expandable;
    if (!annotations[i].UnpackTo(&expandable)) continue;
    expansion = bytes_of(expandable);
    annotations.DeleteSubrange(i, 1);
  }
  if (grant.id().empty()) {
    const v2::ResourceId& principal = grant.principal().id();
    grant.set_id(grant.entitlement().id() + ":" + principal.resource_type() + ":" + principal.resource());
  }
  return {std::move(grant), expansion};
}

TEST(V1Transcoder, ResourceTypesKeepWhatTheConnectorGave) {
  RandomRows rows(11);
  V1Transcoder transcoder;
  for (int i = 0; i < kRounds; ++i) {
    const v2::ResourceType type = rows.type();
    const std::string value = encode(type);
    ResourceTypeRow row;
    ASSERT_TRUE(transcoder.transcode(parse(value), row).ok());
    EXPECT_EQ(row.id, type.id());
    EXPECT_EQ(row.discovered_at, kDiscovered);
    ASSERT_EQ(row.blob, bytes_of(type)) << type.DebugString();
  }
}

TEST(V1Transcoder, ResourcesKeepWhatTheConnectorGave) {
  RandomRows rows(12);
  V1Transcoder transcoder;
  for (int i = 0; i < kRounds; ++i) {
    const v2::Resource resource = rows.resource();
    const std::string value = encode(resource);
    ResourceRow row;
    ASSERT_TRUE(transcoder.transcode(parse(value), row).ok());
    EXPECT_EQ(row.type_id, resource.id().resource_type());
    EXPECT_EQ(row.id, resource.id().resource());
    EXPECT_EQ(row.has_parent, resource.has_parent_resource_id());
    EXPECT_EQ(row.parent_type_id, resource.parent_resource_id().resource_type());
    EXPECT_EQ(row.parent_id, resource.parent_resource_id().resource());
    EXPECT_EQ(row.discovered_at, kDiscovered);
    ASSERT_EQ(row.blob, bytes_of(resource)) << resource.DebugString();
  }
}

TEST(V1Transcoder, EntitlementsKeepWhatTheConnectorGave) {
  RandomRows rows(13);
  V1Transcoder transcoder;
  for (int i = 0; i < kRounds; ++i) {
    const v2::Entitlement entitlement = rows.entitlement();
    const std::string value = encode(entitlement);
    EntitlementRow row;
    ASSERT_TRUE(transcoder.transcode(parse(value), row).ok());
    EXPECT_EQ(row.resource_type_id, entitlement.resource().id().resource_type());
    EXPECT_EQ(row.resource_id, entitlement.resource().id().resource());
    EXPECT_EQ(row.id, entitlement.id());
    ASSERT_EQ(row.blob, bytes_of(entitlement)) << entitlement.DebugString();
  }
}

TEST(V1Transcoder, GrantsKeepWhatTheConnectorGaveButTheirDescription) {
  RandomRows rows(14);
  V1Transcoder transcoder;
  for (int i = 0; i < kRounds; ++i) {
    const v2::Grant original = rows.grant();
    const auto [grant, expansion] = expected(original);
    const std::string value = encode(original);
    GrantRow row;
    ASSERT_TRUE(transcoder.transcode(parse(value), nullptr, row).ok());
    EXPECT_EQ(row.resource_type_id, grant.entitlement().resource().id().resource_type());
    EXPECT_EQ(row.resource_id, grant.entitlement().resource().id().resource());
    EXPECT_EQ(row.entitlement_id, grant.entitlement().id());
    EXPECT_EQ(row.principal_type_id, grant.principal().id().resource_type());
    EXPECT_EQ(row.principal_id, grant.principal().id().resource());
    EXPECT_EQ(row.id, grant.id());
    EXPECT_EQ(row.expansion, expansion);
    EXPECT_EQ(row.needs_expansion, !expansion.empty());
    EXPECT_FALSE(row.synthesised);
    ASSERT_EQ(row.blob, bytes_of(grant)) << original.DebugString();
  }
}

TEST(V1Transcoder, SourcesCanBeReplacedOnPlainAndOnStrangeGrants) {
  const std::vector<SourceView> sources = {{"a", true}, {"b", false}};
  v2::Grant plain = make_grant("group", "g", "u");
  v2::Grant strange = plain;
  (*strange.mutable_sources()->mutable_sources())["a"].set_is_direct(false);
  (*strange.mutable_sources()->mutable_sources())["gone"].set_is_direct(true);
  strange.GetReflection()->MutableUnknownFields(&strange)->AddVarint(99, 1);

  V1Transcoder transcoder;
  for (const v2::Grant& grant : {plain, strange}) {
    v2::Grant after = grant;
    after.clear_sources();
    (*after.mutable_sources()->mutable_sources())["a"].set_is_direct(true);
    (*after.mutable_sources()->mutable_sources())["b"].set_is_direct(false);
    const std::string value = encode(grant);
    GrantRow row;
    ASSERT_TRUE(transcoder.transcode(parse(value), &sources, row).ok());
    EXPECT_EQ(row.blob, bytes_of(after));
  }
}

TEST(V1Transcoder, WhatCannotBeReadIsDataLoss) {
  V1Transcoder transcoder;
  StoredValue value;
  value.record = "\x1a\x05";
  ResourceTypeRow type;
  ResourceRow resource;
  EntitlementRow entitlement;
  GrantRow grant;
  EXPECT_EQ(transcoder.transcode(value, type).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(transcoder.transcode(value, resource).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(transcoder.transcode(value, entitlement).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(transcoder.transcode(value, nullptr, grant).code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace baton::storage
