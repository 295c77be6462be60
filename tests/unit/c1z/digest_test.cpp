#include "storage/digest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include "base/tuple_key.hpp"
#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_trait.pb.h"
#include "storage/c1z/writer.hpp"
#include "unit/c1z/database.hpp"
#include "unit/c1z/memory_rows.hpp"

namespace baton::storage {
namespace {

using c1z::add_small_directory;
using c1z::make_entitlement;
using c1z::make_grant;
using c1z::make_options;
using c1z::make_resource;
using c1z::make_run;
using c1z::make_type;
using c1z::MemoryRows;
using testing::ElementsAre;

class Digest : public testing::Test {
 protected:
  std::unique_ptr<c1z::Reader> reader_of(MemoryRows& rows, const c1z::SyncRunInfo& run = make_run()) {
    const auto summary = c1z::write_v1(make_options(path_), run, rows);
    EXPECT_TRUE(summary.ok()) << summary.status();
    auto reader = c1z::open_reader(path_);
    EXPECT_TRUE(reader.ok()) << reader.status();
    return *std::move(reader);
  }
  std::string digest_of(MemoryRows& rows, bool common = false) {
    const auto digest = content_digest(*reader_of(rows), DigestOptions(common));
    EXPECT_TRUE(digest.ok()) << digest.status();
    return *digest;
  }
  template <class Row>
  std::string digest_of_one(const Row& row, bool common = false) {
    MemoryRows rows;
    rows.add(row);
    return digest_of(rows, common);
  }

  c1z::Scratch scratch_;
  std::string path_ = scratch_ / "in.c1z";
};

TEST_F(Digest, IsTheHashOfFamiliesLengthsAndRows) {
  MemoryRows rows;
  rows.add(make_type("user"));
  rows.add(make_grant("group", "g1", "u1"));
  const auto reader = reader_of(rows);
  std::vector<std::pair<std::string, std::string>> canonical;
  ASSERT_TRUE(for_each_canonical_row(*reader, DigestOptions(), [&](const CanonicalRow& row) {
                canonical.emplace_back(row.kind, row.bytes);
                return absl::OkStatus();
              }).ok());
  ASSERT_EQ(canonical.size(), 2u);
  EXPECT_EQ(canonical[0].first, "resourceType");
  EXPECT_EQ(canonical[1].first, "grant");
  const auto framed = [](const std::string& row) {
    std::string bytes;
    append_be64(bytes, row.size());
    return bytes + row;
  };
  const std::string all = "\x01" + framed(canonical[0].second) + "\x02\x03\x04" + framed(canonical[1].second);
  unsigned char hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(all.data()), all.size(), hash);
  std::string hex;
  for (const unsigned char byte : hash) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    hex += digits;
  }
  EXPECT_EQ(*content_digest(*reader, DigestOptions()), hex);
}

TEST_F(Digest, AnEmptySyncHasOneToo) {
  MemoryRows rows;
  // SHA-256 of the bytes 01 02 03 04.
  EXPECT_EQ(digest_of(rows), "9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a");
}

TEST_F(Digest, LeavesOutTheRunItself) {
  MemoryRows rows;
  add_small_directory(rows);
  const std::string before = *content_digest(*reader_of(rows), DigestOptions());
  c1z::SyncRunInfo other = make_run();
  other.sync_id = "2abcdefghijklmnopqrstuvwxyz";
  other.started_at += 5;
  other.token = "something else";
  other.with_stats = false;
  EXPECT_EQ(*content_digest(*reader_of(rows, other), DigestOptions()), before);
}

TEST_F(Digest, DoesNotDependOnTheOrderInTheFile) {
  MemoryRows rows;
  add_small_directory(rows);
  const std::string before = *content_digest(*reader_of(rows), DigestOptions());
  c1z::RawDatabase database(path_);
  for (const char* table : {"v1_resource_types", "v1_resources", "v1_entitlements", "v1_grants"}) {
    database.rows(std::string("UPDATE ") + table + " SET id = 1000 - id");
  }
  std::filesystem::remove(path_);
  database.save_as(path_);
  EXPECT_EQ(*content_digest(**c1z::open_reader(path_), DigestOptions()), before);
}

