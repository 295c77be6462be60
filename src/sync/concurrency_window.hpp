#pragma once

#include <chrono>
#include <cstdint>

#include "base/rate_report.hpp"

namespace baton::sync {

/// How many requests may be in flight at a time: as many as the service bears, up to a cap.
///
/// Doubles with each round of answers until the first sign of strain, then grows by one a round; shrinks by
/// a third for a refusal, once per round, and by a quarter when answers take more than twice as long as they
/// do otherwise. A shrink that makes answers no faster was no use and is taken back. Time comes in as an
/// argument. Not thread-safe.
class ConcurrencyWindow {
 public:
  using TimePoint = RateReport::TimePoint;

  explicit ConcurrencyWindow(std::uint32_t cap);

  std::uint32_t size() const { return static_cast<std::uint32_t>(size_); }
  /// An answer came; `in_flight` counts its request.
  void answered(TimePoint sent, TimePoint received, std::uint32_t in_flight);
  /// The service asked for less.
  void strained(TimePoint sent, TimePoint received);

 private:
  void judge_round();

  double cap_;
  double size_;
  bool doubling_ = true;
  TimePoint shrunk_at_{};

  /// The round being measured.
  std::uint32_t round_length_;
  std::uint32_t answers_ = 0;
  std::chrono::nanoseconds latency_sum_{0};
  bool filled_ = false;
  /// What an answer takes when nothing is wrong; 0 before the first round.
  double usual_ = 0;
  /// While a shrink for slowness is on trial: the window and the latency before it.
  double size_before_ = 0;
  double latency_before_ = 0;
};

}  // namespace baton::sync
