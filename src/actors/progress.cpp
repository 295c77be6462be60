#include "actors/progress.hpp"

namespace baton::actors {

void ProgressState::show() {
  view_.elapsed = config_.clock->steady_now() - started_;
  if (config_.limit_use) view_.limits = config_.limit_use();
  config_.display->show(view_);
}

ProgressActor::behavior_type ProgressState::make_behavior(ProgressConfig config) {
  config_ = std::move(config);
  started_ = config_.clock->steady_now();
  view_.cursors_known = config_.known_cursors;
  self_->delayed_send(self_, config_.display->interval(), tick_atom_v);
  return {
      [this](commit_atom, const SharedSummary& summary) {
        view_.rows += summary->rows;
        view_.pages += summary->pages;
        view_.cursors_done += summary->cursors_done;
        for (const storage::PlannedCount& planned : summary->planned) view_.cursors_known += planned.count;
        for (const auto& entry : summary->entries) {
          view_.rows_by_type[{entry.phase(), entry.resource_type_id()}] += entry.rows();
        }
      },
      [this](phase_atom, const std::string& step) {
        view_.step = step;
        show();
      },
      [this](tick_atom) {
        show();
        self_->delayed_send(self_, config_.display->interval(), tick_atom_v);
      },
  };
}

ProgressActor::behavior_type progress(ProgressActor::stateful_pointer<ProgressState> self,
                                      ProgressConfig config) {
  return self->state.make_behavior(std::move(config));
}

}  // namespace baton::actors
