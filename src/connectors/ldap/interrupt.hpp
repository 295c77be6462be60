#pragma once

#include <atomic>
#include <mutex>

namespace baton::connectors::ldap {

/// Tells a thread that waits for a directory's answer to give up. Safe from any thread.
class Interrupt {
 public:
  Interrupt() = default;
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// From now on `raised()` is true, and the socket that is watched is shut down: whatever waits on it wakes.
  void raise();
  bool raised() const { return raised_.load(std::memory_order_relaxed); }

  /// The socket to shut down, -1 for none. Who closes a socket stops the watch first.
  void watch(int socket);

 private:
  std::atomic<bool> raised_{false};
  std::mutex mutex_;
  int socket_ = -1;
};

/// A watch for as long as this lives.
class Watching {
 public:
  Watching(Interrupt& interrupt, int socket) : interrupt_(interrupt) { interrupt_.watch(socket); }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;
  ~Watching() { interrupt_.watch(-1); }

 private:
  Interrupt& interrupt_;
};

}  // namespace baton::connectors::ldap
