#include "sdk/annotations.hpp"

#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_ratelimit.pb.h"
#include "c1/connector/v2/annotation_raw_id.pb.h"
#include "c1/connector/v2/annotation_v1_identifier.pb.h"

namespace baton::sdk {
namespace {

namespace v2 = c1::connector::v2;

v2::RawId raw_id(const char* id) {
  v2::RawId message;
  message.set_id(id);
  return message;
}

v2::V1Identifier v1_id(const char* id) {
  v2::V1Identifier message;
  message.set_id(id);
  return message;
}

TEST(Annotations, pack_like_protobuf_does) {
  google::protobuf::Any ours;
  google::protobuf::Any theirs;
  pack_annotation(ours, raw_id("x"));
  theirs.PackFrom(raw_id("x"));
  EXPECT_EQ(ours.type_url(), "type.googleapis.com/c1.connector.v2.RawId");
  EXPECT_EQ(ours.SerializeAsString(), theirs.SerializeAsString());
  pack_annotation(ours, v2::RawId());
  EXPECT_EQ(ours.value(), "") << "packing again replaces";
}

TEST(Annotations, equal_maps_pack_to_equal_bytes) {
  const auto packed = [](int step) {
    v2::GrantMetadata metadata;
    auto& fields = *metadata.mutable_metadata()->mutable_fields();
    for (int i = 0; i < 50; ++i) fields["k" + std::to_string(i * step % 50)].set_bool_value(true);
    google::protobuf::Any any;
    pack_annotation(any, metadata);
    return any.value();
  };
  EXPECT_EQ(packed(1), packed(7));
}

TEST(Annotations, append_keeps_duplicates_and_update_does_not) {
  Annotations list;
  append_annotation(list, raw_id("1"));
  append_annotation(list, v1_id("2"));
  append_annotation(list, raw_id("3"));
  EXPECT_EQ(count_annotations<v2::RawId>(list), 2);
  update_annotation(list, raw_id("4"));
  ASSERT_EQ(list.size(), 2);
  EXPECT_EQ((*pick_annotation<v2::RawId>(list))->id(), "4");
  EXPECT_TRUE(holds<v2::RawId>(list.Get(0))) << "in the place of the first";
  update_annotation(list, v2::GrantImmutable());
  EXPECT_EQ(list.size(), 3);
}

TEST(Annotations, merge_updates_one_by_one) {
  Annotations into = make_annotations(raw_id("1"), v1_id("2"));
  const Annotations from = make_annotations(raw_id("3"), v2::GrantImmutable());
  merge_annotations(into, from);
  ASSERT_EQ(into.size(), 3);
  EXPECT_EQ((*pick_annotation<v2::RawId>(into))->id(), "3");
}

TEST(Annotations, make_keeps_the_last_of_each_type) {
  const Annotations list = make_annotations(raw_id("1"), raw_id("2"));
  ASSERT_EQ(list.size(), 1);
  EXPECT_EQ((*pick_annotation<v2::RawId>(list))->id(), "2");
}

TEST(Annotations, contains_asks_for_the_whole_name) {
  Annotations list;
  google::protobuf::Any& any = *list.Add();
  any.set_type_url("type.googleapis.com/other.c1.connector.v2.RawId");
  EXPECT_FALSE(contains_annotation<v2::RawId>(list));
  any.set_type_url("example.com/c1.connector.v2.RawId");
  EXPECT_TRUE(contains_annotation<v2::RawId>(list));
  EXPECT_TRUE((contains_any_annotation<v2::V1Identifier, v2::RawId>(list)));
  EXPECT_FALSE((contains_any_annotation<v2::V1Identifier, v2::GrantImmutable>(list)));
}

TEST(Annotations, pick_tells_absent_from_unreadable) {
  Annotations list;
  EXPECT_FALSE(pick_annotation<v2::RawId>(list)->has_value());
  append_annotation(list, raw_id("1"));
  list.Mutable(0)->set_value("\x0a\xff");
  EXPECT_EQ(pick_annotation<v2::RawId>(list).status().code(), absl::StatusCode::kDataLoss);
}

TEST(Annotations, rate_limit_facts) {
  Annotations list;
  RateLimitFacts facts;
  facts.state = RateLimitFacts::State::kOverLimit;
  facts.limit = 100;
  facts.remaining = 2;
  facts.reset_at = std::chrono::system_clock::time_point(std::chrono::milliseconds(1500));
  set_rate_limit_annotation(list, facts);
  set_rate_limit_annotation(list, facts);
  ASSERT_EQ(list.size(), 1);
  const v2::RateLimitDescription found = **pick_annotation<v2::RateLimitDescription>(list);
  EXPECT_EQ(found.status(), v2::RateLimitDescription::STATUS_OVERLIMIT);
  EXPECT_EQ(found.limit(), 100);
  EXPECT_EQ(found.remaining(), 2);
  EXPECT_EQ(found.reset_at().seconds(), 1);
  EXPECT_EQ(found.reset_at().nanos(), 500'000'000);
}

TEST(Annotations, waits_are_added_when_positive) {
  Annotations list;
  add_rate_limit_wait(list, std::chrono::milliseconds(0));
  add_rate_limit_wait(list, std::chrono::milliseconds(-5));
  EXPECT_EQ(list.size(), 0);
  add_rate_limit_wait(list, std::chrono::milliseconds(20));
  EXPECT_EQ((*pick_annotation<v2::RateLimitWaitReport>(list))->wait_ms(), 20);
}

}  // namespace
}  // namespace baton::sdk
