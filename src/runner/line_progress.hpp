#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "actors/progress_display.hpp"
#include "base/log.hpp"

namespace baton::runner {

/// Progress where there is no terminal: a log line when a step begins and at most one every ten seconds.
class LineProgress final : public actors::ProgressDisplay {
 public:
  explicit LineProgress(std::shared_ptr<Log> log) : log_(std::move(log)) {}

  std::chrono::milliseconds interval() const override;
  void show(const actors::ProgressView& view) override;

 private:
  std::shared_ptr<Log> log_;
  std::string step_;
  std::chrono::nanoseconds shown_at_{0};
  std::uint64_t shown_rows_ = 0;
};

}  // namespace baton::runner
