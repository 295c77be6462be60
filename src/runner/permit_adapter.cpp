#include "runner/permit_adapter.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace baton::runner {
namespace {

namespace asio = boost::asio;

absl::Status stopping() {
  return absl::CancelledError("the sync is stopping");
}

/// A suspended coroutine, whatever its type.
class Waiter {
 public:
  virtual ~Waiter() = default;
  /// Resumes it on its own executor, never in here.
  static void post(std::unique_ptr<Waiter> waiter, absl::Status status) {
    const asio::any_io_executor executor = waiter->executor();
    asio::post(executor, [waiter = std::move(waiter), status = std::move(status)]() mutable {
      waiter->resume(std::move(status));
    });
  }

 protected:
  virtual asio::any_io_executor executor() const = 0;
  virtual void resume(absl::Status status) = 0;
};

template <class Handler>
class HandlerWaiter final : public Waiter {
 public:
  explicit HandlerWaiter(Handler handler) : handler_(std::move(handler)) {}

 private:
  asio::any_io_executor executor() const override { return asio::get_associated_executor(handler_); }
  void resume(absl::Status status) override {
    if (auto slot = asio::get_associated_cancellation_slot(handler_); slot.is_connected()) slot.clear();
    std::move(handler_)(std::move(status));
  }

  Handler handler_;
};

/// Refusals of services that use another status than 429 for it, or none of the usual headers.
RateReport::Outcome outcome_of(const http::ResponseFacts& facts) {
  if (facts.status == 429 || facts.rate_limit.refused) return RateReport::Outcome::kRefused;
  if (facts.status == 503 || facts.rate_limit.strained) return RateReport::Outcome::kStrained;
  return RateReport::Outcome::kAnswered;
}

}  // namespace

/// What outlives the adapter for as long as a permit is out or a limiter holds a callback.
class PermitAdapter::Core : public std::enable_shared_from_this<PermitAdapter::Core> {
 public:
  explicit Core(actors::Engine& engine) : engine_(&engine) {}

  /// A permit that is there costs no suspension. Nothing when there is none yet; the caller then has to wait.
  std::optional<absl::StatusOr<http::Permit>> take(std::string_view limit_key, bool goes_on) {
    const std::lock_guard lock(mutex_);
    if (!granting_) return stopping();
    actors::Limiter& limiter = engine_->limiter(limit_key);
    if (!limiter.take(goes_on)) return std::nullopt;
    return permit_of(limiter);
  }

  /// After `take` found nothing, for a coroutine that does not wait.
  void give_up(std::string_view limit_key, bool goes_on) {
    const std::lock_guard lock(mutex_);
    if (engine_ != nullptr) engine_->limiter(limit_key).give_up(goes_on);
  }

