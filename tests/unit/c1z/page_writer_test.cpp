#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "storage/c1z/writer.hpp"
#include "unit/c1z/database.hpp"
#include "unit/c1z/memory_rows.hpp"
#include "unit/c1z/same_content.hpp"
#include "unit/c1z/scratch.hpp"

// The SQLite library writes the same rows, and is right.
namespace baton::c1z {
namespace {

using c1::connector::v2::Grant;
using testing::EndsWith;

class PageWriter : public testing::Test {
 protected:
  absl::StatusOr<WriteSummary> write(MemoryRows& rows, WriteMethod method, int page_bytes) {
    WriteOptions options = make_options(path(method));
    options.page_bytes = page_bytes;
    options.method = method;
    return write_v1(options, make_run(), rows);
  }
  std::string path(WriteMethod method) {
    return scratch_ / (method == WriteMethod::kPages ? "pages" : "library");
  }

  /// Writes the rows both ways and compares all there is.
  void compare(MemoryRows& rows, int page_bytes) {
    const auto pages = write(rows, WriteMethod::kPages, page_bytes);
    const auto library = write(rows, WriteMethod::kLibrary, page_bytes);
    ASSERT_EQ(pages.status().code(), library.status().code()) << pages.status() << "\n" << library.status();
    if (!library.ok()) {
      // Only the words about what was being done differ.
      const std::string expected(library.status().message());
      const std::string said(pages.status().message());
      EXPECT_THAT(said, EndsWith(expected.substr(expected.find(": ") + 2)));
      return;
    }
    EXPECT_EQ(pages->resource_types, library->resource_types);
    EXPECT_EQ(pages->resources, library->resources);
    EXPECT_EQ(pages->entitlements, library->entitlements);
    EXPECT_EQ(pages->grants, library->grants);
    EXPECT_EQ(pages->renamed_grants, library->renamed_grants);
    EXPECT_EQ(pages->renamed_examples, library->renamed_examples);
    RawDatabase tested(path(WriteMethod::kPages));
    RawDatabase oracle(path(WriteMethod::kLibrary));
    EXPECT_EQ(tested.one("PRAGMA page_size"), std::to_string(page_bytes));
    EXPECT_EQ(tested.one("PRAGMA freelist_count"), "0");
    expect_same_content(tested, oracle);
  }

