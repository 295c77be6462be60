#include "cli/interrupt.hpp"

#include <atomic>
#include <csignal>

namespace baton::cli {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler writes it");
struct sigaction before[std::size(kSignals)];

void remember(int) {
  interrupted.store(true);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  interrupted.store(false);
  struct sigaction action {};
  action.sa_handler = &remember;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  for (std::size_t i = 0; i < std::size(kSignals); ++i) ::sigaction(kSignals[i], &action, &before[i]);
}

InterruptGuard::~InterruptGuard() {
  for (std::size_t i = 0; i < std::size(kSignals); ++i) ::sigaction(kSignals[i], &before[i], nullptr);
}

absl::Status interrupt_status() {
  if (!interrupted.load()) return absl::OkStatus();
  return absl::CancelledError("interrupted; nothing was written");
}

}  // namespace baton::cli
