// Complete messages of stored rows, as bytes that other implementations write. Each must parse to what it
// stands for, and serialize deterministically to the same bytes.

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "c1/connector/v2/annotation_security_insight.pb.h"
#include "c1/connector/v2/annotation_trait.pb.h"
#include "c1/connector/v2/annotation_v1_identifier.pb.h"
#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "hex.hpp"

namespace {

using namespace c1::connector::v2;
using baton::conformance::deterministic;
using baton::conformance::from_hex;
using baton::conformance::to_hex;

constexpr std::string_view kGroupType =
    "0a0567726f7570120547726f75701a01022a10412067726f7570206f66207573657273";

constexpr std::string_view kUserTypeWithAnnotation =
    "0a04757365721204557365721a0101223f0a3d747970652e676f6f676c65617069732e636f6d2f63312e636f6e6e"
    "6563746f722e76322e536b6970456e7469746c656d656e7473416e644772616e7473";

constexpr std::string_view kNestedGroup =
    "0a0b0a0567726f757012026732120b0a0567726f7570120267311a074261636b656e6422300a2e747970652e676f"
    "6f676c65617069732e636f6d2f63312e636f6e6e6563746f722e76322e47726f757054726169742a0c4261636b65"
    "6e64207465616d";

constexpr std::string_view kUserWithProfile =
    "0a0a0a0475736572120275311a05416c69636522610a2d747970652e676f6f676c65617069732e636f6d2f63312e"
    "636f6e6e6563746f722e76322e55736572547261697412300a150a11616c696365406578616d706c652e636f6d10"
    "011202080128013211616c696365406578616d706c652e636f6d4a280a150a0a66697273745f6e616d6512071a05"
    "416c6963650a0f0a07757365725f696412041a0275315a02080162060880e2cfaa06";

constexpr std::string_view kMember =
    "0a630a0b0a0567726f757012026732120b0a0567726f7570120267311a074261636b656e6422300a2e747970652e"
    "676f6f676c65617069732e636f6d2f63312e636f6e6e6563746f722e76322e47726f757054726169742a0c426163"
    "6b656e64207465616d120f67726f75703a67323a6d656d6265721a0e4261636b656e64206d656d6265722a500a04"
    "757365721204557365721a0101223f0a3d747970652e676f6f676c65617069732e636f6d2f63312e636f6e6e6563"
    "746f722e76322e536b6970456e7469746c656d656e7473416e644772616e7473380142066d656d626572";

constexpr std::string_view kExpandable = "0a0f67726f75703a67323a6d656d62657210011a0475736572";

constexpr std::string_view kFullDirect =
    "0a760a630a0b0a0567726f757012026732120b0a0567726f7570120267311a074261636b656e6422300a2e747970"
    "652e676f6f676c65617069732e636f6d2f63312e636f6e6e6563746f722e76322e47726f757054726169742a0c42"
    "61636b656e64207465616d120f67726f75703a67323a6d656d626572120c0a0a0a0475736572120275311a176772"
    "6f75703a67323a6d656d6265723a757365723a7531";

constexpr std::string_view kSlim = "1a1767726f75703a67323a6d656d6265723a757365723a7531";

constexpr std::string_view kSlimStripped =
    "1a1867726f75703a67313a6d656d6265723a67726f75703a673222440a30747970652e676f6f676c65617069732e"
    "636f6d2f63312e636f6e6e6563746f722e76322e56314964656e74696669657212100a0e6772616e743a6c656761"
    "63793a31";

constexpr std::string_view kSlimExpanded =
    "1a1767726f75703a67313a6d656d6265723a757365723a753122340a32747970652e676f6f676c65617069732e63"
    "6f6d2f63312e636f6e6e6563746f722e76322e4772616e74496d6d757461626c652a2c0a130a0f67726f75703a67"
    "313a6d656d62657212000a150a0f67726f75703a67323a6d656d62657212020801";

/// Parses a vector and holds it to its own bytes.
template <typename Message>
Message parsed(std::string_view hex) {
  Message message;
  EXPECT_TRUE(message.ParseFromString(from_hex(hex)));
  EXPECT_EQ(to_hex(deterministic(message)), hex);
  return message;
}

/// The annotation at `index`, which must be of the given type.
template <typename Annotation, typename Row>
Annotation annotation(const Row& row, int index) {
  Annotation unpacked;
  EXPECT_LT(index, row.annotations_size());
  EXPECT_TRUE(row.annotations(index).UnpackTo(&unpacked)) << row.annotations(index).type_url();
  return unpacked;
}

TEST(Vectors, ResourceTypes) {
  const auto group = parsed<ResourceType>(kGroupType);
  EXPECT_EQ(group.id(), "group");
  EXPECT_EQ(group.display_name(), "Group");
  EXPECT_EQ(group.description(), "A group of users");
  EXPECT_THAT(group.traits(), testing::ElementsAre(ResourceType::TRAIT_GROUP));

  const auto user = parsed<ResourceType>(kUserTypeWithAnnotation);
  EXPECT_THAT(user.traits(), testing::ElementsAre(ResourceType::TRAIT_USER));
  annotation<SkipEntitlementsAndGrants>(user, 0);
}

TEST(Vectors, Resources) {
  const auto group = parsed<Resource>(kNestedGroup);
  EXPECT_EQ(group.id().resource_type(), "group");
  EXPECT_EQ(group.id().resource(), "g2");
  EXPECT_EQ(group.parent_resource_id().resource(), "g1");
  annotation<GroupTrait>(group, 0);

  const auto user = parsed<Resource>(kUserWithProfile);
  EXPECT_EQ(user.display_name(), "Alice");
  EXPECT_EQ(user.status().status(), Status::RESOURCE_STATUS_ENABLED);
  EXPECT_EQ(user.created_at().seconds(), 1700000000);
  EXPECT_EQ(user.profile().fields().at("first_name").string_value(), "Alice");
  const auto trait = annotation<UserTrait>(user, 0);
  EXPECT_EQ(trait.login(), "alice@example.com");
  EXPECT_EQ(trait.account_type(), UserTrait::ACCOUNT_TYPE_HUMAN);
  ASSERT_EQ(trait.emails_size(), 1);
  EXPECT_TRUE(trait.emails(0).is_primary());
}

TEST(Vectors, Entitlements) {
  const auto member = parsed<Entitlement>(kMember);
  EXPECT_EQ(member.id(), "group:g2:member");
  EXPECT_EQ(member.slug(), "member");
  EXPECT_EQ(member.purpose(), Entitlement::PURPOSE_VALUE_ASSIGNMENT);
  ASSERT_EQ(member.grantable_to_size(), 1);
  EXPECT_EQ(member.grantable_to(0).id(), "user");
}

TEST(Vectors, Grants) {
  const auto expandable = parsed<GrantExpandable>(kExpandable);
  EXPECT_THAT(expandable.entitlement_ids(), testing::ElementsAre("group:g2:member"));
  EXPECT_TRUE(expandable.shallow());

  const auto full = parsed<Grant>(kFullDirect);
  EXPECT_EQ(full.id(), "group:g2:member:user:u1");
  EXPECT_EQ(full.entitlement().resource().description(), "Backend team");
  EXPECT_EQ(full.principal().id().resource(), "u1");

  const auto slim = parsed<Grant>(kSlim);
  EXPECT_EQ(slim.id(), full.id());
  EXPECT_FALSE(slim.has_entitlement());

  const auto stripped = parsed<Grant>(kSlimStripped);
  EXPECT_EQ(annotation<V1Identifier>(stripped, 0).id(), "grant:legacy:1");

  const auto expanded = parsed<Grant>(kSlimExpanded);
  annotation<GrantImmutable>(expanded, 0);
  ASSERT_EQ(expanded.sources().sources_size(), 2);
  EXPECT_FALSE(expanded.sources().sources().at("group:g1:member").is_direct());
  EXPECT_TRUE(expanded.sources().sources().at("group:g2:member").is_direct());
}

TEST(Vectors, MapsAreWrittenInKeyOrder) {
  Grant grant;
  auto& sources = *grant.mutable_sources()->mutable_sources();
  for (const char* id : {"c", "a", "d", "b"}) {
    sources[id];
  }
  EXPECT_EQ(to_hex(deterministic(grant)),
            "2a1c"
            "0a050a01611200"
            "0a050a01621200"
            "0a050a01631200"
            "0a050a01641200");
}

TEST(Vectors, SecurityInsightIsTheSameMessageInEitherOrder) {
  // The one annotation that mixes oneofs with other fields. Go writes the members of oneofs after all other
  // fields, C++ keeps to the order of numbers: the bytes differ where the content does not.
  const std::string fields_first = from_hex(
      "1a00"
      "0a00"
      "2200");
  const std::string by_number = from_hex(
      "0a00"
      "1a00"
      "2200");
  SecurityInsightTrait trait;
  ASSERT_TRUE(trait.ParseFromString(fields_first));
  EXPECT_TRUE(trait.has_risk_score());
  EXPECT_TRUE(trait.has_observed_at());
  EXPECT_TRUE(trait.has_user());
  EXPECT_EQ(to_hex(deterministic(trait)), to_hex(by_number));
}

}  // namespace
