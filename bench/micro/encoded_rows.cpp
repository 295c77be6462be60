// From the rows of a page to sorted keys and values, ready for the store.
#include "storage/encoded_rows.hpp"

#include "base/operation.hpp"
#include "micro/rows.hpp"
#include "micro/sample_pages.hpp"

namespace baton::bench {
namespace {

constexpr std::int64_t kDiscoveredAt = 1'800'000'000'000'000'000;

template <class Row>
void encode(benchmark::State& state, const sdk::Page<Row>& page, Operation phase) {
  const storage::StructuralOrder order(static_cast<std::uint8_t>(phase), 1, 0);
  for (auto _ : state) {
    storage::EncodedRows rows(order, kDiscoveredAt);
    for (std::size_t i = 0; i < page.size(); ++i) rows.add(page.row(i));
    rows.finish();
    benchmark::DoNotOptimize(rows.bytes());
  }
  report_rows(state, page.size());
}

void encode_users(benchmark::State& state) {
  encode(state, users_page(), Operation::kListResources);
}
BENCHMARK(encode_users);

void encode_members(benchmark::State& state) {
  encode(state, members_page(1), Operation::kListGrants);
}
BENCHMARK(encode_members);

}  // namespace
}  // namespace baton::bench
