#include "storage/row_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "rows.hpp"
#include "storage/sync_store.hpp"
#include "temp_directory.hpp"

namespace baton::storage {
namespace {

namespace v2 = c1::connector::v2;
using absl::StatusCode;
using testing::ElementsAre;

constexpr std::int64_t kNow = 1'900'000'000;

class RowSourceTest : public testing::Test {
 protected:
  RowSourceTest() {
    StoreOptions options;
    options.directory = temp_ / "run";
    options.clock = &clock_;
    auto store = SyncStore::open(options);
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  void add(const std::shared_ptr<const EncodedRows>& rows) { ASSERT_TRUE(store_->add_rows(*rows).ok()); }

  std::unique_ptr<RowSource> source() {
    auto rows = store_->rows();
    EXPECT_TRUE(rows.ok()) << rows.status();
    return *std::move(rows);
  }
  bool next(RowSource& source, GrantRow& row) {
    const auto more = source.next(row);
    EXPECT_TRUE(more.ok()) << more.status();
    return more.ok() && *more;
  }

  /// A row of expansion with its destination.
  class MadeRow {
   public:
    MadeRow(std::string_view group, std::string_view entitlement, std::string_view user, bool synthesised,
            std::vector<std::pair<std::string_view, bool>> sources = {})
        : group(group), entitlement(entitlement) {
      encode_sources(encoded, sources, synthesised);
      row.principal_type_id = "user";
      row.principal_id = user;
      row.synthesised = synthesised;
    }

    std::string_view group;
    std::string_view entitlement;
    std::string encoded;
    ExpansionRow row;
  };

  /// Writes rows, ascending, in place of what an earlier expansion made.
  void expand(const std::vector<MadeRow>& rows) {
    ASSERT_TRUE(store_->clear_expansion().ok());
    ExpansionPlan plan;
    plan.segments = 1;
    ASSERT_TRUE(store_->begin_expansion(plan).ok());
    const auto segment = store_->expansion_segment(0);
    ASSERT_TRUE(segment.ok()) << segment.status();
    for (const MadeRow& made : rows) {
      ASSERT_TRUE((*segment)->begin("group", made.group, made.entitlement).ok());
      ExpansionRow row = made.row;
      row.sources = made.encoded;
      ASSERT_TRUE((*segment)->add(row).ok());
    }
    const absl::Status committed = (*segment)->commit("");
    ASSERT_TRUE(committed.ok()) << committed;
  }

  const TempDirectory temp_;
  FixedClock clock_{std::chrono::system_clock::time_point(std::chrono::seconds(kNow))};
  std::unique_ptr<SyncStore> store_;
};

TEST_F(RowSourceTest, StreamsEachFamilyInIdentityOrderAndCanStartOver) {
  add(encode_page(StructuralOrder(2, 1, 0), make_type("b"), make_type("a"), make_resource("b", "1"),
                  make_resource("a", "2"), make_resource("a", "1"), make_entitlement("a", "2", "m"),
                  make_entitlement("a", "1", "m")));
  const auto rows = source();
  for (int round = 0; round < 2; ++round) {
    std::vector<std::string> seen;
    ASSERT_TRUE(rows->rewind_resource_types().ok());
    ASSERT_TRUE(rows->rewind_resources().ok());
    ASSERT_TRUE(rows->rewind_entitlements().ok());
    ASSERT_TRUE(rows->rewind_grants().ok());
    ResourceTypeRow type;
    while (*rows->next(type)) seen.emplace_back(type.id);
    ResourceRow resource;
    while (*rows->next(resource))
      seen.push_back(std::string(resource.type_id) + "/" + std::string(resource.id));
    EntitlementRow entitlement;
    while (*rows->next(entitlement)) seen.emplace_back(entitlement.id);
    EXPECT_FALSE(*rows->next(entitlement));
    GrantRow grant;
    EXPECT_FALSE(next(*rows, grant));
    EXPECT_THAT(seen, ElementsAre("a", "b", "a/1", "a/2", "b/1", "a:1:m", "a:2:m"));
  }
}

TEST_F(RowSourceTest, MergesWhatExpansionMadeWithWhatWasCollected) {
  const v2::Grant direct = make_grant("group", "g", "m");
  v2::Grant nested = make_grant("group", "g", "n");
  make_expandable(nested, {"group:h:member"});
  add(encode_page(StructuralOrder(5, 0x1122334455667788, 3), direct, nested));

  MadeRow first("g", "group:g:member", "a", true, {{"group:h:member", false}});
  first.row.principal_parent_type_id = "org";
  first.row.principal_parent_id = "o";
  expand({first,
          {"g", "group:g:member", "m", false, {{"group:g:member", true}, {"group:h:member", true}}},
          {"h", "odd-id", "z", true, {{"group:h:member", false}}}});

  const auto rows = source();
  GrantRow row;
  ASSERT_TRUE(next(*rows, row));
  EXPECT_TRUE(row.synthesised);
  EXPECT_FALSE(row.needs_expansion);
  EXPECT_EQ(row.id, "group:g:member:user:a");
  EXPECT_EQ(row.discovered_at, kNow * 1'000'000'000);
  EXPECT_EQ(row.order.size(), 16U);
  EXPECT_EQ(row.order[0], 7);
  v2::Grant made = make_grant("group", "g", "a");
  made.mutable_principal()->mutable_parent_resource_id()->set_resource_type("org");
  made.mutable_principal()->mutable_parent_resource_id()->set_resource("o");
  made.add_annotations()->PackFrom(v2::GrantImmutable());
  (*made.mutable_sources()->mutable_sources())["group:h:member"];
  EXPECT_EQ(row.blob, bytes_of(made));

  ASSERT_TRUE(next(*rows, row));
  EXPECT_FALSE(row.synthesised);
  EXPECT_EQ(row.id, "group:g:member:user:m");
  EXPECT_EQ(row.discovered_at, kDiscovered);
  EXPECT_EQ(row.order, std::string_view("\x05\x11\x22\x33\x44\x55\x66\x77\x88\0\0\0\x03\0\0\0", 16));
  v2::Grant after = direct;
  (*after.mutable_sources()->mutable_sources())["group:g:member"].set_is_direct(true);
  (*after.mutable_sources()->mutable_sources())["group:h:member"].set_is_direct(true);
  EXPECT_EQ(row.blob, bytes_of(after));

  ASSERT_TRUE(next(*rows, row));
  EXPECT_EQ(row.id, "group:g:member:user:n");
  EXPECT_TRUE(row.needs_expansion);
  v2::GrantExpandable expandable;
  ASSERT_TRUE(expandable.ParseFromString(std::string(row.expansion)));
  EXPECT_THAT(expandable.entitlement_ids(), ElementsAre("group:h:member"));
  EXPECT_EQ(row.blob, bytes_of(make_grant("group", "g", "n")));

  ASSERT_TRUE(next(*rows, row));
  EXPECT_EQ(row.id, "odd-id:user:z");
  EXPECT_EQ(row.entitlement_id, "odd-id");
  EXPECT_TRUE(row.expansion.empty());
  EXPECT_FALSE(next(*rows, row));

  const auto counts = store_->count_rows();
  ASSERT_TRUE(counts.ok());
  EXPECT_EQ(counts->grants.at("group"), 4U);
  EXPECT_EQ(counts->synthesised_grants, 2U);
  EXPECT_EQ(counts->conflicts, 0U);
}

TEST_F(RowSourceTest, ClearedExpansionLeavesTheCollectedRows) {
  add(encode_page(StructuralOrder(5, 1, 0), make_grant("group", "g", "m")));
  expand({{"g", "group:g:member", "z", true}});
  EXPECT_EQ(store_->count_rows()->grants.at("group"), 2U);
  ASSERT_TRUE(store_->clear_expansion().ok());
  EXPECT_EQ(store_->count_rows()->grants.at("group"), 1U);
  expand({{"g", "group:g:member", "z", true}});
  EXPECT_EQ(store_->count_rows()->grants.at("group"), 2U);
}

TEST_F(RowSourceTest, ExpansionThatContradictsTheCollectedRowsIsDataLoss) {
  add(encode_page(StructuralOrder(5, 1, 0), make_grant("group", "g", "m")));
  expand({{"g", "group:g:member", "a", false}});
  EXPECT_EQ(store_->count_rows().status().code(), StatusCode::kDataLoss);
  expand({{"g", "group:g:member", "m", true}});
  GrantRow row;
  EXPECT_EQ(source()->next(row).status().code(), StatusCode::kDataLoss);
}

TEST_F(RowSourceTest, ReadsWhatWasThereWhenItWasMadeOnAnyThread) {
  add(encode_page(StructuralOrder(2, 1, 0), make_resource("a", "1")));
  const auto rows = source();
  add(encode_page(StructuralOrder(2, 1, 1), make_resource("a", "2")));
  int seen = 0;
  std::thread([&] {
    ResourceRow row;
    while (*rows->next(row)) ++seen;
  }).join();
  EXPECT_EQ(seen, 1);
}

TEST_F(RowSourceTest, KeepsTheFilesOpenUntilItGoes) {
  add(encode_page(StructuralOrder(2, 1, 0), make_resource("a", "1")));
  auto rows = source();
  EXPECT_EQ(store_->close().code(), StatusCode::kFailedPrecondition);
  ResourceRow row;
  EXPECT_TRUE(*rows->next(row));
  EXPECT_EQ(remove_store(temp_ / "run").code(), StatusCode::kFailedPrecondition);
  rows.reset();
  EXPECT_TRUE(remove_store(temp_ / "run").ok());
}

TEST_F(RowSourceTest, AnyRowComesBackAsItWentIn) {
  RandomRows random(31);
  EncodedRows page(StructuralOrder(5, 1, 0), kDiscovered);
  std::vector<v2::Entitlement> entitlements;
  for (int i = 0; i < 500; ++i) {
    entitlements.push_back(random.entitlement());
    page.add(entitlements.back());
  }
  page.finish();
  ASSERT_TRUE(store_->add_rows(page).ok());
  std::vector<std::string> expected;
  for (const v2::Entitlement& entitlement : entitlements) expected.push_back(bytes_of(entitlement));
  std::vector<std::string> seen;
  const auto rows = source();
  EntitlementRow row;
  while (*rows->next(row)) seen.emplace_back(row.blob);
  EXPECT_THAT(seen, testing::UnorderedElementsAreArray(expected));
}

}  // namespace
}  // namespace baton::storage
