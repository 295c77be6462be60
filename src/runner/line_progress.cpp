#include "runner/line_progress.hpp"

#include "base/human.hpp"

namespace baton::runner {
namespace {

constexpr std::chrono::seconds kInterval{10};
constexpr std::string_view kSubject = "sync.progress";

std::uint64_t per_second(std::uint64_t count, std::chrono::nanoseconds span) {
  const double seconds = std::chrono::duration<double>(span).count();
  return seconds <= 0 ? 0 : static_cast<std::uint64_t>(static_cast<double>(count) / seconds);
}

}  // namespace

std::chrono::milliseconds LineProgress::interval() const {
  return kInterval;
}

void LineProgress::show(const actors::ProgressView& view) {
  // Before the first step there is nothing to tell; the service is still being asked whether it is there.
  if (view.step.empty()) return;
  const bool begins = view.step != step_;
  if (!begins && view.elapsed - shown_at_ < kInterval) return;
  if (view.step != "collect") {
    log_->write(LogLevel::kInfo, kSubject, view.step + (begins ? " begins" : " goes on"),
                {{"rows_collected", view.rows}, {"elapsed", human_duration(view.elapsed)}});
  } else if (begins) {
    log_->write(LogLevel::kInfo, kSubject, "collect begins", {{"cursors_known", view.cursors_known}});
  } else {
    log_->write(LogLevel::kInfo, kSubject, "collecting",
                {{"rows", view.rows},
                 {"pages", view.pages},
                 {"rows_per_second", per_second(view.rows - shown_rows_, view.elapsed - shown_at_)},
                 {"cursors_done", view.cursors_done},
                 {"cursors_known", view.cursors_known},
                 {"elapsed", human_duration(view.elapsed)}});
    for (const actors::LimitUse& limit : view.limits) {
      if (limit.use.hold_left.count() == 0) continue;
      log_->write(LogLevel::kInfo, kSubject, "waiting for a rate limit",
                  {{"limit_key", limit.key},
                   {"for", human_duration(limit.use.hold_left)},
                   {"held_so_far", human_duration(limit.use.held)},
                   {"refusals", limit.use.refusals}});
    }
  }
  step_ = view.step;
  shown_at_ = view.elapsed;
  shown_rows_ = view.rows;
}

}  // namespace baton::runner
