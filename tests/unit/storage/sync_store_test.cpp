#include "storage/sync_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

#include "base/operation.hpp"
#include "rows.hpp"
#include "storage/database.hpp"
#include "storage/durable_mark.hpp"
#include "temp_directory.hpp"

namespace baton::storage {
namespace {

using absl::StatusCode;
using baton::store::v1::CursorRow;
using baton::store::v1::RunHeader;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kTypes = static_cast<std::uint32_t>(Operation::kListResourceTypes);
constexpr auto kResources = static_cast<std::uint32_t>(Operation::kListResources);
constexpr auto kEntitlements = static_cast<std::uint32_t>(Operation::kListEntitlements);
constexpr auto kGrants = static_cast<std::uint32_t>(Operation::kListGrants);

class SyncStoreTest : public testing::Test {
 protected:
  SyncStoreTest() { open(); }

  absl::Status try_open(bool must_exist = false) {
    store_.reset();
    StoreOptions options;
    options.directory = directory_;
    options.must_exist = must_exist;
    options.clock = &clock_;
    auto store = SyncStore::open(options);
    if (store.ok()) store_ = *std::move(store);
    return store.status();
  }
  void open() { ASSERT_TRUE(try_open().ok()); }

  std::vector<PlannedCount> plan(const std::string& marker, const std::vector<CursorRow>& cursors) {
    auto planned = store_->plan(marker, cursors);
    EXPECT_TRUE(planned.ok()) << planned.status();
    return planned.value_or(std::vector<PlannedCount>());
  }
  std::vector<WorkItem> work(std::uint32_t phase, std::size_t n = 100, bool independent = false) {
    auto items = store_->next_work(Lane(static_cast<std::uint8_t>(phase), independent), n);
    EXPECT_TRUE(items.ok()) << items.status();
    return items.ok() ? *std::move(items) : std::vector<WorkItem>();
  }
  /// Plans one cursor and takes it.
  WorkItem cursor(const CursorRow& row) {
    plan("cursor " + cursor_identity(row), {row});
    return work(row.phase(), 1, row.independent()).at(0);
  }
  PageCommit page(const WorkItem& item, std::shared_ptr<const EncodedRows> rows, bool done) {
    PageCommit commit;
    commit.cursor_key = item.key;
    commit.cursor = item.cursor;
    commit.cursor.set_page(item.cursor.page() + 1);
    commit.cursor.set_done(done);
    commit.rows = std::move(rows);
    return commit;
  }
  std::vector<PlannedCount> commit(const PageCommit& page) {
    auto planned = store_->commit({&page, 1});
    EXPECT_TRUE(planned.ok()) << planned.status();
    return planned.ok() ? planned->at(0) : std::vector<PlannedCount>();
  }
  std::vector<std::string> resource_names(const std::string& type) {
    std::vector<std::string> names;
    EXPECT_TRUE(store_
                    ->for_each_resource(type,
                                        [&](const c1::connector::v2::Resource& resource) {
                                          names.push_back(resource.display_name());
                                          return absl::OkStatus();
                                        })
                    .ok());
    return names;
  }
  static std::uint64_t count(const std::vector<PlannedCount>& counts, std::uint32_t phase) {
    for (const PlannedCount& planned : counts) {
      if (planned.lane == Lane(static_cast<std::uint8_t>(phase), false)) return planned.count;
    }
    return 0;
  }

