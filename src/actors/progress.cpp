#include "actors/progress.hpp"

namespace baton::actors {

void ProgressState::show() {
  view_.elapsed = clock_->steady_now() - started_;
  display_->show(view_);
}

ProgressActor::behavior_type ProgressState::make_behavior(std::shared_ptr<ProgressDisplay> display,
                                                          std::shared_ptr<const Clock> clock,
                                                          std::uint64_t known_cursors) {
  display_ = std::move(display);
  clock_ = std::move(clock);
  started_ = clock_->steady_now();
  view_.cursors_known = known_cursors;
  self_->delayed_send(self_, display_->interval(), tick_atom_v);
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
        self_->delayed_send(self_, display_->interval(), tick_atom_v);
      },
  };
}

ProgressActor::behavior_type progress(ProgressActor::stateful_pointer<ProgressState> self,
                                      std::shared_ptr<ProgressDisplay> display,
                                      std::shared_ptr<const Clock> clock, std::uint64_t known_cursors) {
  return self->state.make_behavior(std::move(display), std::move(clock), known_cursors);
}

}  // namespace baton::actors