  Scratch scratch_;
};

/// A directory of about `size` grants and fewer of everything else.
void fill(MemoryRows& rows, int size) {
  for (int i = 0; i < std::min(size, 6); ++i) rows.add(make_type("type" + std::to_string(i)));
  for (int i = 0; i < size / 2; ++i) {
    const std::string id = std::to_string(i);
    rows.add(i % 3 == 0 ? make_child("user", id, "group", std::to_string(i / 9)) : make_resource("user", id));
  }
  for (int i = 0; i < size / 3; ++i) rows.add(make_entitlement("group", std::to_string(i), "member"));
  for (int i = 0; i < size; ++i) {
    Grant grant =
        make_grant("group", std::to_string(i / 12), std::to_string(i * 7 % 41) + "-" + std::to_string(i));
    if (i % 5 == 0) grant.set_id("own-" + std::to_string((i * 37) % 1000) + "-" + std::to_string(i));
    rows.add(grant);
  }
}

TEST_F(PageWriter, EverySizeAroundEveryBoundaryOfPagesAndLevels) {
  // Where a leaf, and where a level is full, differs from tree to tree; small pages make all of it happen
  // early.
  std::vector<std::pair<int, std::vector<int>>> cases{{512, {}}, {1024, {}}, {4096, {}}, {32768, {}}};
  for (int size = 0; size <= 70; ++size) cases[0].second.push_back(size);
  for (int size = 0; size <= 60; ++size) cases[1].second.push_back(size);
  for (int size = 0; size <= 60; ++size) cases[2].second.push_back(size);
  for (const int size : {200, 201, 202, 230, 260, 499, 1500}) cases[0].second.push_back(size);
  for (const int size : {300, 1000, 2500}) cases[1].second.push_back(size);
  for (const int size : {300, 301, 1000, 4000}) cases[2].second.push_back(size);
  for (const int size : {0, 1, 2, 3, 60, 70, 80, 90, 100, 110, 120, 250, 400, 420, 440, 800, 3000}) {
    cases[3].second.push_back(size);
  }
  std::size_t compared = 0;
  for (const auto& [page_bytes, sizes] : cases) {
    for (const int size : sizes) {
      SCOPED_TRACE(testing::Message() << size << " grants in pages of " << page_bytes);
      MemoryRows rows;
      fill(rows, size);
      compare(rows, page_bytes);
      if (HasFatalFailure()) return;
      ++compared;
    }
  }
  EXPECT_GE(compared, 200u);
}

TEST_F(PageWriter, EveryPageSize) {
  for (int page_bytes = 512; page_bytes <= 65536; page_bytes *= 2) {
    SCOPED_TRACE(page_bytes);
    MemoryRows rows;
    fill(rows, 500);
    compare(rows, page_bytes);
  }
}

TEST_F(PageWriter, LongValuesGoIntoChainsOfPages) {
  for (const int page_bytes : {512, 1024, 4096, 32768}) {
    // A row's record is a few hundred bytes longer than the text in it; the steps meet every remainder of the
    // capacity of a page at least nearly, and every length around the limits of a cell.
    const int step = page_bytes <= 1024 ? 7 : page_bytes / 60;
    MemoryRows rows;
    for (int i = 0; i < 180; ++i) {
      auto resource = make_resource("user", std::to_string(i));
      resource.set_description(std::string(static_cast<std::size_t>(i * step), 'x'));
      rows.add(resource);
    }
    SCOPED_TRACE(page_bytes);
    compare(rows, page_bytes);
  }
}

TEST_F(PageWriter, LongKeysGoIntoChainsOfPages) {
  for (const int page_bytes : {512, 1024, 4096}) {
    SCOPED_TRACE(page_bytes);
    MemoryRows rows;
    for (int i = 0; i < 300; ++i) {
      // From well below to well above a quarter of the page, byte by byte.
      const std::string id =
          std::string(static_cast<std::size_t>(page_bytes / 4 - 120 + i), 'k') + std::to_string(i);
      rows.add(make_resource("user", id));
      rows.add(make_entitlement("group", id, "member"));
      rows.add(make_grant("group", std::to_string(i % 5), id));
    }
    compare(rows, page_bytes);
  }
}

/// Ids of few letters, among them the colon and what sorts before and behind it.
std::string odd_id(std::mt19937& random) {
  constexpr std::string_view kLetters = "a:-z";
  std::string id;
  const std::size_t size = 1 + random() % 3;
  for (std::size_t i = 0; i < size; ++i) id.push_back(kLetters[random() % kLetters.size()]);
  return id;
}

MemoryRows odd_directory(std::mt19937& random, bool entitlements) {
  MemoryRows rows;
  std::set<std::vector<std::string>> known;
  for (int i = 0; i < 40; ++i) {
    const std::string type = odd_id(random);
    const std::string resource = odd_id(random);
    const std::string joined = type + ":" + resource;
    // Ids that clash end the export; here most are to go on.
    const bool unique = known.insert({"resource", joined}).second;
    if (unique)
      rows.add(random() % 2 == 0 ? make_resource(type, resource)
                                 : make_child(type, resource, odd_id(random), odd_id(random)));
    auto entitlement = make_entitlement(type, resource, odd_id(random));
    if (random() % 2 == 0) entitlement.set_id(odd_id(random));
    const bool new_id = known.insert({"entitlement", entitlement.id()}).second;
    if (!new_id && random() % 10 != 0) continue;
    if (!known.insert({"identity", type, resource, entitlement.id()}).second) continue;
    if (entitlements && (new_id || random() % 4 == 0)) rows.add(entitlement);
    const std::size_t grants = random() % 12;
    for (std::size_t n = 0; n < grants; ++n) {
      Grant grant;
      *grant.mutable_entitlement() = entitlement;
      *grant.mutable_principal() = make_resource(odd_id(random), odd_id(random));
      const auto& principal = grant.principal().id();
      if (!known
               .insert({"grant", type, resource, entitlement.id(), principal.resource_type(),
                        principal.resource()})
               .second) {
        continue;
      }
      grant.set_id(entitlement.id() + ":" + principal.resource_type() + ":" + principal.resource());
      if (random() % 4 == 0) grant.set_id(std::to_string(random() % 1000));
      if (random() % 50 == 0) grant.set_id("same");
      rows.add(grant, static_cast<std::uint8_t>(random() % 200));
    }
  }
  return rows;
}

TEST_F(PageWriter, OddIdsComeInTheLibrarysOrderAndClashAlike) {
  for (unsigned seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    MemoryRows rows = odd_directory(random, seed % 3 != 0);
    compare(rows, 1024);
    if (HasFatalFailure()) return;
  }
}

TEST_F(PageWriter, TheSameRowsGiveTheSameBytesWhateverTheWorkers) {
  std::vector<std::string> outcomes;
  for (const int workers : {1, 2, 3}) {
    MemoryRows rows;
    fill(rows, 20'000);
    WriteOptions options = make_options(scratch_ / "sync.c1z");
    options.workers = workers;
    ASSERT_TRUE(write_v1(options, make_run(), rows).ok());
    outcomes.push_back(read_file(options.path));
  }
  EXPECT_EQ(outcomes[0], outcomes[1]);
  EXPECT_EQ(outcomes[0], outcomes[2]);
}

}  // namespace
}  // namespace baton::c1z