  template <class Handler>
  void wait(Handler handler, std::string_view limit_key, bool goes_on) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto waiter = std::make_unique<HandlerWaiter<Handler>>(std::move(handler));
    const std::lock_guard lock(mutex_);
    if (!granting_) {
      if (engine_ != nullptr) engine_->limiter(limit_key).give_up(goes_on);
      return Waiter::post(std::move(waiter), stopping());
    }
    actors::Limiter& limiter = engine_->limiter(limit_key);
    const std::uint64_t ticket = next_ticket_++;
    waiting_.emplace(ticket, std::move(waiter));
    const std::uint64_t id =
        limiter.wait(goes_on, [core = shared_from_this(), &limiter, ticket](absl::Status status) {
          core->granted(limiter, ticket, std::move(status));
        });
    // The answer can only be posted to the executor that this runs on, so the handler is still there.
    if (slot.is_connected()) {
      slot.assign([core = shared_from_this(), &limiter, id](asio::cancellation_type) {
        const std::lock_guard inner(core->mutex_);
        if (core->engine_ != nullptr) limiter.cancel(id);
      });
    }
  }

  /// For a coroutine whose wait was answered with OK.
  http::Permit permit_of(std::string_view limit_key) {
    const std::lock_guard lock(mutex_);
    if (engine_ == nullptr) return http::Permit();
    return permit_of(engine_->limiter(limit_key));
  }

  void report(std::string_view limit_key, const RateReport& report) {
    const std::lock_guard lock(mutex_);
    if (engine_ != nullptr) engine_->limiter(limit_key).report(report);
  }

  void refuse() {
    const std::lock_guard lock(mutex_);
    granting_ = false;
    for (auto& [ticket, waiter] : waiting_) Waiter::post(std::move(waiter), stopping());
    waiting_.clear();
  }

  void close() {
    std::unordered_map<std::uint64_t, std::unique_ptr<Waiter>> forgotten;
    const std::lock_guard lock(mutex_);
    granting_ = false;
    engine_ = nullptr;
    forgotten.swap(waiting_);
  }

 private:
  http::Permit permit_of(actors::Limiter& limiter) {
    return http::Permit([core = shared_from_this(), &limiter](bool) {
      const std::lock_guard lock(core->mutex_);
      if (core->engine_ != nullptr) limiter.release();
    });
  }

  /// Comes from a thread of the limiter. The lock is kept while posting, so that after `close` nothing is
  /// posted to an executor that may be gone.
  void granted(actors::Limiter& limiter, std::uint64_t ticket, absl::Status status) {
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.find(ticket);
    if (found == waiting_.end()) {
      // Refused in the meantime: the permit goes back.
      if (status.ok() && engine_ != nullptr) limiter.release();
      return;
    }
    std::unique_ptr<Waiter> waiter = std::move(found->second);
    waiting_.erase(found);
    Waiter::post(std::move(waiter), std::move(status));
  }

  std::mutex mutex_;
  /// Null once closed; limiters live as long as it.
  actors::Engine* engine_;
  bool granting_ = true;
  std::uint64_t next_ticket_ = 1;
  std::unordered_map<std::uint64_t, std::unique_ptr<Waiter>> waiting_;
};

PermitAdapter::PermitAdapter(actors::Engine& engine, const Clock& clock)
    : core_(std::make_shared<Core>(engine)), clock_(clock) {}

PermitAdapter::~PermitAdapter() {
  close();
}

void PermitAdapter::refuse() {
  core_->refuse();
}

void PermitAdapter::close() {
  core_->close();
}

Task<absl::StatusOr<http::Permit>> PermitAdapter::acquire(std::string_view limit_key) {
  return take(core_, limit_key, false);
}

Task<absl::StatusOr<http::Permit>> PermitAdapter::acquire_ahead(std::string_view limit_key) {
  return take(core_, limit_key, true);
}

Task<absl::StatusOr<http::Permit>> PermitAdapter::take(std::shared_ptr<Core> core, std::string_view limit_key,
                                                       bool goes_on) {
  if (auto permit = core->take(limit_key, goes_on)) co_return *std::move(permit);
  // A signal that was sent before the wait begins would not end it.
  const asio::cancellation_state cancellation = co_await asio::this_coro::cancellation_state;
  if (cancellation.cancelled() != asio::cancellation_type::none) {
    core->give_up(limit_key, goes_on);
    co_return absl::CancelledError("cancelled");
  }
  auto start = [](auto handler, Core* target, std::string_view key, bool ahead) {
    target->wait(std::move(handler), key, ahead);
  };
  const absl::Status status =
      co_await asio::async_initiate<const asio::use_awaitable_t<>, void(absl::Status)>(
          std::move(start), asio::use_awaitable, core.get(), limit_key, goes_on);
  if (!status.ok()) co_return status;
  co_return core->permit_of(limit_key);
}

void PermitAdapter::report(std::string_view limit_key, const http::ResponseFacts& facts) {
  const http::RateLimitReading& reading = facts.rate_limit;
  RateReport report;
  report.outcome = outcome_of(facts);
  report.received = clock_.steady_now();
  report.sent = report.received - facts.duration;
  report.retry_after = reading.retry_after;
  report.quota = reading.quota;
  if (!reading.reset_assumed) {
    if (reading.facts.limit > 0) report.limit = reading.facts.limit;
    if (reading.has_remaining) report.remaining = reading.facts.remaining;
    if (reading.facts.reset_at) report.reset_at = report.received + (*reading.facts.reset_at - clock_.now());
  }
  core_->report(limit_key, report);
}

}  // namespace baton::runner
