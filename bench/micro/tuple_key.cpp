// The key of a grant: six elements, escaped and joined.
#include "base/tuple_key.hpp"

#include <string>

#include "micro/rows.hpp"

namespace baton::bench {
namespace {

void grant_key(benchmark::State& state) {
  const std::string resource = "g-00012";
  const std::string entitlement = "group:g-00012:member";
  const std::string principal = "u-000017";
  std::string key;
  for (auto _ : state) {
    key.clear();
    append_entitlement_identity(key, "group", resource, entitlement);
    append_next_element(key, "user");
    append_next_element(key, principal);
    benchmark::DoNotOptimize(key.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(grant_key);

}  // namespace
}  // namespace baton::bench
