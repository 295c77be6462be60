// What an export reads: the grants of a store in order of identity, each as a v1 file holds it.
#include "storage/row_source.hpp"

#include "micro/rows.hpp"
#include "micro/sample_pages.hpp"
#include "micro/sample_store.hpp"

namespace baton::bench {
namespace {

constexpr std::size_t kPages = 1000;

void scan_grants(benchmark::State& state) {
  SampleStore sample(kPages);
  if (!sample.store().commit(sample.commits()).ok()) {
    state.SkipWithError("the commit failed");
    return;
  }
  for (auto _ : state) {
    auto source = sample.store().rows();
    if (!source.ok() || !(*source)->rewind_grants().ok()) {
      state.SkipWithError("no rows to read");
      break;
    }
    storage::GrantRow row;
    std::size_t rows = 0;
    absl::StatusOr<bool> more = (*source)->next(row);
    for (; more.ok() && *more; more = (*source)->next(row)) {
      benchmark::DoNotOptimize(row.blob.data());
      ++rows;
    }
    if (!more.ok() || rows != kPages * kPageRows) {
      state.SkipWithError("not all rows came");
      break;
    }
  }
  report_rows(state, kPages * kPageRows);
}
BENCHMARK(scan_grants)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace baton::bench
