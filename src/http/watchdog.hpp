#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/task.hpp"

namespace baton::http {

/// Something that a request waits on and that can be told to stop. Private to the room.
class Interruptible {
 public:
  virtual void interrupt() = 0;

 protected:
  ~Interruptible() = default;
};

/// A wait for an event of this process. The event may come before the wait does.
class Wake final : public Interruptible {
 public:
  explicit Wake(const boost::asio::any_io_executor& executor);

  void set();
  bool is_set() const { return set_; }
  void interrupt() override { set(); }
  /// Returns when the event has come, or the coroutine is cancelled.
  Task<void> wait();
  /// Returns after `duration`, when the event comes, or when the coroutine is cancelled.
  Task<void> wait_for(std::chrono::milliseconds duration);

 private:
  boost::asio::steady_timer timer_;
  bool set_ = false;
};

class Watch;

/// Keeps the time limits of all requests of one client with a single coarse timer, which runs only while a
/// request is in flight: setting a limit is two stores, not a timer of its own.
///
/// All on one executor.
class Watchdog {
 public:
  Watchdog(const boost::asio::any_io_executor& executor, std::chrono::milliseconds tick);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// Interrupts every request there is, and from now on every new one: the client goes away.
  void abort_all();

 private:
  friend class Watch;
  class State;

  std::shared_ptr<State> state_;
};

/// The time limits of one request; lives in its coroutine.
class Watch {
 public:
  explicit Watch(Watchdog& watchdog);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Starts the clock of the whole try.
  void begin(std::chrono::milliseconds total);
  /// A step begins that `target` can be interrupted in, at its own limit or that of the whole try. Forgets
  /// that an earlier step expired. `step` is a literal that completes "timed out while ...".
  void enter(std::string_view step, std::chrono::milliseconds limit, Interruptible& target);
  /// The same with no limit but that of the whole try.
  void enter(std::string_view step, Interruptible& target);
  void leave() { target_ = nullptr; }

  bool expired() const { return expired_; }
  bool aborted() const;
  std::string_view step() const { return step_; }
  /// The limit that expired.
  std::chrono::milliseconds limit() const { return limit_; }

 private:
  friend class Watchdog;
  using TimePoint = std::chrono::steady_clock::time_point;

  std::shared_ptr<Watchdog::State> state_;
  Watch* previous_ = nullptr;
  Watch* next_ = nullptr;
  Interruptible* target_ = nullptr;
  TimePoint step_deadline_ = TimePoint::max();
  TimePoint total_deadline_ = TimePoint::max();
  std::chrono::milliseconds total_{0};
  std::chrono::milliseconds limit_{0};
  std::string_view step_;
  bool expired_ = false;
};

}  // namespace baton::http
