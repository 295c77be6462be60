#pragma once

#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "absl/status/status.h"
#include "actors/fetch_page.hpp"

/// The bridge between CAF and Asio: starts a coroutine on the connector's executor and hands its result to a
/// callback there, which answers an actor with a message. Nothing here touches an actor's state.
namespace baton::actors {

/// Cancels one call. Copyable; `cancel` may be called from any thread, any number of times, also after the
/// call.
class Cancellation {
 public:
  Cancellation() = default;
  explicit Cancellation(std::function<void()> cancel) : cancel_(std::move(cancel)) {}
  void cancel() const {
    if (cancel_) cancel_();
  }

 private:
  std::function<void()> cancel_;
};

/// `done` is called exactly once, on the executor.
Cancellation start_fetch(const boost::asio::any_io_executor& executor,
                         std::shared_ptr<const FetchContext> context,
                         std::shared_ptr<const sync::AdmissionRules> rules,
                         std::shared_ptr<const FetchRequest> request, std::function<void(FetchedPage)> done);

Cancellation start_validate(const boost::asio::any_io_executor& executor,
                            std::shared_ptr<const FetchContext> context,
                            std::function<void(absl::Status)> done);

Cancellation start_cleanup(const boost::asio::any_io_executor& executor,
                           std::shared_ptr<const FetchContext> context,
                           std::function<void(absl::Status)> done);

}  // namespace baton::actors
