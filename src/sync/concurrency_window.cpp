#include "sync/concurrency_window.hpp"

#include <algorithm>
#include <utility>

namespace baton::sync {
namespace {

constexpr double kFirstSize = 16;
constexpr double kSmallestSize = 4;
constexpr double kShrinkForRefusal = 2.0 / 3;
constexpr double kShrinkForSlowness = 3.0 / 4;
/// Half of a round's answers are to requests of the round itself.
constexpr std::uint32_t kShortestRound = 16;
/// Slow is twice the usual and a tenth of a second above it: less is noise.
constexpr double kSlowFactor = 2;
constexpr double kSlowExcessSeconds = 0.1;
/// A shrink has helped when answers take at most this share of the time.
constexpr double kHelped = 0.85;

}  // namespace

ConcurrencyWindow::ConcurrencyWindow(std::uint32_t cap)
    : cap_(std::max<double>(cap, 1)),
      size_(std::min(cap_, kFirstSize)),
      round_length_(std::max(kShortestRound, 2 * size())) {}

void ConcurrencyWindow::answered(TimePoint sent, TimePoint received, std::uint32_t in_flight) {
  // A window that nobody fills says nothing about a larger one.
  const bool full = in_flight >= size();
  if (full) size_ = std::min(cap_, size_ + (doubling_ ? 1.0 : 1.0 / size_));
  filled_ = filled_ || full;
  ++answers_;
  latency_sum_ += received - sent;
  if (answers_ < round_length_) return;
  judge_round();
  round_length_ = std::max(kShortestRound, 2 * size());
}

void ConcurrencyWindow::judge_round() {
  const double latency =
      std::chrono::duration<double>(latency_sum_).count() / static_cast<double>(std::exchange(answers_, 0));
  latency_sum_ = std::chrono::nanoseconds(0);
  const bool filled = std::exchange(filled_, false);
  if (size_before_ > 0) {
    if (latency > kHelped * latency_before_) {
      // Slowness of another cause, such as dearer requests: the new usual.
      size_ = std::min(cap_, std::max(size_, size_before_));
      usual_ = latency;
    }
    size_before_ = 0;
    return;
  }
  if (usual_ == 0) {
    usual_ = latency;
  } else if (filled && latency > kSlowFactor * usual_ && latency > usual_ + kSlowExcessSeconds) {
    size_before_ = size_;
    latency_before_ = latency;
    size_ = std::max(std::min(cap_, kSmallestSize), size_ * kShrinkForSlowness);
    doubling_ = false;
  } else {
    // Follows a service that gets faster at once, one that gets slower with hesitation.
    usual_ = latency < usual_ ? latency : usual_ + (latency - usual_) / 16;
  }
}

void ConcurrencyWindow::strained(TimePoint sent, TimePoint received) {
  // All who were in flight together are refused together: one sign, not many.
  if (sent < shrunk_at_) return;
  shrunk_at_ = received;
  doubling_ = false;
  size_before_ = 0;
  size_ = std::max(std::min(cap_, kSmallestSize), size_ * kShrinkForRefusal);
}

}  // namespace baton::sync
