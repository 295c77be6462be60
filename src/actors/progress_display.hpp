#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "actors/limiter.hpp"

namespace baton::actors {

/// What a progress display shows: one step of the sync and how far it is.
class ProgressView {
 public:
  ProgressView() = default;

  /// "collect", "expand" or "export".
  std::string step;
  std::uint64_t rows = 0;
  std::uint64_t pages = 0;
  /// Finished and known cursors; the known ones grow while work is discovered.
  std::uint64_t cursors_done = 0;
  std::uint64_t cursors_known = 0;
  std::chrono::nanoseconds elapsed{0};
  /// (operation number, resource type) → rows.
  std::map<std::pair<std::uint32_t, std::string>, std::uint64_t> rows_by_type;
  /// By limit key.
  std::vector<LimitUse> limits;
};

/// Where progress is shown: a bar on a terminal, log lines elsewhere. Called from one thread at a time.
class ProgressDisplay {
 public:
  virtual ~ProgressDisplay() = default;
  /// How often `show` wants to be called.
  virtual std::chrono::milliseconds interval() const = 0;
  virtual void show(const ProgressView& view) = 0;
};

}  // namespace baton::actors
