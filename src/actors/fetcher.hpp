#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/call_bridge.hpp"
#include "actors/fetch_page.hpp"
#include "actors/interfaces.hpp"

namespace baton::actors {

/// What a fetcher is spawned with.
class FetcherConfig {
 public:
  FetcherConfig() = default;

  std::shared_ptr<const FetchContext> context;
  boost::asio::any_io_executor executor;
  /// Rules for the pages of the resource types, which come before there is a catalog.
  std::shared_ptr<const sync::AdmissionRules> first_rules = std::make_shared<const sync::AdmissionRules>();
  /// Pages fetched and not yet committed may hold this much; above it no call starts.
  std::uint64_t byte_budget = 64u << 20;
};

class FetcherState {
 public:
  static inline const char* name = "sync.fetcher";

  explicit FetcherState(FetcherActor::pointer self) : self_(self) {}

  FetcherActor::behavior_type make_behavior(FetcherConfig config);

 private:
  using StatusCall = Cancellation(const boost::asio::any_io_executor&, std::shared_ptr<const FetchContext>,
                                  std::function<void(absl::Status)>);

  caf::result<SharedStatus> call(StatusCall* start);
  void fetch(const SharedFetch& request, const PaginatorActor& paginator);
  void start(const SharedFetch& request, const PaginatorActor& paginator);
  void start_waiting();
  void cancel_all();

  FetcherActor::pointer self_;
  FetcherConfig config_;
  std::shared_ptr<const sync::AdmissionRules> rules_;
  /// Bounded by the number of live cursors, each of which has at most one request out.
  std::deque<std::pair<SharedFetch, PaginatorActor>> waiting_;
  std::map<std::uint64_t, Cancellation> calls_;
  std::map<std::uint64_t, caf::typed_response_promise<SharedStatus>> answers_;
  std::uint64_t next_call_ = 0;
  std::uint64_t held_bytes_ = 0;
  bool cancelled_ = false;
};

/// Spawn as `system.spawn(fetcher, config)`.
FetcherActor::behavior_type fetcher(FetcherActor::stateful_pointer<FetcherState> self, FetcherConfig config);

}  // namespace baton::actors
