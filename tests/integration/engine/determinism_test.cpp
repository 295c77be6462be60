#include "engine_test.hpp"
#include "world.hpp"

namespace baton::test {
namespace {

class DeterminismTest : public EngineTest {
 protected:
  /// The artifact of the world, collected by so many workers, with answers in an order that the seed decides.
  std::string artifact(std::size_t workers, std::uint64_t seed) {
    clean_up();
    new_connector();
    script_world(*connector_);
    connector_->shuffle(seed);
    job.workers = workers;
    sync();
    return file_bytes(job.path);
  }
};

TEST_F(DeterminismTest, the_artifact_depends_neither_on_workers_nor_on_timing) {
  const std::string first = artifact(1, 1);
  ASSERT_FALSE(first.empty());
  for (const std::size_t workers : {1, 4, 16}) {
    for (const std::uint64_t seed : {1, 77, 12345}) {
      EXPECT_TRUE(artifact(workers, seed) == first) << workers << " workers, seed " << seed;
    }
  }
}

TEST_F(DeterminismTest, rows_that_contradict_each_other_are_counted) {
  script_world(*connector_);
  const actors::SyncOutcome outcome = run();
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  // One team that four listings describe, and in every group three members whom two pages name differently.
  EXPECT_GT(outcome.summary.conflicts, 1U);
}

}  // namespace
}  // namespace baton::test
