#include "storage/record_encoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/storage/v3/records.pb.h"
#include "rows.hpp"
#include "storage/expandable.hpp"
#include "storage/record_decoder.hpp"
#include "storage/row_value.hpp"

namespace baton::storage {
namespace {

namespace v2 = c1::connector::v2;
namespace v3 = c1::storage::v3;

constexpr int kRounds = 3000;

template <class Row>
std::string encode(const Row& row) {
  std::string value = "what stands in front stays";
  const std::size_t before = value.size();
  wire::Writer writer(value, before);
  const std::uint8_t flags = encode_value(writer, row, kDiscovered);
  writer.finish();
  EXPECT_EQ(static_cast<std::uint8_t>(value[before]), flags);
  return value.substr(before);
}

StoredValue parse(const std::string& value) {
  StoredValue stored;
  EXPECT_TRUE(StoredValue::parse(value, stored));
  return stored;
}

void discovered(google::protobuf::Timestamp& timestamp) {
  timestamp.set_seconds(kDiscovered / 1'000'000'000);
  timestamp.set_nanos(kDiscovered % 1'000'000'000);
}

std::string without_prefix(const std::string& name, const std::string& prefix, int number) {
  return name.empty() ? std::to_string(number) : name.substr(prefix.size());
}

// The mapping once more, with generated messages: what the hand-written encoders are held against.

v3::ResourceTypeRecord expected(const v2::ResourceType& row) {
  v3::ResourceTypeRecord record;
  record.set_external_id(row.id());
  record.set_display_name(row.display_name());
  for (const int trait : row.traits()) {
    record.add_traits(without_prefix(v2::ResourceType_Trait_Name(trait), "TRAIT_", trait));
  }
  *record.mutable_annotations() = row.annotations();
  discovered(*record.mutable_discovered_at());
  record.set_description(row.description());
  record.set_sourced_externally(row.sourced_externally());
  return record;
}

v3::ResourceRecord expected(const v2::Resource& row) {
  v3::ResourceRecord record;
  record.set_resource_type_id(row.id().resource_type());
  record.set_resource_id(row.id().resource());
  record.set_display_name(row.display_name());
  record.set_description(row.description());
  if (!row.parent_resource_id().resource().empty()) {
    record.mutable_parent()->set_resource_type_id(row.parent_resource_id().resource_type());
    record.mutable_parent()->set_resource_id(row.parent_resource_id().resource());
  }
  *record.mutable_annotations() = row.annotations();
  discovered(*record.mutable_discovered_at());
  if (row.has_profile()) *record.mutable_profile() = row.profile();
  if (row.has_status()) {
    record.mutable_status()->set_status(
        static_cast<v3::StatusRecord_ResourceStatus>(static_cast<int>(row.status().status())));
    record.mutable_status()->set_details(row.status().details());
  }
  if (row.has_created_at()) *record.mutable_created_at() = row.created_at();
  record.set_icon_asset_external_id(row.icon().id());
  return record;
}

v3::EntitlementRecord expected(const v2::Entitlement& row) {
  v3::EntitlementRecord record;
  record.set_external_id(row.id());
  record.mutable_resource()->set_resource_type_id(row.resource().id().resource_type());
  record.mutable_resource()->set_resource_id(row.resource().id().resource());
  record.set_display_name(row.display_name());
  record.set_description(row.description());
  if (row.purpose() != 0) {
    record.set_purpose(
        without_prefix(v2::Entitlement_PurposeValue_Name(row.purpose()), "PURPOSE_VALUE_", row.purpose()));
  }
  *record.mutable_annotations() = row.annotations();
  discovered(*record.mutable_discovered_at());
  record.set_slug(row.slug());
  for (const v2::ResourceType& type : row.grantable_to()) {
    if (!type.id().empty()) record.add_grantable_to_resource_type_ids(type.id());
  }
  return record;
}

v3::GrantRecord expected(const v2::Grant& row) {
  v3::GrantRecord record;
  record.set_external_id(row.id());
  record.mutable_entitlement()->set_resource_type_id(row.entitlement().resource().id().resource_type());
  record.mutable_entitlement()->set_resource_id(row.entitlement().resource().id().resource());
  record.mutable_entitlement()->set_entitlement_id(row.entitlement().id());
  v3::PrincipalRef& principal = *record.mutable_principal();
  principal.set_resource_type_id(row.principal().id().resource_type());
  principal.set_resource_id(row.principal().id().resource());
  principal.set_parent_resource_type_id(row.principal().parent_resource_id().resource_type());
  principal.set_parent_resource_id(row.principal().parent_resource_id().resource());
  discovered(*record.mutable_discovered_at());
  for (const google::protobuf::Any& annotation : row.annotations()) {
    v2::GrantExpandable expandable;
    if (annotation.UnpackTo(&expandable)) {
      for (const std::string& id : expandable.entitlement_ids())
        record.mutable_expansion()->add_entitlement_ids(id);
      record.mutable_expansion()->set_shallow(expandable.shallow());
      *record.mutable_expansion()->mutable_resource_type_ids() = expandable.resource_type_ids();
      record.set_needs_expansion(true);
    } else {
      *record.add_annotations() = annotation;
    }
  }
  for (const auto& [id, source] : row.sources().sources()) {
    (*record.mutable_sources())[id].set_is_direct(source.is_direct());
  }
  return record;
}

template <class Row>
void check(const Row& row) {
  const std::string bytes = encode(row);
  const StoredValue value = parse(bytes);
  ASSERT_EQ(value.record, bytes_of(expected(row))) << row.DebugString();
  EXPECT_EQ(value.has(flag::kHasResidual), value.extra.starts_with('\x0a'));
  Row back;
  ASSERT_TRUE(decode_value(value, back).ok());
  ASSERT_EQ(bytes_of(back), bytes_of(row)) << row.DebugString() << "\nbecame\n" << back.DebugString();
}

TEST(RecordEncoder, ResourceTypesEqualGeneratedCodeAndComeBackWhole) {
  RandomRows rows(1);
  for (int i = 0; i < kRounds; ++i) check(rows.type());
}

TEST(RecordEncoder, ResourcesEqualGeneratedCodeAndComeBackWhole) {
  RandomRows rows(2);
  for (int i = 0; i < kRounds; ++i) check(rows.resource());
}

TEST(RecordEncoder, EntitlementsEqualGeneratedCodeAndComeBackWhole) {
  RandomRows rows(3);
  for (int i = 0; i < kRounds; ++i) check(rows.entitlement());
}

TEST(RecordEncoder, GrantsEqualGeneratedCodeAndComeBackWhole) {
  RandomRows rows(4);
  for (int i = 0; i < kRounds; ++i) check(rows.grant());
}

TEST(RecordEncoder, PlainRowsHaveNoExtra) {
  for (const std::string& value :
       {encode(make_type("group")), encode(make_resource("group", "g")),
        encode(make_entitlement("group", "g", "member")), encode(make_grant("group", "g", "u"))}) {
    const StoredValue stored = parse(value);
    EXPECT_EQ(stored.flags, 0);
    EXPECT_TRUE(stored.extra.empty());
  }
}

TEST(RecordEncoder, TheFirstReadableExpandableDecides) {
  v2::Grant grant = make_grant("group", "g", "u");
  auto& broken = *grant.add_annotations();
  broken.set_type_url("example.com/c1.connector.v2.GrantExpandable");
  broken.set_value("\xff");
  grant.add_annotations()->set_type_url("x/other");
  make_expandable(grant, {"group:h:member"});
  make_expandable(grant, {"group:i:member"});

  const std::string bytes = encode(grant);
  const StoredValue value = parse(bytes);
  EXPECT_EQ(value.flags, flag::kHasExpansion | flag::kNeedsExpansion);
  v3::GrantRecord record;
  ASSERT_TRUE(record.ParseFromString(std::string(value.record)));
  EXPECT_TRUE(record.needs_expansion());
  EXPECT_THAT(record.expansion().entitlement_ids(), testing::ElementsAre("group:h:member"));
  ASSERT_EQ(record.annotations_size(), 1);
  EXPECT_EQ(record.annotations(0).type_url(), "x/other");

  v2::Grant back;
  ASSERT_TRUE(decode_value(value, back).ok());
  ASSERT_EQ(back.annotations_size(), 2);
  EXPECT_EQ(back.annotations(0).type_url(), "x/other");
  EXPECT_TRUE(back.annotations(1).Is<v2::GrantExpandable>());
}

TEST(RecordEncoder, AnExpandableWithoutAUsableIdIsDropped) {
  v2::Grant grant = make_grant("group", "g", "u");
  make_expandable(grant, {"", " \t", "\u00a0\u3000"});
  make_expandable(grant, {"group:h:member"});
  const std::string bytes = encode(grant);
  const StoredValue value = parse(bytes);
  EXPECT_EQ(value.flags, 0);
  v3::GrantRecord record;
  ASSERT_TRUE(record.ParseFromString(std::string(value.record)));
  EXPECT_FALSE(record.has_expansion());
  EXPECT_EQ(record.annotations_size(), 0);
}

TEST(RecordEncoder, TimesBeforeTheEpochAreNormalised) {
  std::string buffer;
  wire::Writer writer(buffer, 0);
  write_timestamp(writer, 1, -1);
  writer.finish();
  google::protobuf::Timestamp timestamp;
  ASSERT_TRUE(timestamp.ParseFromString(buffer.substr(2)));
  EXPECT_EQ(timestamp.seconds(), -1);
  EXPECT_EQ(timestamp.nanos(), 999'999'999);
}

TEST(RecordDecoder, DamagedValuesAreDataLoss) {
  StoredValue value;
  EXPECT_FALSE(StoredValue::parse("abcd", value));
  EXPECT_FALSE(StoredValue::parse(std::string("\0\x05\0\0\0abcd", 9), value));
  value.record = "\xff";
  v2::Grant grant;
  EXPECT_EQ(decode_value(value, grant).code(), absl::StatusCode::kDataLoss);
  value.record = {};
  value.extra = "\x0a\x05";
  EXPECT_EQ(decode_value(value, grant).code(), absl::StatusCode::kDataLoss);
}

TEST(Expandable, BlankIsWhatUpstreamTrims) {
  EXPECT_TRUE(is_blank(""));
  EXPECT_TRUE(is_blank(" \t\r\n\v\f\u0085\u2003\u2028"));
  EXPECT_FALSE(is_blank(" a "));
  EXPECT_FALSE(is_blank("\u200b"));
}

}  // namespace
}  // namespace baton::storage
