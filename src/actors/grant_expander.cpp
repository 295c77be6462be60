#include "actors/grant_expander.hpp"

#include <utility>

#include "actors/process_memory.hpp"
#include "actors/run_expansion.hpp"

namespace baton::actors {

absl::Status ExpanderState::record_state(baton::store::v1::RunHeader header) {
  header.set_state(baton::store::v1::RUN_STATE_EXPANDED);
  return config_.store->put_header(header);
}

absl::Status ExpanderState::expand(ExpansionResult& result) {
  // Without an expandable grant there is nothing to read for.
  if (config_.store->counters().expandable_grants() == 0) return absl::OkStatus();
  ExpansionOptions options;
  options.mode = config_.mode;
  options.max_rows = config_.max_rows;
  options.log = config_.log;
  options.clock = config_.clock;
  options.go_on = [this] { return config_.stop->go_on(); };
  absl::StatusOr<ExpansionStatistics> statistics = run_expansion(*config_.store, options);
  if (!statistics.ok()) return statistics.status();
  result.statistics = *std::move(statistics);
  return absl::OkStatus();
}

ExpanderActor::behavior_type ExpanderState::make_behavior(ExpanderConfig config) {
  config_ = std::move(config);
  return {
      [this](expand_atom, const SharedHeader& header) {
        ExpansionResult result;
        const auto started = config_.clock->steady_now();
        return_freed_memory();
        result.status = expand(result);
        if (result.status.ok()) result.status = record_state(*header);
        result.duration = config_.clock->steady_now() - started;
        return SharedExpansion(std::move(result));
      },
  };
}

ExpanderActor::behavior_type grant_expander(ExpanderActor::stateful_pointer<ExpanderState> self,
                                            ExpanderConfig config) {
  return self->state.make_behavior(std::move(config));
}

}  // namespace baton::actors
