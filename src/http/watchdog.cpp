#include "http/watchdog.hpp"

#include <algorithm>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace baton::http {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

Wake::Wake(const asio::any_io_executor& executor) : timer_(executor) {}

void Wake::set() {
  set_ = true;
  timer_.cancel();
}

Task<void> Wake::wait() {
  if (set_) co_return;
  timer_.expires_at(steady_clock::time_point::max());
  boost::system::error_code ignored;
  co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

Task<void> Wake::wait_for(milliseconds duration) {
  if (set_) co_return;
  timer_.expires_after(duration);
  boost::system::error_code ignored;
  co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

/// The list of watches and the timer; the timer's handler shares it, so that it may outlive the watchdog.
class Watchdog::State : public std::enable_shared_from_this<Watchdog::State> {
 public:
  State(const asio::any_io_executor& executor, milliseconds tick) : timer_(executor), tick_(tick) {}

  void add(Watch& watch) {
    watch.next_ = first_;
    if (first_ != nullptr) first_->previous_ = &watch;
    first_ = &watch;
    if (!running_) schedule();
  }

  void remove(Watch& watch) {
    if (watch.previous_ != nullptr) {
      watch.previous_->next_ = watch.next_;
    } else {
      first_ = watch.next_;
    }
    if (watch.next_ != nullptr) watch.next_->previous_ = watch.previous_;
    // The timer is left running: a stream of single requests would otherwise start and stop it each time.
    // It ends itself at its next tick.
  }

  void abort_all() {
    aborted_ = true;
    for (Watch* watch = first_; watch != nullptr; watch = watch->next_) {
      if (watch->target_ != nullptr) watch->target_->interrupt();
    }
    timer_.cancel();
  }

  bool aborted() const { return aborted_; }

 private:
  void schedule() {
    running_ = true;
    timer_.expires_after(tick_);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      self->running_ = false;
      if (error) return;
      self->look();
      if (self->first_ != nullptr) self->schedule();
    });
  }

  void look() {
    const auto now = steady_clock::now();
    for (Watch* watch = first_; watch != nullptr; watch = watch->next_) {
      if (watch->target_ == nullptr || watch->expired_) continue;
      if (now < watch->step_deadline_ && now < watch->total_deadline_) continue;
      watch->expired_ = true;
      if (now >= watch->total_deadline_) watch->limit_ = watch->total_;
      // Interrupting never resumes a coroutine here: completions are posted, so the list stays as it is.
      watch->target_->interrupt();
    }
  }

  asio::steady_timer timer_;
  milliseconds tick_;
  Watch* first_ = nullptr;
  bool running_ = false;
  bool aborted_ = false;
};

Watchdog::Watchdog(const asio::any_io_executor& executor, milliseconds tick)
    : state_(std::make_shared<State>(executor, std::clamp(tick, milliseconds(2), milliseconds(250)))) {}

Watchdog::~Watchdog() {
  state_->abort_all();
}

void Watchdog::abort_all() {
  state_->abort_all();
}

Watch::Watch(Watchdog& watchdog) : state_(watchdog.state_) {
  state_->add(*this);
}

Watch::~Watch() {
  state_->remove(*this);
}

void Watch::begin(milliseconds total) {
  total_ = total;
  total_deadline_ = steady_clock::now() + total;
  expired_ = false;
}

void Watch::enter(std::string_view step, milliseconds limit, Interruptible& target) {
  target_ = &target;
  step_ = step;
  const auto now = steady_clock::now();
  limit_ = limit;
  step_deadline_ = now + limit;
  expired_ = false;
  if (state_->aborted()) target.interrupt();
}

void Watch::enter(std::string_view step, Interruptible& target) {
  target_ = &target;
  step_ = step;
  limit_ = total_;
  step_deadline_ = TimePoint::max();
  expired_ = false;
  if (state_->aborted()) target.interrupt();
}

bool Watch::aborted() const {
  return state_->aborted();
}

}  // namespace baton::http
