#pragma once

#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/task.hpp"

namespace baton::sdk {

template <class T>
Task<void> keep_result(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}

/// Runs a task to its end on a loop of its own; rethrows what it throws.
///
/// The result goes through a coroutine instead of co_spawn's handler: g++ 12 warns, wrongly, of uninitialised
/// members when a StatusOr travels through that.
template <class T>
T await(Task<T> task) {
  boost::asio::io_context loop;
  std::exception_ptr thrown;
  std::optional<T> result;
  boost::asio::co_spawn(loop, keep_result(std::move(task), result),
                        [&thrown](std::exception_ptr error) { thrown = std::move(error); });
  loop.run();
  if (thrown) std::rethrow_exception(thrown);
  return *std::move(result);
}

}  // namespace baton::sdk
