#include "storage/record_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "c1/storage/v3/records.pb.h"
#include "rows.hpp"
#include "storage/sync_store.hpp"
#include "temp_directory.hpp"

namespace baton::storage {
namespace {

using c1::storage::v3::GrantRecord;
using testing::ElementsAre;

class RecordSourceTest : public testing::Test {
 protected:
  RecordSourceTest() {
    StoreOptions options;
    options.directory = temp_ / "run";
    auto store = SyncStore::open(options);
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  void add(const std::shared_ptr<const EncodedRows>& rows) { ASSERT_TRUE(store_->add_rows(*rows).ok()); }

  std::vector<std::string> keys(RecordSource& source, Family family) {
    std::vector<std::string> found;
    EXPECT_TRUE(source.rewind(family).ok());
    Record record;
    while (*source.next(record)) found.emplace_back(record.key);
    return found;
  }

  const TempDirectory temp_;
  std::unique_ptr<SyncStore> store_;
};

TEST_F(RecordSourceTest, StreamsEachFamilyInKeyOrderAndCanStartOver) {
  auto child = make_resource("b", "1");
  child.mutable_parent_resource_id()->set_resource_type("a");
  child.mutable_parent_resource_id()->set_resource("1");
  add(encode_page(StructuralOrder(2, 1, 0), make_type("b"), make_type("a"), child, make_resource("a", "2"),
                  make_resource("a", "1"), make_entitlement("a", "2", "m")));
  const auto records = store_->records();
  ASSERT_TRUE(records.ok()) << records.status();
  Record record;
  EXPECT_FALSE((*records)->next(record).ok()) << "nothing was asked for yet";
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(keys(**records, Family::kResourceTypes), ElementsAre("a", "b"));
    EXPECT_THAT(keys(**records, Family::kResources),
                ElementsAre(std::string("a\0001", 3), std::string("a\0002", 3), std::string("b\0001", 3)));
    EXPECT_THAT(keys(**records, Family::kEntitlements), ElementsAre(std::string("a\0002\0001\0m", 7)));
    EXPECT_THAT(keys(**records, Family::kGrants), ElementsAre());
  }
  ASSERT_TRUE((*records)->rewind(Family::kResources).ok());
  ASSERT_TRUE(*(*records)->next(record));
  EXPECT_EQ(record.parent_id, "");
  ASSERT_TRUE(*(*records)->next(record));
  ASSERT_TRUE(*(*records)->next(record));
  EXPECT_EQ(record.parent_type_id, "a");
  EXPECT_EQ(record.parent_id, "1");
}

TEST_F(RecordSourceTest, GrantsAreAsExpansionLeavesThem) {
  auto nested = make_grant("group", "g", "n");
  make_expandable(nested, {"group:h:member"});
  add(encode_page(StructuralOrder(5, 1, 3), make_grant("group", "g", "m"), nested));
  ExpansionPlan plan;
  plan.segments = 1;
  ASSERT_TRUE(store_->begin_expansion(plan).ok());
  {
    const auto segment = store_->expansion_segment(0);
    ASSERT_TRUE(segment.ok());
    ASSERT_TRUE((*segment)->begin("group", "g", "group:g:member").ok());
    for (const bool synthesised : {true, false}) {
      const std::vector<std::pair<std::string_view, bool>> sources{{"group:g:member", true},
                                                                   {"group:h:member", false}};
      std::string encoded;
      encode_sources(encoded, sources, synthesised);
      ExpansionRow row;
      row.principal_type_id = "user";
      row.principal_id = synthesised ? "a" : "m";
      row.synthesised = synthesised;
      row.sources = encoded;
      ASSERT_TRUE((*segment)->add(row).ok());
    }
    ASSERT_TRUE((*segment)->commit("").ok());
  }
  const auto records = store_->records();
  ASSERT_TRUE(records.ok()) << records.status();
  ASSERT_TRUE((*records)->rewind(Family::kGrants).ok());
  std::vector<std::string> principals;
  Record record;
  while (*(*records)->next(record)) {
    GrantRecord grant;
    ASSERT_TRUE(grant.ParseFromString(std::string(record.value)));
    EXPECT_EQ(grant.SerializeAsString().size(), record.value.size());
    principals.push_back(grant.principal().resource_id());
    EXPECT_EQ(record.needs_expansion, grant.needs_expansion());
    EXPECT_EQ(record.needs_expansion, principals.back() == "n");
    if (principals.back() == "n") {
      EXPECT_TRUE(grant.sources().empty());
      continue;
    }
    ASSERT_EQ(grant.sources_size(), 2);
    EXPECT_TRUE(grant.sources().at("group:g:member").is_direct());
    EXPECT_FALSE(grant.sources().at("group:h:member").is_direct());
  }
  EXPECT_THAT(principals, ElementsAre("a", "m", "n"));
}

TEST_F(RecordSourceTest, SourcesStandWhereTheyBelongInARecord) {
  // What the connector itself said of sources goes, and annotations before them stay.
  auto grant = make_grant("group", "g", "m");
  (*grant.mutable_sources()->mutable_sources())["old"].set_is_direct(true);
  grant.add_annotations()->set_type_url("type.googleapis.com/a.b.C");
  add(encode_page(StructuralOrder(5, 1, 3), grant));
  ExpansionPlan plan;
  plan.segments = 1;
  ASSERT_TRUE(store_->begin_expansion(plan).ok());
  {
    const auto segment = store_->expansion_segment(0);
    ASSERT_TRUE(segment.ok());
    ASSERT_TRUE((*segment)->begin("group", "g", "group:g:member").ok());
    const std::vector<std::pair<std::string_view, bool>> sources{{"new", false}};
    std::string encoded;
    encode_sources(encoded, sources, false);
    ExpansionRow row;
    row.principal_type_id = "user";
    row.principal_id = "m";
    row.sources = encoded;
    ASSERT_TRUE((*segment)->add(row).ok());
    ASSERT_TRUE((*segment)->commit("").ok());
  }
  const auto records = store_->records();
  ASSERT_TRUE(records.ok()) << records.status();
  ASSERT_TRUE((*records)->rewind(Family::kGrants).ok());
  Record record;
  ASSERT_TRUE(*(*records)->next(record));
  GrantRecord found;
  ASSERT_TRUE(found.ParseFromString(std::string(record.value)));
  EXPECT_EQ(found.annotations_size(), 1);
  ASSERT_EQ(found.sources_size(), 1);
  EXPECT_EQ(found.sources().count("new"), 1u);
}

}  // namespace
}  // namespace baton::storage
