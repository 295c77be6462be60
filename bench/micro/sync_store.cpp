// Atomic commits of pages of 200 grants, each with the end of its cursor.
#include "storage/sync_store.hpp"

#include <algorithm>
#include <optional>

#include "micro/rows.hpp"
#include "micro/sample_pages.hpp"
#include "micro/sample_store.hpp"

namespace baton::bench {
namespace {

/// 200,000 grants: several memtables.
constexpr std::size_t kPages = 1000;

/// The argument says how many pages a batch has.
void commit_pages(benchmark::State& state) {
  const auto pages_per_batch = static_cast<std::size_t>(state.range(0));
  std::optional<SampleStore> sample;
  for (auto _ : state) {
    state.PauseTiming();
    sample.emplace(kPages);
    state.ResumeTiming();
    for (auto left = sample->commits(); !left.empty();) {
      const auto batch = left.first(std::min(pages_per_batch, left.size()));
      left = left.subspan(batch.size());
      if (!sample->store().commit(batch).ok()) {
        state.SkipWithError("a commit failed");
        break;
      }
    }
    state.PauseTiming();
    sample.reset();
    state.ResumeTiming();
  }
  report_rows(state, kPages * kPageRows);
}
BENCHMARK(commit_pages)
    ->Arg(1)
    ->Arg(8)
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace baton::bench
