// The library against a reference that is written from the specification and shares nothing with it: on all
// vectors, which shows that the reference is right, and on random graphs. The short form is for every change;
// with BATON_SOAK set there are 100,000 graphs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "conformance/expansion/random_graph.hpp"
#include "conformance/expansion/reference.hpp"
#include "conformance/expansion/replay.hpp"
#include "conformance/expansion/vector_file.hpp"

namespace baton::expansion::conformance {
namespace {

namespace fs = std::filesystem;

bool soak() {
  const char* const set = std::getenv("BATON_SOAK");
  return set != nullptr && *set != '\0';
}

/// For whoever has to understand a failure.
std::string text_of(const VectorCase& vector, const GrantTable& grants) {
  std::ostringstream text;
  text << vector.name << "\nentitlements:";
  for (const VectorEntitlement& row : vector.entitlements) text << " " << row.id;
  text << "\n";
  for (const auto& [key, grant] : grants) {
    text << grant.entitlement << ": " << grant.principal.type << " " << grant.principal.id << " {";
    for (const auto& [id, is_direct] : grant.sources) text << " " << id << (is_direct ? "+" : "-");
    text << " }";
    if (grant.expandable) {
      text << (grant.expandable->shallow ? " shallow from" : " from");
      for (const std::string& id : grant.expandable->entitlement_ids) text << " " << id;
      for (const std::string& type : grant.expandable->types) text << " [" << type << "]";
    }
    text << "\n";
  }
  return text.str();
}

/// The grants that only one side has.
std::string difference(const GrantTable& expected, const GrantTable& found) {
  const std::vector<ExpectedGrant> left = as_expected(expected);
  const std::vector<ExpectedGrant> right = as_expected(found);
  std::ostringstream text;
  const auto print = [&](const char* whose, const std::vector<ExpectedGrant>& of,
                         const std::vector<ExpectedGrant>& without) {
    for (const ExpectedGrant& grant : of) {
      if (std::ranges::binary_search(without, grant)) continue;
      text << whose;
      PrintTo(grant, &text);
      text << "\n";
    }
  };
  print("reference only: ", left, right);
  print("library only:   ", right, left);
  return text.str();
}

/// Empty when the library does what the reference does, and again nothing when it is run on the result.
std::string disagreement(const VectorCase& vector, RowOrder order, CycleMode mode) {
  const GrantTable collected = ingest(vector);
  const ReferenceResult expected = reference_expand(
      vector, collected, mode == CycleMode::kClose ? ReferenceMode::kStrict : ReferenceMode::kUpstream);
  const absl::StatusOr<Replay> found = expand(vector, collected, order, mode);
  if (!expected.error.empty() || !found.ok()) {
    if (expected.error.empty() != found.ok()) {
      return "reference: " + expected.error + "; library: " + found.status().ToString();
    }
    return "";
  }
  if (!found->breaches.empty()) return "breach of contract: " + found->breaches.front();
  if (std::string text = difference(expected.grants, found->grants); !text.empty()) return text;
  const absl::StatusOr<Replay> again = expand(vector, found->grants, order, mode);
  if (!again.ok()) return "run again: " + again.status().ToString();
  return difference(found->grants, again->grants);
}

/// Takes grants out as long as the disagreement stays.
VectorCase shrunk(VectorCase vector, RowOrder order, CycleMode mode) {
  for (std::size_t at = 0; at < vector.grants.size();) {
    VectorCase smaller = vector;
    smaller.grants.erase(smaller.grants.begin() + static_cast<std::ptrdiff_t>(at));
    if (disagreement(smaller, order, mode).empty()) {
      ++at;
    } else {
      vector = std::move(smaller);
    }
  }
  return vector;
}

TEST(Differential, RandomGraphsExpandAsTheSpecificationSays) {
  const std::uint64_t graphs = soak() ? 100'000 : 4'000;
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    const VectorCase vector = random_case(seed);
    const RowOrder order = seed % 2 == 0 ? RowOrder::kKeyOrder : RowOrder::kReversed;
    for (const CycleMode mode : {CycleMode::kCollapse, CycleMode::kClose}) {
      if (disagreement(vector, order, mode).empty()) continue;
      const VectorCase small = shrunk(vector, order, mode);
      FAIL() << (mode == CycleMode::kClose ? "strict: " : "upstream: ") << disagreement(small, order, mode)
             << text_of(small, ingest(small));
    }
  }
}

TEST(RandomGraphs, CoverWhatTheyPromise) {
  std::size_t cyclic = 0;
  std::size_t failing = 0;
  std::size_t changed = 0;
  std::size_t missing = 0;
  std::size_t large = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const VectorCase vector = random_case(seed);
    const absl::StatusOr<Replay> found = expand(vector, ingest(vector), RowOrder::kKeyOrder);
    if (!found.ok()) {
      ++failing;
      continue;
    }
    cyclic += found->report.cycles > 0 ? 1 : 0;
    changed += found->statistics.rows_changed > 0 ? 1 : 0;
    missing += found->report.edges_source_missing + found->report.edges_destination_missing > 0 ? 1 : 0;
    large += vector.entitlements.size() > 40 ? 1 : 0;
  }
  EXPECT_GT(cyclic, 300U);
  EXPECT_LT(cyclic, 900U);
  EXPECT_GT(failing, 5U);
  EXPECT_LT(failing, 100U);
  EXPECT_GT(changed, 300U);
  EXPECT_GT(missing, 100U);
  EXPECT_GT(large, 20U);
}

