#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "storage/c1z/writer.hpp"
#include "unit/c1z/database.hpp"
#include "unit/c1z/memory_rows.hpp"
#include "unit/c1z/same_content.hpp"
#include "unit/c1z/scratch.hpp"

// Databases of more than 1 GiB: the page at byte 2^30 belongs to SQLite's locks and to no tree.
namespace baton::c1z {
namespace {

constexpr std::uint64_t kLockByte = std::uint64_t{1} << 30;

/// Resources with descriptions of one size, made as they are read.
class ManyResources final : public storage::RowSource {
 public:
  ManyResources(int count, std::size_t description_bytes) : count_(count) {
    auto resource = make_resource("user", "x");
    resource.set_description(std::string(description_bytes, 'd'));
    blob_ = resource.SerializeAsString();
  }

  absl::Status rewind_resource_types() override { return absl::OkStatus(); }
  absl::Status rewind_resources() override {
    at_ = 0;
    return absl::OkStatus();
  }
  absl::Status rewind_entitlements() override { return absl::OkStatus(); }
  absl::Status rewind_grants() override { return absl::OkStatus(); }
  absl::StatusOr<bool> next(storage::ResourceTypeRow&) override { return false; }
  absl::StatusOr<bool> next(storage::ResourceRow& row) override {
    if (at_ == count_) return false;
    id_ = std::to_string(10'000'000 + at_++);
    row.type_id = "user";
    row.id = id_;
    row.blob = blob_;
    row.discovered_at = kDiscovered;
    return true;
  }
  absl::StatusOr<bool> next(storage::EntitlementRow&) override { return false; }
  absl::StatusOr<bool> next(storage::GrantRow&) override { return false; }

 private:
  int count_;
  int at_ = 0;
  std::string id_;
  std::string blob_;
};

void expect_sound_beyond_the_lock_page(int page_bytes, int count, std::size_t description_bytes) {
  SCOPED_TRACE(testing::Message() << count << " rows of " << description_bytes << " in pages of "
                                  << page_bytes);
  const Scratch scratch;
  ManyResources rows(count, description_bytes);
  std::string digests[2];
  for (const WriteMethod method : {WriteMethod::kPages, WriteMethod::kLibrary}) {
    WriteOptions options = make_options(scratch / "sync.c1z");
    options.page_bytes = page_bytes;
    options.method = method;
    const auto summary = write_v1(options, make_run(), rows);
    ASSERT_TRUE(summary.ok()) << summary.status();
    EXPECT_GT(summary->database_bytes, kLockByte + 10 * static_cast<std::uint64_t>(page_bytes));
    RawDatabase database(options.path);
    EXPECT_EQ(database.rows("PRAGMA integrity_check"), std::vector<std::string>{"ok"});
    // Too many for a dump: what depends on every byte of every row, in the order of each index.
    std::string& digest = digests[method == WriteMethod::kPages ? 0 : 1];
    digest = database.one("SELECT count(*) || ' ' || sum(length(data)) || ' ' || max(id) FROM v1_resources");
    digest += database.one(
        "SELECT sum(id * (row % 1000)) FROM (SELECT id, row_number() OVER (ORDER BY external_id, sync_id) AS "
        "row "
        "FROM v1_resources INDEXED BY idx_resources_parent_resource_id_v1)");
    digest +=
        database.one("SELECT count(DISTINCT data) || min(discovered_at) || max(sync_id) FROM v1_resources");
  }
  EXPECT_EQ(digests[0], digests[1]);
}

TEST(PagesBeyondTheLockPage, InsideAChainOfPages) {
  expect_sound_beyond_the_lock_page(4096, 150, 8'000'000);
  expect_sound_beyond_the_lock_page(32768, 150, 8'000'000);
}

TEST(PagesBeyondTheLockPage, BetweenLeaves) {
  expect_sound_beyond_the_lock_page(4096, 700'000, 1'500);
  expect_sound_beyond_the_lock_page(32768, 700'000, 1'500);
}

}  // namespace
}  // namespace baton::c1z
