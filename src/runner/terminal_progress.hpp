#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "actors/progress_display.hpp"
#include "runner/console.hpp"

namespace baton::runner {

/// The bar as text of at most `width` columns. What fits least matters least: first the bar proper goes, then
/// facts from the right.
std::string progress_bar(const actors::ProgressView& view, std::uint64_t rows_per_second, int width,
                         bool colour);

/// Progress as a bar on a terminal.
class TerminalProgress final : public actors::ProgressDisplay {
 public:
  /// `console` outlives the display.
  explicit TerminalProgress(Console& console) : console_(console) {}
  ~TerminalProgress() override { console_.set_bar(""); }

  std::chrono::milliseconds interval() const override { return std::chrono::milliseconds(200); }
  void show(const actors::ProgressView& view) override;

 private:
  Console& console_;
  /// The rate is taken over about a second, so that the figure can be read.
  std::chrono::nanoseconds rate_from_{0};
  std::uint64_t rows_from_ = 0;
  std::uint64_t rate_ = 0;
};

}  // namespace baton::runner
