#include "runner/terminal_progress.hpp"

#include <algorithm>
#include <vector>

#include "base/human.hpp"

namespace baton::runner {
namespace {

constexpr std::size_t kMaxBar = 30;
constexpr std::size_t kMinBar = 8;

}  // namespace

std::string progress_bar(const actors::ProgressView& view, std::uint64_t rows_per_second, int width,
                         bool colour) {
  const bool collecting = view.step == "collect";
  const std::string head = view.step.empty() ? "connect" : view.step;
  std::vector<std::string> facts;
  if (collecting) {
    facts.push_back(human_count(view.rows) + " rows");
    std::chrono::nanoseconds hold{0};
    for (const actors::LimitUse& limit : view.limits) hold = std::max(hold, limit.use.hold_left);
    if (hold.count() > 0) facts.push_back("rate limit: on in " + human_duration(hold));
    facts.push_back(human_duration(view.elapsed));
    facts.push_back(human_count(view.cursors_done) + "/" + human_count(view.cursors_known) + " lists");
    facts.push_back(human_count(rows_per_second) + " rows/s");
  } else {
    facts.push_back(human_duration(view.elapsed));
    if (!view.step.empty()) facts.push_back(human_count(view.rows) + " rows collected");
  }
  // The last column stays free: some terminals wrap as soon as it is filled.
  const std::size_t room = width > 1 ? static_cast<std::size_t>(width - 1) : 0;
  std::string tail;
  for (const std::string& fact : facts) {
    if (head.size() + tail.size() + 2 + fact.size() > room) break;
    tail += "  " + fact;
  }
  std::string text = head.substr(0, room);
  const std::size_t used = head.size() + tail.size() + 4;
  if (collecting && view.cursors_known > 0 && room >= used + kMinBar) {
    const std::size_t length = std::min(room - used, kMaxBar);
    const double share =
        std::min(1.0, static_cast<double>(view.cursors_done) / static_cast<double>(view.cursors_known));
    const auto full = static_cast<std::size_t>(share * static_cast<double>(length));
    text += "  [";
    if (colour) text += "\x1b[32m";
    text += std::string(full, '#');
    if (colour) text += "\x1b[0m";
    text += std::string(length - full, '.') + "]";
  }
  return text + tail;
}

void TerminalProgress::show(const actors::ProgressView& view) {
  const std::chrono::nanoseconds span = view.elapsed - rate_from_;
  if (span >= std::chrono::seconds(1)) {
    rate_ = static_cast<std::uint64_t>(static_cast<double>(view.rows - rows_from_) /
                                       std::chrono::duration<double>(span).count());
    rate_from_ = view.elapsed;
    rows_from_ = view.rows;
  }
  console_.set_bar(progress_bar(view, rate_, console_.width(), console_.has_colour()));
}

}  // namespace baton::runner
