#pragma once

#include <memory>
#include <string>

#include "actors/call_statistics.hpp"
#include "actors/messages.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/task.hpp"
#include "sdk/connector.hpp"

namespace baton::actors {

/// What every connector call of a sync needs. Immutable; outlives all calls.
class FetchContext {
 public:
  FetchContext(std::shared_ptr<sdk::Connector> connector, std::shared_ptr<const Clock> clock,
               std::shared_ptr<Log> log, std::string sync_id)
      : connector(std::move(connector)),
        clock(std::move(clock)),
        log(std::move(log)),
        sync_id(std::move(sync_id)) {}

  std::shared_ptr<sdk::Connector> connector;
  std::shared_ptr<const Clock> clock;
  std::shared_ptr<Log> log;
  std::string sync_id;
  /// Every call is counted here.
  std::shared_ptr<CallStatistics> statistics = std::make_shared<CallStatistics>();
};

/// Asks the connector for one page, admits its rows under `rules` and encodes them for the store.
///
/// Runs on the connector's executor. Never throws; every failure, a cancellation and an exception of the
/// author's code included, is in the page's `status`.
Task<FetchedPage> fetch_page(std::shared_ptr<const FetchContext> context,
                             std::shared_ptr<const sync::AdmissionRules> rules,
                             std::shared_ptr<const FetchRequest> request);

}  // namespace baton::actors
