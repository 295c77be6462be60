#pragma once

#include <cstddef>

#include <benchmark/benchmark.h>

namespace baton::bench {

/// Reports the time of one row beside that of one iteration, which handled `rows` of them.
inline void report_rows(benchmark::State& state, std::size_t rows) {
  state.counters["per_row"] = benchmark::Counter(
      static_cast<double>(rows), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

}  // namespace baton::bench