  const TempDirectory temp_;
  const std::string directory_ = temp_ / "run";
  FixedClock clock_{std::chrono::system_clock::time_point(std::chrono::seconds(1'800'000'000))};
  std::unique_ptr<SyncStore> store_;
};

TEST_F(SyncStoreTest, AFreshDirectoryHoldsNoRun) {
  EXPECT_FALSE(store_->header().has_value());
  EXPECT_THAT(store_->pending(), IsEmpty());
  EXPECT_THAT(work(kTypes), IsEmpty());
  EXPECT_EQ(store_->counters().pages(), 0U);
}

TEST_F(SyncStoreTest, TheHeaderOutlivesTheProcess) {
  RunHeader header;
  header.set_sync_id("2ABC");
  (*header.mutable_configuration())["base-url"] = "https://example.com";
  ASSERT_TRUE(store_->put_header(header).ok());
  ASSERT_TRUE(try_open(true).ok());
  ASSERT_TRUE(store_->header().has_value());
  EXPECT_EQ(store_->header()->sync_id(), "2ABC");
  EXPECT_EQ(store_->header()->configuration().at("base-url"), "https://example.com");
  EXPECT_FALSE(store_->header()->has_last_commit_at());

  const WorkItem item = cursor(make_cursor(kResources, "user"));
  clock_.advance(std::chrono::seconds(7));
  commit(page(item, nullptr, true));
  ASSERT_TRUE(try_open().ok());
  EXPECT_EQ(store_->header()->last_commit_at().seconds(), 1'800'000'007);
}

TEST_F(SyncStoreTest, AnUnknownFormatIsRefused) {
  store_.reset();
  {
    const auto database = Database::open(directory_, true, 1u << 20);
    ASSERT_TRUE(database.ok());
    RunHeader header;
    header.set_format(77);
    rocksdb::WriteBatch batch;
    batch.Put((*database)->handle(Table::kRun), "header", bytes_of(header));
    ASSERT_TRUE((*database)->write(batch, true).ok());
  }
  const absl::Status status = try_open();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("format 77"));
}

TEST_F(SyncStoreTest, WorkIsHandedOutOnceInTheOrderOfItsDiscovery) {
  std::vector<CursorRow> cursors;
  for (int i = 0; i < 7; ++i) cursors.push_back(make_cursor(kResources, "t" + std::to_string(i)));
  EXPECT_EQ(count(plan("roots", cursors), kResources), 7U);
  std::vector<std::string> types;
  for (const std::size_t n : {0U, 3U, 1U, 100U, 5U}) {
    for (const WorkItem& item : work(kResources, n)) types.push_back(item.cursor.resource_type_id());
  }
  EXPECT_THAT(types, ElementsAre("t0", "t1", "t2", "t3", "t4", "t5", "t6"));
  EXPECT_EQ(count(store_->pending(), kResources), 7U);
}

TEST_F(SyncStoreTest, LanesAreSeparate) {
  CursorRow early = make_cursor(kGrants, "user");
  early.set_independent(true);
  plan("roots", {make_cursor(kGrants, "group"), early, make_cursor(kEntitlements, "user")});
  EXPECT_THAT(work(kGrants), SizeIs(1));
  EXPECT_THAT(work(kGrants, 5, true), SizeIs(1));
  EXPECT_THAT(work(kEntitlements), SizeIs(1));
  EXPECT_THAT(work(kResources), IsEmpty());
}

TEST_F(SyncStoreTest, AMarkerPlansOnce) {
  EXPECT_EQ(count(plan("roots", {make_cursor(kTypes, "")}), kTypes), 1U);
  EXPECT_THAT(plan("roots", {make_cursor(kTypes, "other")}), IsEmpty());
  open();
  EXPECT_THAT(plan("roots", {make_cursor(kTypes, "other")}), IsEmpty());
  EXPECT_THAT(work(kTypes), SizeIs(1));
}

TEST_F(SyncStoreTest, ACursorIsPlannedOnceWhoeverFindsIt) {
  const WorkItem item = cursor(make_cursor(kResources, "user"));
  const WorkItem other = cursor(make_cursor(kResources, "group"));
  PageCommit first = page(item, nullptr, false);
  first.planned = {make_cursor(kGrants, "user", "a"), make_cursor(kGrants, "user", "a"),
                   make_cursor(kGrants, "user", "b")};
  PageCommit second = page(other, nullptr, false);
  second.planned = {make_cursor(kGrants, "user", "b"), make_cursor(kGrants, "user", "c")};
  const PageCommit pages[] = {first, second};
  const auto planned = store_->commit(pages);
  ASSERT_TRUE(planned.ok());
  EXPECT_EQ(count(planned->at(0), kGrants), 2U);
  EXPECT_EQ(count(planned->at(1), kGrants), 1U);

  second.planned.push_back(make_cursor(kGrants, "user", "a"));
  EXPECT_THAT(commit(second), IsEmpty());
  open();
  const WorkItem again = work(kResources, 1).at(0);
  PageCommit third = page(again, nullptr, false);
  third.planned = second.planned;
  EXPECT_THAT(commit(third), IsEmpty());
  EXPECT_EQ(count(store_->pending(), kGrants), 3U);
}

TEST_F(SyncStoreTest, EveryPartOfACursorCountsForItsIdentity) {
  std::set<std::string> identities;
  CursorRow cursor = make_cursor(kGrants, "user", "a");
  identities.insert(cursor_identity(cursor));
  cursor.set_page_token("moves with the pages");
  cursor.set_page(3);
  cursor.set_done(true);
  EXPECT_EQ(cursor_identity(cursor), *identities.begin());
  EXPECT_EQ(identities.begin()->size(), 16U);
  cursor.set_sibling_token("s");
  identities.insert(cursor_identity(cursor));
  cursor.set_parent_id("p");
  identities.insert(cursor_identity(cursor));
  cursor.set_parent_type_id("pt");
  identities.insert(cursor_identity(cursor));
  cursor.set_type_scoped(true);
  identities.insert(cursor_identity(cursor));
  cursor.set_operation(kEntitlements);
  identities.insert(cursor_identity(cursor));
  identities.insert(cursor_identity(make_cursor(kGrants, "usera", "")));
  identities.insert(cursor_identity(make_cursor(kGrants, "", "usera")));
  EXPECT_THAT(identities, SizeIs(8));
}

TEST_F(SyncStoreTest, AfterARestartOnlyUnfinishedCursorsAreHandedOut) {
  plan("roots", {make_cursor(kResources, "a"), make_cursor(kResources, "b"), make_cursor(kResources, "c")});
  std::vector<WorkItem> items = work(kResources, 2);
  commit(page(items[0], nullptr, true));
  items[1].cursor.set_page_token("next");
  commit(page(items[1], nullptr, false));
  EXPECT_EQ(store_->counters().in_flight(), 1U);
  open();
  EXPECT_EQ(count(store_->pending(), kResources), 2U);
  items = work(kResources);
  ASSERT_THAT(items, SizeIs(2));
  EXPECT_EQ(items[0].cursor.resource_type_id(), "b");
  EXPECT_EQ(items[0].cursor.page_token(), "next");
  EXPECT_EQ(items[0].cursor.page(), 1U);
  EXPECT_EQ(items[1].cursor.resource_type_id(), "c");
}

TEST_F(SyncStoreTest, ACommitOfACursorThatIsNotWalkedChangesNothing) {
  const WorkItem item = cursor(make_cursor(kResources, "user"));
  commit(page(item, nullptr, true));
  PageCommit late = page(item, encode_page(StructuralOrder(2, 1, 1), make_resource("user", "x")), false);
  late.planned = {make_cursor(kGrants, "user", "x")};
  EXPECT_EQ(store_->commit({&late, 1}).status().code(), StatusCode::kInvalidArgument);
  late.cursor_key.sequence = 99;
  EXPECT_EQ(store_->commit({&late, 1}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(store_->pending(), IsEmpty());
  EXPECT_THAT(resource_names("user"), IsEmpty());

  const WorkItem other = cursor(make_cursor(kResources, "group"));
  const PageCommit twice[] = {page(other, nullptr, true), page(other, nullptr, true)};
  EXPECT_EQ(store_->commit(twice).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(count(store_->pending(), kResources), 1U);
}

TEST_F(SyncStoreTest, CountersAgreeWithWhatWasCommitted) {
  const WorkItem item = cursor(make_cursor(kResources, "user"));
  auto expandable = make_grant("group", "g", "u");
  make_expandable(expandable, {"group:h:member"});
  PageCommit first = page(item, encode_page(StructuralOrder(2, 1, 0), expandable), false);
  first.planned = {make_cursor(kGrants, "user", "x"), make_cursor(kGrants, "user", "y")};
  first.warnings.emplace_back().set_message("first");
  first.counters.set_pages(1);
  first.counters.set_requests(3);
  first.counters.set_bytes(1000);
  first.counters.set_cursors_planned(1000);
  auto& entry = *first.counters.add_entries();
  entry.set_phase(kResources);
  entry.set_resource_type_id("user");
  entry.set_rows(1);
  commit(first);
  PageCommit second = page(item, nullptr, true);
  second.warnings.emplace_back().set_message("second");
  *second.counters.add_entries() = entry;
  commit(second);

  for (int round = 0; round < 2; ++round) {
    const auto& counters = store_->counters();
    EXPECT_EQ(counters.pages(), 1U);
    EXPECT_EQ(counters.requests(), 3U);
    EXPECT_EQ(counters.bytes(), 1000U);
    EXPECT_EQ(counters.cursors_planned(), 3U);
    EXPECT_EQ(counters.cursors_done(), 1U);
    EXPECT_EQ(counters.warnings(), 2U);
    EXPECT_EQ(counters.expandable_grants(), 1U);
    EXPECT_EQ(counters.next_sequence(), 3U);
    ASSERT_EQ(counters.entries_size(), 2);
    EXPECT_EQ(counters.entries(0).rows(), 2U);
    EXPECT_EQ(counters.entries(0).cursors_planned(), 1U);
    EXPECT_EQ(counters.entries(0).cursors_done(), 1U);
    EXPECT_EQ(counters.entries(1).phase(), kGrants);
    EXPECT_EQ(counters.entries(1).cursors_planned(), 2U);
    EXPECT_EQ(count(store_->pending(), kGrants), 2U);
    const auto warnings = store_->warnings();
    ASSERT_TRUE(warnings.ok());
    ASSERT_THAT(*warnings, SizeIs(2));
    EXPECT_EQ(warnings->at(0).message(), "first");
    EXPECT_EQ(warnings->at(1).message(), "second");
    open();
  }
}

TEST_F(SyncStoreTest, TheHeaderSaysThatSomethingExpands) {
  ASSERT_TRUE(store_->put_header(RunHeader()).ok());
  EXPECT_FALSE(store_->header()->needs_expansion());
  auto grant = make_grant("group", "g", "u");
  make_expandable(grant, {"group:h:member"});
  commit(
      page(cursor(make_cursor(kGrants, "group", "g")), encode_page(StructuralOrder(5, 1, 0), grant), true));
  open();
  EXPECT_TRUE(store_->header()->needs_expansion());
}

TEST_F(SyncStoreTest, TheLaterRowInStructuralOrderWinsWhenEverItCame) {
  const WorkItem item = cursor(make_cursor(kResources, "user"));
  auto early = make_resource("user", "a");
  early.set_display_name("early");
  auto late = make_resource("user", "a");
  late.set_display_name("late");
  auto within = make_resource("user", "b");
  within.set_display_name("first of the page");
  auto after = make_resource("user", "b");
  after.set_display_name("second of the page");
  commit(page(item, encode_page(StructuralOrder(2, 7, 1), late, within, after), false));
  commit(page(item, encode_page(StructuralOrder(2, 7, 0), early), false));
  commit(page(item, encode_page(StructuralOrder(2, 6, 9), early), false));
  EXPECT_THAT(resource_names("user"), ElementsAre("late", "second of the page"));
  EXPECT_THAT(resource_names("use"), IsEmpty());

  plan("grants", {make_cursor(kGrants, "user", "a"), make_cursor(kGrants, "user", "nobody")});
  const std::vector<WorkItem> items = work(kGrants);
  ASSERT_THAT(items, SizeIs(2));
  ASSERT_TRUE(items[0].resource.has_value());
  EXPECT_EQ(items[0].resource->display_name(), "late");
  EXPECT_FALSE(items[1].resource.has_value());

  const auto counts = store_->count_rows();
  ASSERT_TRUE(counts.ok());
  EXPECT_EQ(counts->resources.at("user"), 2U);
  EXPECT_EQ(counts->conflicts, 2U);
  EXPECT_THAT(counts->conflict_examples, ElementsAre("resource user/a", "resource user/b"));
}

TEST_F(SyncStoreTest, TheSameRowTwiceIsNoConflict) {
  const WorkItem item = cursor(make_cursor(kResources, "user"));
  commit(page(item, encode_page(StructuralOrder(2, 7, 0), make_resource("user", "a")), false));
  EncodedRows again(StructuralOrder(2, 7, 1), kDiscovered + 5);
  again.add(make_resource("user", "a"));
  again.finish();
  ASSERT_TRUE(store_->add_rows(again).ok());
  const auto counts = store_->count_rows();
  ASSERT_TRUE(counts.ok());
  EXPECT_EQ(counts->conflicts, 0U);
  EXPECT_EQ(counts->resources.at("user"), 1U);
}

TEST_F(SyncStoreTest, WorkOfOtherOperationsCarriesNoResource) {
  const WorkItem item = cursor(make_cursor(kResources, "user"));
  commit(page(item, encode_page(StructuralOrder(2, 7, 0), make_resource("user", "a")), true));
  CursorRow scoped = make_cursor(kGrants, "user");
  scoped.set_type_scoped(true);
  CursorRow children = make_cursor(kResources, "user");
  children.set_parent_type_id("user");
  children.set_parent_id("a");
  plan("more", {scoped, children});
  EXPECT_FALSE(work(kGrants).at(0).resource.has_value());
  EXPECT_FALSE(work(kResources).at(0).resource.has_value());
}

TEST_F(SyncStoreTest, TypesComeBackAsTheyWere) {
  const WorkItem item = cursor(make_cursor(kTypes, ""));
  RandomRows rows(21);
  const auto type = rows.type();
  commit(page(item, encode_page(StructuralOrder(1, 7, 0), type), true));
  const auto types = store_->resource_types();
  ASSERT_TRUE(types.ok());
  ASSERT_THAT(*types, SizeIs(1));
  EXPECT_EQ(bytes_of(types->at(0)), bytes_of(type));
}

TEST_F(SyncStoreTest, ExpansionReadsBaseGrantsAndEntitlements) {
  const WorkItem item = cursor(make_cursor(kGrants, "group", "g"));
  auto grant = make_grant("group", "g", "u");
  make_expandable(grant, {"group:h:member", "group:i:member"});
  (*grant.mutable_sources()->mutable_sources())["z"].set_is_direct(true);
  (*grant.mutable_sources()->mutable_sources())["a"].set_is_direct(false);
  grant.mutable_principal()->mutable_parent_resource_id()->set_resource_type("org");
  grant.mutable_principal()->mutable_parent_resource_id()->set_resource("o1");
  commit(page(item,
              encode_page(StructuralOrder(5, 7, 0), grant, make_grant("group", "g", "v"),
                          make_entitlement("group", "g", "member")),
              true));
  std::vector<std::string> principals;
  ASSERT_TRUE(
      store_
          ->for_each_base_grant([&](const BaseGrant& base) {
            principals.emplace_back(base.principal_id);
            EXPECT_EQ(base.entitlement_id, "group:g:member");
            EXPECT_EQ(base.resource_type_id, "group");
            EXPECT_EQ(base.resource_id, "g");
            EXPECT_EQ(base.principal_type_id, "user");
            if (base.principal_id == "v") {
              EXPECT_FALSE(base.needs_expansion);
              EXPECT_THAT(base.expandable_entitlement_ids, IsEmpty());
              EXPECT_THAT(base.sources, IsEmpty());
              return absl::OkStatus();
            }
            EXPECT_TRUE(base.needs_expansion);
            EXPECT_TRUE(base.shallow);
            EXPECT_THAT(base.expandable_entitlement_ids, ElementsAre("group:h:member", "group:i:member"));
            EXPECT_THAT(base.expandable_resource_type_ids, ElementsAre("user"));
            EXPECT_THAT(base.sources, ElementsAre(testing::Pair("a", false), testing::Pair("z", true)));
            EXPECT_EQ(base.principal_parent_type_id, "org");
            EXPECT_EQ(base.principal_parent_id, "o1");
            return absl::OkStatus();
          })
          .ok());
  EXPECT_THAT(principals, ElementsAre("u", "v"));
  EXPECT_EQ(store_->for_each_base_grant([](const BaseGrant&) { return absl::AbortedError("enough"); }).code(),
            StatusCode::kAborted);
  std::vector<std::string> entitlements;
  ASSERT_TRUE(
      store_
          ->for_each_entitlement([&](std::string_view type, std::string_view id, std::string_view name) {
            entitlements.push_back(std::string(type) + "/" + std::string(id) + " " + std::string(name));
            return absl::OkStatus();
          })
          .ok());
  EXPECT_THAT(entitlements, ElementsAre("group/g group:g:member"));
}

TEST_F(SyncStoreTest, AClosedStoreSaysSo) {
  const WorkItem item = cursor(make_cursor(kResources, "user"));
  ASSERT_TRUE(store_->close().ok());
  ASSERT_TRUE(store_->close().ok());
  const PageCommit commit = page(item, nullptr, true);
  EXPECT_EQ(store_->commit({&commit, 1}).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(store_->next_work(Lane(2, false), 1).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(store_->sync_log().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(store_->count_rows().status().code(), StatusCode::kFailedPrecondition);
}

/// The newest write-ahead log in the directory.
std::string newest_log(const std::string& directory) {
  std::string newest;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".log") newest = std::max(newest, entry.path().string());
  }
  return newest;
}

TEST_F(SyncStoreTest, ATornTailCostsOnlyWhatWasNotSynced) {
  const WorkItem item = cursor(make_cursor(kResources, "user"));
  commit(page(item, encode_page(StructuralOrder(2, 7, 0), make_resource("user", "kept")), false));
  EXPECT_GT(store_->unsynced_bytes(), 0U);
  ASSERT_TRUE(store_->sync_log().ok());
  EXPECT_EQ(store_->unsynced_bytes(), 0U);
  const std::string log = newest_log(directory_);
  const auto synced = std::filesystem::file_size(log);
  commit(page(item, encode_page(StructuralOrder(2, 7, 1), make_resource("user", "torn")), false));
  const auto whole = std::filesystem::file_size(log);
  ASSERT_GT(whole, synced);

  // What a crash of the machine may leave behind: a log cut anywhere behind the synced byte, or rubbish
  // there.
  const std::string copy = temp_ / "copy";
  for (const bool rubbish : {false, true}) {
    for (const auto size : {synced, synced + 3, (synced + whole) / 2, whole - 5}) {
      std::filesystem::remove_all(copy);
      std::filesystem::copy(directory_, copy);
      std::filesystem::resize_file(newest_log(copy), size);
      if (rubbish) std::filesystem::resize_file(newest_log(copy), whole + 5000);  // zeros
      StoreOptions options;
      options.directory = copy;
      const auto store = SyncStore::open(options);
      ASSERT_TRUE(store.ok()) << store.status();
      const auto counts = (*store)->count_rows();
      ASSERT_TRUE(counts.ok());
      EXPECT_EQ(counts->resources.at("user"), 1U);
      const auto items = (*store)->next_work(Lane(2, false), 5);
      ASSERT_TRUE(items.ok());
      EXPECT_EQ(items->at(0).cursor.page(), 1U);
    }
  }
}

TEST_F(SyncStoreTest, ALogDamagedInItsMiddleIsDataLoss) {
  const WorkItem item = cursor(make_cursor(kResources, "user"));
  for (std::uint32_t i = 0; i < 20; ++i) {
    commit(
        page(item, encode_page(StructuralOrder(2, 7, i), make_resource("user", std::to_string(i))), false));
  }
  ASSERT_TRUE(store_->sync_log().ok());
  // As the death of the process would leave it: closing would write tables.
  const std::string copy = temp_ / "copy";
  std::filesystem::copy(directory_, copy);
  const std::string log = newest_log(copy);
  const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(log) / 2);
  std::fstream(log, std::ios::in | std::ios::out | std::ios::binary).seekp(middle) << "damage";
  StoreOptions options;
  options.directory = copy;
  const auto store = SyncStore::open(options);
  EXPECT_EQ(store.status().code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(store.status().message()), HasSubstr("write-ahead log"));
  EXPECT_THAT(std::string(store.status().message()), HasSubstr(copy));
}

TEST(DurableMark, ReadsWhatItRecordedAndIgnoresRubbish) {
  const TempDirectory temp;
  const std::string directory = temp / ".";
  {
    auto mark = DurableMark::open(directory);
    ASSERT_TRUE(mark.ok());
    EXPECT_EQ(mark->recorded(), 0U);
    mark->record(7);
    mark->record(1'000'000'000'000);
  }
  EXPECT_EQ(DurableMark::open(directory)->recorded(), 1'000'000'000'000U);
  std::ofstream(temp / DurableMark::kFileName) << "0123456789abcdef";
  EXPECT_EQ(DurableMark::open(directory)->recorded(), 0U);
}

TEST_F(SyncStoreTest, RemoveTakesOnlyWhatIsTheStores) {
  ASSERT_TRUE(store_->put_header(RunHeader()).ok());
  EXPECT_EQ(remove_store(directory_).code(), StatusCode::kFailedPrecondition);  // in use
  store_.reset();
  std::ofstream(directory_ + "/notes.txt") << "x";
  const absl::Status refused = remove_store(directory_);
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("notes.txt"));
  ASSERT_TRUE(try_open(true).ok());
  EXPECT_TRUE(store_->header().has_value());
  store_.reset();
  std::filesystem::remove(directory_ + "/notes.txt");
  EXPECT_TRUE(remove_store(directory_).ok());
  EXPECT_FALSE(std::filesystem::exists(directory_));
  EXPECT_TRUE(remove_store(directory_).ok());
  std::ofstream(temp_ / "file") << "x";
  EXPECT_EQ(remove_store(temp_ / "file").code(), StatusCode::kFailedPrecondition);
}

TEST_F(SyncStoreTest, ARemovalThatWasCutShortIsFinishedByTheNextStart) {
  ASSERT_TRUE(store_->put_header(RunHeader()).ok());
  ASSERT_TRUE(store_->sync_log().ok());
  store_.reset();
  // Any file may be gone already but the one that says so; what promised durable commits is still there.
  std::ofstream(directory_ + "/" + kRemovalMark).close();
  std::filesystem::remove(directory_ + "/CURRENT");
  EXPECT_EQ(try_open(true).code(), StatusCode::kNotFound);
  ASSERT_TRUE(try_open().ok());
  EXPECT_FALSE(store_->header().has_value());
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/" + kRemovalMark));
  store_.reset();
  EXPECT_TRUE(remove_store(directory_).ok());
  EXPECT_FALSE(std::filesystem::exists(directory_));
}

}  // namespace
}  // namespace baton::storage
