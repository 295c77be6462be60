#include "connectors/ldap/blocking_call.hpp"

#include <chrono>
#include <future>
#include <optional>
#include <thread>

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "unit/sdk/await.hpp"

namespace baton::connectors::ldap {
namespace {

namespace asio = boost::asio;

TEST(BlockingCall, RunsOnAnotherThreadAndAnswersHere) {
  asio::thread_pool threads(1);
  const auto here = std::this_thread::get_id();
  const auto there = sdk::await(run_blocking<std::thread::id>(
      threads, [](Interrupt&) -> absl::StatusOr<std::thread::id> { return std::this_thread::get_id(); }));
  ASSERT_TRUE(there.ok());
  EXPECT_NE(*there, here);
}

/// Works until it is interrupted, and tells when it has begun and ended.
class Patient {
 public:
  Patient(std::promise<void>& begun, std::promise<void>& ended) : begun_(&begun), ended_(&ended) {}
  absl::StatusOr<int> operator()(Interrupt& interrupt) {
    begun_->set_value();
    while (!interrupt.raised()) std::this_thread::yield();
    ended_->set_value();
    return absl::CancelledError("interrupted");
  }

 private:
  std::promise<void>* begun_;
  std::promise<void>* ended_;
};

Task<void> call(asio::thread_pool& threads, Patient patient, std::optional<absl::Status>& result) {
  const absl::StatusOr<int> answer = co_await run_blocking<int>(threads, patient);
  result = answer.status();
}

TEST(BlockingCall, EndsAtOnceWhenItIsCancelled) {
  asio::thread_pool threads(1);
  asio::io_context loop;
  asio::cancellation_signal signal;
  std::promise<void> begun;
  std::promise<void> ended;
  std::optional<absl::Status> result;
  asio::co_spawn(loop, call(threads, Patient(begun, ended), result),
                 asio::bind_cancellation_slot(signal.slot(), [](const std::exception_ptr&) {}));
  loop.run_one();  // up to the wait
  begun.get_future().wait();
  signal.emit(asio::cancellation_type::terminal);
  loop.run();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->code(), absl::StatusCode::kCancelled);
  ended.get_future().wait();
}

TEST(BlockingCall, LeavesTheExecutorAloneOnceThatIsGone) {
  asio::thread_pool threads(1);
  std::promise<void> begun;
  std::promise<void> ended;
  std::optional<absl::Status> result;
  {
    asio::io_context loop;
    asio::co_spawn(loop, call(threads, Patient(begun, ended), result), [](const std::exception_ptr&) {});
    loop.run_one();
    begun.get_future().wait();
  }  // the coroutine goes with its executor, while the work still runs
  ended.get_future().wait();
  EXPECT_FALSE(result);
}

}  // namespace
}  // namespace baton::connectors::ldap
