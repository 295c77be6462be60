#include "storage/c1z/v3/family_keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"

namespace baton::c1z::v3 {
namespace {

std::string bytes(const char* hex) {
  return absl::HexStringToBytes(hex);
}

// The vectors are those of a file that upstream wrote.
TEST(FamilyKeys, AreThoseOfUpstream) {
  std::string key;
  resource_type_key(key, "group");
  EXPECT_EQ(key, bytes("03010067726f7570"));
  resource_key(key, "group", "g2");
  EXPECT_EQ(key, bytes("03020067726f7570006732"));
  entitlement_key(key, "group", "g2", "group:g2:member");
  EXPECT_EQ(key, bytes("03030067726f757000673200310"
                       "06d656d626572"));
  grant_key(key, "group", "g2", "group:g2:member", "user", "u1");
  EXPECT_EQ(key, bytes("03040067726f757000673200310"
                       "06d656d62657200757365720"
                       "07531"));
  by_parent_key(key, "group", "g1", std::string("group\0g2", 8));
  EXPECT_EQ(key, bytes("0307010067726f757000673100"
                       "67726f7570006732"));
  session_key(key, std::string(27, 'k'), "p/cursor");
  EXPECT_EQ(key, bytes("030900") + std::string(27, 'k') + bytes("00702f637572736f72"));
  meta_key(key, kMetaKeyspaceVersion);
  EXPECT_EQ(key, bytes("03ff6b657973706163655f76657273696f6e"));
  meta_key(key, kMetaEntitlementIdFormat);
  EXPECT_EQ(key, bytes("03ff6772616e745f656e7469746c656d656e745f69645f666f726d6174"));
  meta_key(key, kMetaStats);
  EXPECT_EQ(key, bytes("03ff737461747300"));
}

TEST(FamilyKeys, IndexKeysOfAGrantAreMadeOfItsTuple) {
  std::string grant;
  grant_key(grant, "group", "g2", "group:g2:member", "user", "u1");
  FamilyKey parts;
  ASSERT_TRUE(parse_key(grant, parts));
  std::string key;
  ASSERT_TRUE(by_principal_key(key, parts.tuple));
  EXPECT_EQ(key, bytes("0307040075736572007531006772"
                       "6f757000673200310"
                       "06d656d626572"));
  grant_key(grant, "group", "g1", "group:g1:member", "group", "g2");
  ASSERT_TRUE(parse_key(grant, parts));
  needs_expansion_key(key, parts.tuple);
  EXPECT_EQ(key, bytes("0307050067726f757000673100310"
                       "06d656d6265720067726f7570006732"));
}

TEST(FamilyKeys, TakenApartGiveWhatTheyWereMadeOf) {
  const std::string odd("a\0b\x01:", 5);
  const std::vector<std::string> ids{"", "x", odd, "x:y", "\xff"};
  std::string key;
  FamilyKey parts;
  for (const std::string& a : ids) {
    resource_type_key(key, a);
    ASSERT_TRUE(parse_key(key, parts));
    EXPECT_EQ(parts.family, KeyFamily::kResourceType);
    EXPECT_EQ(*read_resource_type_tuple(parts.tuple), a);
    for (const std::string& b : ids) {
      const ResourceIdentity resource(a, b);
      resource_key(key, a, b);
      ASSERT_TRUE(parse_key(key, parts));
      EXPECT_EQ(parts.family, KeyFamily::kResource);
      EXPECT_EQ(*read_resource_tuple(parts.tuple), resource);

      std::string link;
      by_parent_key(link, b, a, parts.tuple);
      ASSERT_TRUE(parse_key(link, parts));
      EXPECT_EQ(parts.index, KeyIndex::kByParent);
      const auto parent = read_by_parent_tuple(parts.tuple);
      ASSERT_TRUE(parent.ok()) << parent.status();
      EXPECT_EQ(parent->parent, ResourceIdentity(b, a));
      EXPECT_EQ(parent->child, resource);

      for (const std::string& c : {std::string(), odd, a + ":" + b + ":" + odd, a + ":" + b + ":"}) {
        const EntitlementIdentity entitlement(a, b, c);
        entitlement_key(key, a, b, c);
        ASSERT_TRUE(parse_key(key, parts));
        EXPECT_EQ(parts.family, KeyFamily::kEntitlement);
        EXPECT_EQ(*read_entitlement_tuple(parts.tuple), entitlement);

        GrantIdentity grant;
        grant.entitlement = entitlement;
        grant.principal = ResourceIdentity(b, a);
        grant_key(key, a, b, c, b, a);
        ASSERT_TRUE(parse_key(key, parts));
        EXPECT_EQ(parts.family, KeyFamily::kGrant);
        EXPECT_EQ(*read_grant_tuple(parts.tuple), grant);
        GrantTuple halves;
        ASSERT_TRUE(split_grant_tuple(parts.tuple, halves));
        EXPECT_EQ(*read_entitlement_tuple(halves.entitlement), entitlement);
        EXPECT_EQ(*read_resource_tuple(halves.principal), grant.principal);

        std::string index;
        ASSERT_TRUE(by_principal_key(index, parts.tuple));
        GrantTuple again;
        FamilyKey index_parts;
        ASSERT_TRUE(parse_key(index, index_parts));
        EXPECT_EQ(index_parts.index, KeyIndex::kByPrincipal);
        EXPECT_EQ(*read_by_principal_tuple(index_parts.tuple), grant);
        ASSERT_TRUE(split_by_principal_tuple(index_parts.tuple, again));
        EXPECT_EQ(again.entitlement, halves.entitlement);
        EXPECT_EQ(again.principal, halves.principal);
      }
    }
  }
}

TEST(FamilyKeys, OtherKeysHaveTheirShapes) {
  FamilyKey parts;
  ASSERT_TRUE(parse_key(kSyncRunKey, parts));
  EXPECT_EQ(parts.family, KeyFamily::kSyncRun);
  EXPECT_TRUE(parts.tuple.empty());
  const std::string stats = bytes("03ff737461747300");  // parts are views into the key
  ASSERT_TRUE(parse_key(stats, parts));
  EXPECT_EQ(parts.family, KeyFamily::kMeta);
  EXPECT_EQ(parts.tuple, kMetaStats);
  // A retired index, and the root of all digests.
  ASSERT_TRUE(parse_key(bytes("0307060061"), parts));
  EXPECT_EQ(parts.family, KeyFamily::kIndex);
  EXPECT_EQ(static_cast<int>(parts.index), 6);
  ASSERT_TRUE(parse_key(bytes("030a08000002"), parts));
  EXPECT_EQ(parts.family, KeyFamily::kDigest);
}

TEST(FamilyKeys, WhatIsNoKeyIsRefused) {
  FamilyKey parts;
  for (const char* hex : {"", "03", "0201", "0301", "030161", "0307", "030704", "03070461", "030600"}) {
    EXPECT_FALSE(parse_key(bytes(hex), parts)) << hex;
  }
  GrantTuple halves;
  const std::string_view elements("a\0b\0c\0d\0e\0f\0g", 13);
  for (std::size_t count = 1; count <= 7; ++count) {
    const std::string_view tuple = elements.substr(0, 2 * count - 1);
    EXPECT_EQ(split_grant_tuple(tuple, halves), count == 6) << count;
    EXPECT_EQ(split_by_principal_tuple(tuple, halves), count == 6) << count;
    EXPECT_EQ(read_resource_type_tuple(tuple).ok(), count == 1) << count;
    EXPECT_EQ(read_resource_tuple(tuple).ok(), count == 2) << count;
    EXPECT_EQ(read_by_parent_tuple(tuple).ok(), count == 4) << count;
  }
  // Flag "2", a seventh element, an escape of nothing.
  EXPECT_EQ(read_entitlement_tuple(std::string_view("a\0b\0002\0c", 7)).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(read_grant_tuple(std::string_view("a\0b\0001\0c\0d\0e\0f", 13)).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(read_resource_tuple(std::string_view("a\x01\0b", 4)).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST(FamilyKeys, PrefixesAreInFrontOfAllKeysOfAFamily) {
  EXPECT_EQ(key_prefix(KeyFamily::kGrant), bytes("030400"));
  EXPECT_EQ(key_prefix(KeyIndex::kByPrincipal), bytes("03070400"));
  EXPECT_EQ(key_prefix(KeyFamily::kMeta), bytes("03ff"));
  EXPECT_EQ(key_prefix(KeyFamily::kSyncRun), bytes("0306"));
  EXPECT_EQ(prefix_end(bytes("030400")), bytes("030401"));
  EXPECT_EQ(prefix_end(bytes("03ff")), bytes("04"));
}

}  // namespace
}  // namespace baton::c1z::v3
