#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/task.hpp"
#include "connectors/ldap/interrupt.hpp"

/// The bridge between libldap, whose calls block, and the connector's coroutines: work runs on a thread of a
/// pool, its coroutine resumes on its own executor.
namespace baton::connectors::ldap {

/// What a piece of work and the coroutine that waits for it share. It outlives both: a cancelled coroutine
/// leaves at once, while its work may take a moment to notice.
template <class Result>
class BlockingCall {
 public:
  explicit BlockingCall(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  Interrupt& interrupt() { return interrupt_; }

  /// On the work's thread: hands the result over and wakes the coroutine, if it is still there.
  static void finish(const std::shared_ptr<BlockingCall>& call, absl::StatusOr<Result> result) {
    const std::lock_guard lock(call->mutex_);
    if (call->abandoned_) return;
    call->result_.emplace(std::move(result));
    boost::asio::post(call->executor_, [call] {
      if (call->alarm_ != nullptr) call->alarm_->cancel();
    });
  }

  /// On the executor: which timer to cancel when the result is there.
  void set_alarm(boost::asio::steady_timer* alarm) { alarm_ = alarm; }

  bool finished() {
    const std::lock_guard lock(mutex_);
    return result_.has_value();
  }
  absl::StatusOr<Result> take() {
    const std::lock_guard lock(mutex_);
    return std::move(*result_);
  }

  /// On the executor, or while it is being destroyed: nobody waits any more. After this the work's thread
  /// does not touch the executor.
  void abandon() {
    alarm_ = nullptr;
    bool finished = false;
    {
      const std::lock_guard lock(mutex_);
      abandoned_ = true;
      finished = result_.has_value();
    }
    if (!finished) interrupt_.raise();
  }

 private:
  Interrupt interrupt_;
  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer* alarm_ = nullptr;
  std::mutex mutex_;
  bool abandoned_ = false;
  std::optional<absl::StatusOr<Result>> result_;
};

/// Abandons a call when the coroutine's frame goes, however it goes.
template <class Result>
class Abandon {
 public:
  explicit Abandon(std::shared_ptr<BlockingCall<Result>> call) : call_(std::move(call)) {}
  Abandon(const Abandon&) = delete;
  Abandon& operator=(const Abandon&) = delete;
  ~Abandon() { call_->abandon(); }

 private:
  std::shared_ptr<BlockingCall<Result>> call_;
};

/// Runs `work(Interrupt&)`, which returns a StatusOr<Result>, on a thread of `threads`. When the coroutine is
/// cancelled the work is interrupted and the task ends at once with Cancelled. The work owns what it uses:
/// it may outlive the task, but not the pool.
template <class Result, class Work>
Task<absl::StatusOr<Result>> run_blocking(boost::asio::thread_pool& threads, Work work) {
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  const auto call = std::make_shared<BlockingCall<Result>>(executor);
  boost::asio::steady_timer alarm(executor, boost::asio::steady_timer::time_point::max());
  // Declared after the alarm, so that nobody knows of it any more when it goes.
  const Abandon<Result> abandon(call);
  call->set_alarm(&alarm);
  boost::asio::post(threads, [call, work = std::move(work)]() mutable {
    absl::StatusOr<Result> result = work(call->interrupt());
    BlockingCall<Result>::finish(call, std::move(result));
  });
  boost::system::error_code ignored;
  co_await alarm.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  if (!call->finished()) co_return absl::CancelledError("cancelled while waiting for the directory");
  co_return call->take();
}

}  // namespace baton::connectors::ldap
