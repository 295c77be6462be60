#include "micro/sample_store.hpp"

#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>

#include "base/hash.hpp"
#include "base/operation.hpp"
#include "micro/sample_pages.hpp"

namespace baton::bench {
namespace {

constexpr auto kPhase = static_cast<std::uint8_t>(Operation::kListGrants);
constexpr storage::Lane kLane(kPhase, false);
constexpr std::uint64_t kGroups = 5000;
/// Has no common divisor with the number of groups, so that its multiples visit all of them.
constexpr std::uint64_t kStride = 1987;
constexpr std::int64_t kDiscoveredAt = 1'800'000'000'000'000'000;

std::uint64_t group_of(std::size_t page) {
  return page * kStride % kGroups;
}

void check(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << "micro_bench: " << status << '\n';
  std::abort();
}

std::filesystem::path make_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "baton-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    check(absl::UnavailableError("no temporary folder can be made"));
  }
  return pattern;
}

baton::store::v1::CursorRow cursor_of(std::size_t page) {
  baton::store::v1::CursorRow cursor;
  cursor.set_phase(kPhase);
  cursor.set_operation(kPhase);
  cursor.set_resource_type_id("group");
  cursor.set_resource_id(group_id(group_of(page)));
  return cursor;
}

}  // namespace

std::span<const std::shared_ptr<const storage::EncodedRows>> grant_pages(std::size_t count) {
  static std::vector<std::shared_ptr<const storage::EncodedRows>> pages;
  while (pages.size() < count) {
    const std::uint64_t group = group_of(pages.size());
    const sdk::Page<c1::connector::v2::Grant> page = members_page(group);
    storage::EncodedRows rows(storage::StructuralOrder(kPhase, hash64(group_id(group)), 0), kDiscoveredAt);
    for (std::size_t i = 0; i < page.size(); ++i) rows.add(page.row(i));
    rows.finish();
    pages.push_back(std::make_shared<const storage::EncodedRows>(std::move(rows)));
  }
  return std::span(pages).first(count);
}

SampleStore::SampleStore(std::size_t groups) : folder_(make_folder()) {
  storage::StoreOptions options;
  options.directory = (folder_ / "run").string();
  auto store = storage::SyncStore::open(options);
  check(store.status());
  store_ = *std::move(store);

  std::vector<baton::store::v1::CursorRow> cursors;
  for (std::size_t page = 0; page < groups; ++page) cursors.push_back(cursor_of(page));
  check(store_->plan("groups", cursors).status());
  const auto pages = grant_pages(groups);
  auto work = store_->next_work(kLane, groups);
  check(work.status());
  for (storage::WorkItem& item : *work) {
    storage::PageCommit& commit = commits_.emplace_back();
    commit.cursor_key = item.key;
    commit.cursor = std::move(item.cursor);
    commit.cursor.set_page(1);
    commit.cursor.set_done(true);
    commit.rows = pages[commits_.size() - 1];
    commit.counters.set_pages(1);
  }
}

SampleStore::~SampleStore() {
  store_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace baton::bench