void compare_with_vectors(const fs::path& path, ReferenceMode mode) {
  for (VectorCase vector : read_vector_file(path)) {
    SCOPED_TRACE(vector.name);
    std::sort(vector.expected.begin(), vector.expected.end());
    const ReferenceResult found = reference_expand(vector, ingest(vector), mode);
    EXPECT_EQ(found.error, vector.expected_error);
    if (!found.error.empty()) continue;
    EXPECT_THAT(as_expected(found.grants), testing::ElementsAreArray(vector.expected));
  }
}

TEST(Reference, GivesTheRowsOfTheProjectsVectors) {
  compare_with_vectors(
      fs::path(BATON_SOURCE_DIR) / "tests" / "conformance" / "expansion" / "data" / "basic.json",
      ReferenceMode::kUpstream);
}

TEST(Reference, GivesTheRowsOfAllSharedVectors) {
  const char* const shared = std::getenv("BATON_SHARED_DIR");
  const fs::path root = shared != nullptr ? fs::path(shared) : fs::path(BATON_SOURCE_DIR) / ".." / "shared";
  const fs::path folder = root / "vectors" / "expansion";
  if (!fs::exists(folder))
    GTEST_SKIP() << "no shared expansion vectors: " << folder << " (set BATON_SHARED_DIR)";
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    SCOPED_TRACE(entry.path().filename().string());
    const bool strict = entry.path().filename() == "strict_closure.json";
    compare_with_vectors(entry.path(), strict ? ReferenceMode::kStrict : ReferenceMode::kUpstream);
  }
}

TEST(Reference, StrictIsUpstreamWhereThereAreNoCycles) {
  std::size_t compared = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const VectorCase vector = random_case(seed);
    const GrantTable collected = ingest(vector);
    const absl::StatusOr<Replay> replay = expand(vector, collected, RowOrder::kKeyOrder);
    if (!replay.ok() || replay->report.cycles > 0) continue;
    ++compared;
    EXPECT_EQ(difference(reference_expand(vector, collected, ReferenceMode::kStrict).grants,
                         reference_expand(vector, collected, ReferenceMode::kUpstream).grants),
              "")
        << vector.name;
  }
  EXPECT_GT(compared, 100U);
}

}  // namespace
}  // namespace baton::expansion::conformance
