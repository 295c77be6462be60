#include "actors/writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "peers.hpp"
#include "support/actor_test.hpp"
#include "support/scratch_directory.hpp"

namespace baton::actors {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A writer over a real store, on the test's thread.
class WriterTest : public test::ActorTest {
 protected:
  WriterTest() {
    storage::StoreOptions options;
    options.directory = scratch_ / "run";
    options.clock = clock_.get();
    auto opened = storage::SyncStore::open(options);
    if (!opened.ok()) std::abort();
    store_ = std::move(*opened);

    WriterConfig write;
    write.store = store_;
    write.coordinator = spawn(peers::coordinator, &coordinator_);
    write.progress = spawn(peers::progress, &progress_);
    write.clock = clock_;
    write.log = std::make_shared<NullLog>();
    writer_ = spawn(writer, std::move(write));
    asker_ = spawn(peers::paginator, &asker_record_);
    settle();
  }

  template <class Answer, class... Ts>
  Answer ask(Ts... message) {
    auto response = self->request(writer_, caf::infinite, message...);
    settle();
    Answer result;
    response.receive([&](const Answer& answer) { result = answer; },
                     [](const caf::error&) { ADD_FAILURE() << "the writer is gone"; });
    return result;
  }
  /// Plans listings of these types and takes them.
  std::vector<storage::WorkItem> plan(const std::vector<std::string>& types) {
    std::vector<sync::Cursor> cursors;
    for (const std::string& type : types) {
      cursors.push_back(sync::type_cursor(Operation::kListResources, type));
    }
    const auto planned = ask<SharedPlanned>(plan_atom_v, std::string("test"), SharedCursors(cursors));
    EXPECT_TRUE(planned->ok());
    const storage::Lane lane(static_cast<std::uint8_t>(Operation::kListResources), false);
    const auto work = ask<SharedWork>(work_atom_v, lane.value(), std::uint32_t{100});
    EXPECT_TRUE(work->ok());
    return **work;
  }
  /// The last page of a cursor, with resources of these ids.
  static CommitRequest last_page(const storage::WorkItem& item, const std::vector<std::string>& ids) {
    CommitRequest request;
    request.commit.cursor_key = item.key;
    request.commit.cursor = item.cursor;
    EXPECT_TRUE(sync::advance(request.commit.cursor, "").ok());
    auto rows = std::make_shared<storage::EncodedRows>(storage::StructuralOrder(2, 1, 0), 1);
    for (const std::string& id : ids) {
      v2::Resource row;
      row.mutable_id()->set_resource_type(item.cursor.resource_type_id());
      row.mutable_id()->set_resource(id);
      row.set_display_name("Name of " + id);
      rows->add(row);
    }
    rows->finish();
    if (!ids.empty()) request.commit.rows = rows;
    return request;
  }
  void send(CommitRequest request) {
    self->send(writer_, commit_atom_v, SharedCommit(std::move(request)), asker_);
  }

