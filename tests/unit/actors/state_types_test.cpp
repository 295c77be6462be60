#include <type_traits>

#include <gtest/gtest.h>

#include "actors/exporter.hpp"
#include "actors/fetcher.hpp"
#include "actors/grant_expander.hpp"
#include "actors/paginator.hpp"
#include "actors/progress.hpp"
#include "actors/rate_limiter.hpp"
#include "actors/sync_coordinator.hpp"
#include "actors/writer.hpp"

namespace baton::actors {
namespace {

// CAF builds a state from the actor's own pointer. Were the state an aggregate, C++20 would let that pointer
// initialise its first member instead.
template <class... State>
constexpr bool kNoAggregates = (!std::is_aggregate_v<State> && ...);

static_assert(kNoAggregates<CoordinatorState, ExpanderState, ExporterState, FetcherState, PaginatorState,
                            ProgressState, RateLimiterState, WriterState>);

// What goes into and comes out of coroutines, against the double destruction of g++ 12.
static_assert(kNoAggregates<FetchContext, FetchRequest, FetchedPage, sync::AdmissionRules, Cancellation>);

// Nothing that travels is copied: a message carries a pointer.
static_assert(sizeof(SharedPage) <= 2 * sizeof(void*));
static_assert(sizeof(SharedCommit) <= 2 * sizeof(void*));

TEST(Shared, hands_out_one_immutable_value) {
  const Shared<int> empty;
  EXPECT_FALSE(static_cast<bool>(empty));
  const Shared<int> value(7);
  const Shared<int> copy = value;
  EXPECT_EQ(*copy, 7);
  EXPECT_EQ(copy.pointer(), value.pointer());
}

TEST(Parcel, hands_its_value_over) {
  const Parcel<std::string> parcel(std::string(100, 'x'));
  EXPECT_EQ(parcel.take().size(), 100U);
  EXPECT_TRUE(parcel.take().empty()) << "there is only one";
}

}  // namespace
}  // namespace baton::actors
