#pragma once

#include <functional>
#include <thread>

#include <csignal>

namespace baton::runner {

/// SIGINT and SIGTERM of the process, taken by a thread of its own: the first calls `on_first`, the second
/// ends the process at once.
///
/// To be made before any other thread, since threads inherit that these signals are blocked. SIGPIPE is
/// ignored from then on. The destructor gives the signals back.
class Signals {
 public:
  /// `on_first` runs on the thread of the signals, once.
  explicit Signals(std::function<void()> on_first);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  void watch();

  std::function<void()> on_first_;
  sigset_t before_{};
  int signals_ = -1;
  int end_ = -1;
  std::thread thread_;
};

}  // namespace baton::runner
