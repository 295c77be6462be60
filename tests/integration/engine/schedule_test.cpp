#include <algorithm>
#include <cstdlib>

#include "engine_test.hpp"
#include "random_world.hpp"

namespace baton::test {
namespace {

/// Random organisations, collected in random orders, with faults, and with interruptions: one seed, one file.
class ScheduleTest : public EngineTest {
 protected:
  /// More in the long form of the test.
  static std::uint64_t seeds() { return std::getenv("BATON_SOAK") != nullptr ? 1000 : 50; }

  void world(std::uint64_t seed, Weather weather, std::size_t workers, std::uint64_t shuffle) {
    new_connector();
    script_random_world(*connector_, seed, weather);
    connector_->shuffle(shuffle);
    job.workers = workers;
  }
  std::string artifact() {
    const actors::SyncOutcome outcome = run();
    EXPECT_TRUE(outcome.status.ok()) << outcome.status;
    return outcome.status.ok() ? file_bytes(job.path) : "";
  }
};

TEST_F(ScheduleTest, one_seed_makes_one_file_whatever_the_order_the_faults_and_the_interruptions) {
  for (std::uint64_t seed = 1; seed <= seeds() && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededEntropy random(seed);
    clean_up();
    world(seed, Weather::kFair, 1, 0);
    const std::string plain = artifact();
    const std::size_t requests = connector_->requests().size();

    clean_up();
    world(seed, Weather::kFair, 1 + random.next64() % 16, random.next64() | 1);
    EXPECT_TRUE(artifact() == plain) << "shuffled";

    // Faults cost waits: not in every world.
    if (seed % 4 == 0) {
      clean_up();
      world(seed, Weather::kFaults, 1 + random.next64() % 16, random.next64() | 1);
      EXPECT_TRUE(artifact() == plain) << "with faults";
    }

    clean_up();
    world(seed, Weather::kFair, 1 + random.next64() % 16, random.next64() | 1);
    connector_->fail_from(1 + random.next64() % std::max<std::size_t>(requests - 2, 1),
                          absl::PermissionDeniedError("interrupted"));
    EXPECT_FALSE(run().status.ok());
    world(seed, Weather::kFair, 1 + random.next64() % 16, random.next64() | 1);
    EXPECT_TRUE(artifact() == plain) << "interrupted";
  }
}

}  // namespace
}  // namespace baton::test