  test::ScratchDirectory scratch_;
  std::shared_ptr<FixedClock> clock_ =
      std::make_shared<FixedClock>(std::chrono::system_clock::from_time_t(1'700'000'000));
  std::shared_ptr<storage::SyncStore> store_;
  peers::Record coordinator_;
  peers::Record progress_;
  peers::Record asker_record_;
  WriterActor writer_;
  PaginatorActor asker_;
};

TEST_F(WriterTest, makes_one_batch_of_the_pages_that_wait) {
  const auto work = plan({"user", "group", "role"});
  ASSERT_EQ(work.size(), 3U);
  send(last_page(work[0], {"u1", "u2"}));
  send(last_page(work[1], {"g1"}));
  send(last_page(work[2], {}));
  settle();
  ASSERT_EQ(coordinator_.summaries.size(), 1U);
  const CommitSummary& summary = *coordinator_.summaries[0];
  EXPECT_EQ(summary.pages, 3U);
  EXPECT_EQ(summary.rows, 3U);
  EXPECT_EQ(summary.cursors_done, 3U);
  ASSERT_EQ(summary.entries.size(), 3U);
  EXPECT_EQ(summary.entries[0].resource_type_id(), "user");
  EXPECT_EQ(summary.entries[0].rows(), 2U);
  EXPECT_THAT(asker_record_.acks, ElementsAre(1U, 1U, 1U));
  EXPECT_EQ(progress_.summaries.size(), 1U);
  EXPECT_EQ(store_->counters().pages(), 3U);
  EXPECT_THAT(store_->pending(), IsEmpty());
}

TEST_F(WriterTest, announces_the_work_that_a_page_discovered) {
  const auto work = plan({"group"});
  CommitRequest request = last_page(work[0], {"g1"});
  v2::ResourceId id;
  id.set_resource_type("group");
  id.set_resource("g1");
  request.commit.planned = {sync::resource_cursor(Operation::kListGrants, id, false),
                            sync::resource_cursor(Operation::kListGrants, id, false)};
  send(std::move(request));
  settle();
  ASSERT_EQ(coordinator_.summaries.size(), 1U);
  ASSERT_EQ(coordinator_.summaries[0]->planned.size(), 1U);
  EXPECT_EQ(coordinator_.summaries[0]->planned[0].count, 1U) << "one identity is planned once";
  EXPECT_EQ(coordinator_.summaries[0]->planned[0].lane.phase(), 5U);
}

TEST_F(WriterTest, materialises_templates_for_each_stored_resource_of_the_type) {
  const auto work = plan({"group", "user"});
  send(last_page(work[0], {"g1", "g2", "g3"}));
  send(last_page(work[1], {"u1"}));
  settle();
  const auto planned =
      ask<SharedPlanned>(plan_atom_v, std::string("static"),
                         SharedCursors({sync::type_cursor(Operation::kListStaticEntitlements, "group")}));
  ASSERT_TRUE(planned->ok());
  const storage::Lane lane(static_cast<std::uint8_t>(Operation::kListStaticEntitlements), false);
  const auto fixed = ask<SharedWork>(work_atom_v, lane.value(), std::uint32_t{1});
  CommitRequest request = last_page((**fixed)[0], {});
  request.templates.emplace_back().set_slug("member");
  request.templates.emplace_back().set_slug("owner");
  send(std::move(request));
  settle();
  std::vector<std::string> ids;
  ASSERT_TRUE(store_
                  ->for_each_entitlement([&](std::string_view, std::string_view, std::string_view id) {
                    ids.emplace_back(id);
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_THAT(ids, ::testing::UnorderedElementsAre("group:g1:member", "group:g1:owner", "group:g2:member",
                                                   "group:g2:owner", "group:g3:member", "group:g3:owner"));
}

TEST_F(WriterTest, commits_what_waits_before_it_yields_the_store_and_nothing_afterwards) {
  const auto work = plan({"user", "group"});
  send(last_page(work[0], {"u1"}));
  const auto yielded = ask<SharedStatus>(yield_atom_v);
  EXPECT_TRUE(yielded->ok()) << *yielded;
  EXPECT_EQ(store_->counters().pages(), 1U);
  EXPECT_EQ(store_->unsynced_bytes(), 0U);
  send(last_page(work[1], {"g1"}));
  settle();
  EXPECT_EQ(store_->counters().pages(), 1U);
  EXPECT_THAT(asker_record_.acks, ElementsAre(1U));
}

TEST_F(WriterTest, syncs_the_log_on_its_cadence) {
  const auto work = plan({"user"});
  send(last_page(work[0], {"u1"}));
  settle();
  EXPECT_GT(store_->unsynced_bytes(), 0U);
  clock_->advance(std::chrono::seconds(1));
  advance(std::chrono::seconds(1));
  EXPECT_EQ(store_->unsynced_bytes(), 0U);
}

TEST_F(WriterTest, reports_a_store_that_refuses_a_page_once) {
  const auto work = plan({"user", "group"});
  CommitRequest stranger = last_page(work[0], {"u1"});
  stranger.commit.cursor_key = CursorKey(storage::Lane(2, false), 999);
  send(std::move(stranger));
  settle();
  ASSERT_EQ(coordinator_.failures.size(), 1U);
  EXPECT_EQ(coordinator_.failures[0].code(), absl::StatusCode::kInvalidArgument);
  send(last_page(work[1], {"g1"}));
  settle();
  EXPECT_EQ(coordinator_.failures.size(), 1U);
  EXPECT_THAT(asker_record_.acks, IsEmpty());
  EXPECT_EQ(store_->counters().pages(), 0U);
  EXPECT_EQ(ask<SharedStatus>(sync_atom_v)->code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace baton::actors
