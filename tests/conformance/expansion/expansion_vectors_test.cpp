// Replays the expansion vectors. Each case is expanded twice, with rows in key order and in reverse, compared
// as a complete grant table with the recorded output, and then expanded again from its own result, which must
// change nothing. Cases of upstream are replayed in upstream mode, and once more in strict mode where their
// graph has no cycle, as both agree there; strict_closure.json holds what strict mode makes of the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "conformance/expansion/replay.hpp"
#include "conformance/expansion/vector_file.hpp"

namespace baton::expansion::conformance {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kUpstreamFiles[] = {"basic.json",    "cycles.json", "filters.json",
                                          "identity.json", "random.json", "missing_and_malformed.json",
                                          "shallow.json",  "shapes.json", "sources.json"};

fs::path shared_vectors() {
  const char* const shared = std::getenv("BATON_SHARED_DIR");
  const fs::path root = shared != nullptr ? fs::path(shared) : fs::path(BATON_SOURCE_DIR) / ".." / "shared";
  return root / "vectors" / "expansion";
}

void expect_error(const VectorCase& vector, const absl::Status& status) {
  ASSERT_FALSE(status.ok()) << "must fail with " << vector.expected_error;
  const std::string message(status.message());
  if (vector.expected_error == "source_resource_mismatch") {
    EXPECT_THAT(message, HasSubstr("source entitlement resource id did not match grant principal id"));
  } else if (vector.expected_error == "ambiguous_entitlement_id") {
    EXPECT_THAT(message, HasSubstr("external id is ambiguous"));
  } else {
    FAIL() << "unknown expected_error " << vector.expected_error;
  }
}

void expect_result(const VectorCase& vector, RowOrder order, CycleMode mode) {
  const GrantTable collected = ingest(vector);
  const absl::StatusOr<Replay> first = expand(vector, collected, order, mode);
  if (!vector.expected_error.empty()) {
    expect_error(vector, first.status());
    return;
  }
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(first->breaches, IsEmpty());
  EXPECT_THAT(as_expected(first->grants), ElementsAreArray(vector.expected));
  EXPECT_EQ(first->statistics.rows_synthesised, first->grants.size() - collected.size());

  if (mode == CycleMode::kCollapse) {
    std::vector<std::vector<std::string>> cycles = vector.collapsed_cycles;
    for (auto& cycle : cycles) std::sort(cycle.begin(), cycle.end());
    std::sort(cycles.begin(), cycles.end());
    EXPECT_EQ(first->cycles, cycles);
    EXPECT_EQ(first->report.cycles, cycles.size());
  } else {
    EXPECT_THAT(first->cycles, IsEmpty()) << "strict mode collapses nothing";
  }

  const absl::StatusOr<Replay> again = expand(vector, first->grants, order, mode);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->statistics.rows_synthesised, 0U);
  EXPECT_EQ(again->statistics.rows_changed, 0U);
}

void replay_case(const VectorCase& vector, CycleMode mode) {
  expect_result(vector, RowOrder::kKeyOrder, mode);
  expect_result(vector, RowOrder::kReversed, mode);
}

void replay_file(const fs::path& path, CycleMode mode) {
  const std::vector<VectorCase> cases = read_vector_file(path);
  ASSERT_FALSE(cases.empty()) << path;
  for (VectorCase vector : cases) {
    SCOPED_TRACE(vector.name);
    std::sort(vector.expected.begin(), vector.expected.end());
    replay_case(vector, mode);
    if (mode == CycleMode::kCollapse && vector.collapsed_cycles.empty())
      replay_case(vector, CycleMode::kClose);
  }
}

TEST(OwnExpansionVectors, BasicCasesGiveUpstreamsRows) {
  replay_file(fs::path(BATON_SOURCE_DIR) / "tests" / "conformance" / "expansion" / "data" / "basic.json",
              CycleMode::kCollapse);
}

class SharedExpansionVectors : public testing::TestWithParam<const char*> {};

TEST_P(SharedExpansionVectors, EveryCaseGivesUpstreamsRows) {
  const fs::path path = shared_vectors() / GetParam();
  if (!fs::exists(path)) GTEST_SKIP() << "no shared expansion vectors: " << path << " (set BATON_SHARED_DIR)";
  replay_file(path, CycleMode::kCollapse);
}

TEST(SharedStrictVectors, StrictModeClosesEveryCycle) {
  const fs::path path = shared_vectors() / "strict_closure.json";
  if (!fs::exists(path)) GTEST_SKIP() << "no shared expansion vectors: " << path << " (set BATON_SHARED_DIR)";
  replay_file(path, CycleMode::kClose);
}

INSTANTIATE_TEST_SUITE_P(Files, SharedExpansionVectors, testing::ValuesIn(kUpstreamFiles),
                         [](const auto& info) { return fs::path(info.param).stem().string(); });

TEST(SharedExpansionVectorFolder, HoldsNoFileThatIsNotReplayed) {
  if (!fs::exists(shared_vectors())) {
    GTEST_SKIP() << "no shared expansion vectors: " << shared_vectors() << " (set BATON_SHARED_DIR)";
  }
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(shared_vectors())) {
    if (entry.path().extension() == ".json") found.push_back(entry.path().filename().string());
  }
  std::vector<std::string> known(std::begin(kUpstreamFiles), std::end(kUpstreamFiles));
  known.emplace_back("strict_closure.json");
  EXPECT_THAT(found, testing::UnorderedElementsAreArray(known));
}

}  // namespace
}  // namespace baton::expansion::conformance
