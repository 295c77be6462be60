#include "runner/signals.hpp"

#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace baton::runner {

Signals::Signals(std::function<void()> on_first) : on_first_(std::move(on_first)) {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t watched;
  sigemptyset(&watched);
  sigaddset(&watched, SIGINT);
  sigaddset(&watched, SIGTERM);
  signals_ = ::signalfd(-1, &watched, SFD_CLOEXEC);
  end_ = ::eventfd(0, EFD_CLOEXEC);
  // Without descriptors the default stays: a signal ends the process, and the run goes on at the next start.
  if (signals_ < 0 || end_ < 0) return;
  ::pthread_sigmask(SIG_BLOCK, &watched, &before_);
  thread_ = std::thread([this] { watch(); });
}

Signals::~Signals() {
  if (thread_.joinable()) {
    const std::uint64_t one = 1;
    while (::write(end_, &one, sizeof one) < 0 && errno == EINTR) {
    }
    thread_.join();
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  if (signals_ >= 0) ::close(signals_);
  if (end_ >= 0) ::close(end_);
}

void Signals::watch() {
  bool asked_before = false;
  while (true) {
    pollfd sources[] = {{signals_, POLLIN, 0}, {end_, POLLIN, 0}};
    if (::poll(sources, 2, -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    if (sources[1].revents != 0) return;
    signalfd_siginfo info;
    if (::read(signals_, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) continue;
    if (asked_before) ::_exit(1);
    asked_before = true;
    on_first_();
  }
}

}  // namespace baton::runner