TEST_F(Digest, SeesEveryFieldThatAConnectorDecides) {
  std::set<std::string> digests;
  auto resource = make_resource("user", "u1");
  digests.insert(digest_of_one(resource));
  resource.set_description("x");
  digests.insert(digest_of_one(resource));
  (*resource.mutable_profile()->mutable_fields())["k"].set_number_value(1);
  digests.insert(digest_of_one(resource));
  resource.add_annotations()->PackFrom(c1::connector::v2::UserTrait());
  digests.insert(digest_of_one(resource));
  resource.mutable_id()->set_resource("u2");
  digests.insert(digest_of_one(resource));
  resource.GetReflection()->MutableUnknownFields(&resource)->AddVarint(999, 1);
  digests.insert(digest_of_one(resource));
  EXPECT_EQ(digests.size(), 6u);

  digests.clear();
  auto grant = make_grant("group", "g1", "u1");
  digests.insert(digest_of_one(grant));
  grant.set_id("other");
  digests.insert(digest_of_one(grant));
  (*grant.mutable_sources()->mutable_sources())["e"].set_is_direct(false);
  digests.insert(digest_of_one(grant));
  (*grant.mutable_sources()->mutable_sources())["e"].set_is_direct(true);
  digests.insert(digest_of_one(grant));
  c1::connector::v2::GrantExpandable expandable;
  expandable.add_entitlement_ids("e2");
  grant.add_annotations()->PackFrom(expandable);
  digests.insert(digest_of_one(grant));
  EXPECT_EQ(digests.size(), 5u);
}

TEST_F(Digest, ReducesEmbeddedObjectsToIdentities) {
  auto grant = make_grant("group", "g1", "u1");
  const std::string before = digest_of_one(grant);
  grant.mutable_principal()->set_display_name("renamed");
  grant.mutable_entitlement()->set_slug("other");
  grant.mutable_entitlement()->mutable_resource()->set_description("new");
  EXPECT_EQ(digest_of_one(grant), before);
  auto entitlement = make_entitlement("group", "g1", "member");
  const std::string plain = digest_of_one(entitlement);
  entitlement.mutable_resource()->set_display_name("renamed");
  entitlement.mutable_grantable_to(0)->set_display_name("renamed");
  EXPECT_EQ(digest_of_one(entitlement), plain);
  entitlement.mutable_grantable_to(0)->set_id("service");
  EXPECT_NE(digest_of_one(entitlement), plain);
}

TEST_F(Digest, AnnotationsAreASetAndMapsInsideThemHaveNoOrder) {
  c1::connector::v2::GrantMetadata metadata;
  for (const char* key : {"a", "b", "c", "d", "e"})
    (*metadata.mutable_metadata()->mutable_fields())[key].set_bool_value(true);
  // The same message with its map entries back to front, as another writer may have them.
  const std::string entries = metadata.metadata().SerializeAsString();
  std::string reversed;
  const std::size_t entry = entries.size() / 5;
  for (int i = 4; i >= 0; --i) reversed += entries.substr(static_cast<std::size_t>(i) * entry, entry);
  std::string value = metadata.SerializeAsString();
  const std::size_t at = value.find(entries);
  ASSERT_NE(at, std::string::npos);
  value.replace(at, entries.size(), reversed);

  auto one = make_resource("user", "u1");
  one.add_annotations()->PackFrom(metadata);
  one.add_annotations()->PackFrom(c1::connector::v2::AppTrait());
  auto other = make_resource("user", "u1");
  other.add_annotations()->PackFrom(c1::connector::v2::AppTrait());
  auto& packed = *other.add_annotations();
  packed.set_type_url("type.googleapis.com/c1.connector.v2.GrantMetadata");
  packed.set_value(value);
  EXPECT_EQ(digest_of_one(one), digest_of_one(other));
  // What cannot be decoded counts by its bytes.
  packed.set_value("\xFF");
  EXPECT_NE(digest_of_one(one), digest_of_one(other));
}

TEST_F(Digest, CommonLeavesOutWhatVersion3CannotHold) {
  auto resource = make_resource("user", "u1");
  const std::string before = digest_of_one(resource, true);
  resource.set_baton_resource(true);
  resource.mutable_id()->set_baton_resource(true);
  resource.mutable_parent_resource_id()->set_resource_type("org");
  resource.mutable_icon();
  resource.GetReflection()->MutableUnknownFields(&resource)->AddVarint(999, 1);
  EXPECT_EQ(digest_of_one(resource, true), before);
  EXPECT_NE(digest_of_one(resource), before);

  auto entitlement = make_entitlement("group", "g1", "member");
  const std::string plain = digest_of_one(entitlement, true);
  entitlement.add_grantable_to();
  EXPECT_EQ(digest_of_one(entitlement, true), plain);
  EXPECT_NE(digest_of_one(entitlement), plain);
}

}  // namespace
}  // namespace baton::storage
