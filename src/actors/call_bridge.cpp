#include "actors/call_bridge.hpp"

#include <exception>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include "absl/strings/str_cat.h"

namespace baton::actors {
namespace {

namespace asio = boost::asio;

/// A task that cannot fail otherwise than by its result; `Result` is default-constructible.
template <class Result>
Cancellation spawn(const asio::any_io_executor& executor, Task<Result> task,
                   std::function<void(Result)> done) {
  auto signal = std::make_shared<asio::cancellation_signal>();
  // The signal must be emitted where the coroutine runs; the completion keeps it alive until then.
  asio::post(executor, [executor, signal, task = std::make_shared<Task<Result>>(std::move(task)),
                        done = std::move(done)]() mutable {
    asio::co_spawn(executor, std::move(*task),
                   asio::bind_cancellation_slot(signal->slot(), [signal, done = std::move(done)](
                                                                    std::exception_ptr error, Result result) {
                     // The tasks below catch everything; what escapes is a bug worth dying for.
                     if (error) std::rethrow_exception(error);
                     done(std::move(result));
                   }));
  });
  return Cancellation([executor, signal] {
    asio::post(executor, [signal] { signal->emit(asio::cancellation_type::terminal); });
  });
}

template <class Call>
Task<absl::Status> guarded(std::shared_ptr<const FetchContext> context, const char* method, Call call) {
  const auto started = context->clock->steady_now();
  absl::Status status;
  try {
    status = co_await call(*context);
  } catch (const std::exception& error) {
    status = absl::InternalError(absl::StrCat("the connector threw an exception: ", error.what()));
  } catch (...) {
    status = absl::InternalError("the connector threw something that is no exception");
  }
  context->statistics->add(method, context->clock->steady_now() - started, status.ok());
  co_return status;
}

Task<absl::Status> validate(const FetchContext& context) {
  const sdk::Connector::ValidateRequest request;
  const auto reply = co_await context.connector->validate(request);
  co_return reply.status();
}

Task<absl::Status> cleanup(const FetchContext& context) {
  sdk::Connector::CleanupRequest request;
  request.set_active_sync_id(context.sync_id);
  const auto reply = co_await context.connector->cleanup(request);
  co_return reply.status();
}

}  // namespace

Cancellation start_fetch(const asio::any_io_executor& executor, std::shared_ptr<const FetchContext> context,
                         std::shared_ptr<const sync::AdmissionRules> rules,
                         std::shared_ptr<const FetchRequest> request, std::function<void(FetchedPage)> done) {
  return spawn<FetchedPage>(executor, fetch_page(std::move(context), std::move(rules), std::move(request)),
                            std::move(done));
}

Cancellation start_validate(const asio::any_io_executor& executor,
                            std::shared_ptr<const FetchContext> context,
                            std::function<void(absl::Status)> done) {
  return spawn<absl::Status>(executor, guarded(std::move(context), "validate", &validate), std::move(done));
}

Cancellation start_cleanup(const asio::any_io_executor& executor, std::shared_ptr<const FetchContext> context,
                           std::function<void(absl::Status)> done) {
  return spawn<absl::Status>(executor, guarded(std::move(context), "cleanup", &cleanup), std::move(done));
}

}  // namespace baton::actors
