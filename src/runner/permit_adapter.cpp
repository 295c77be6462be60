#include "runner/permit_adapter.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace baton::runner {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

/// Longer resets are rather a mistake than a window, and nobody could tell a hold from a hang.
constexpr milliseconds kLongestHold = std::chrono::minutes(65);
/// A refusal without a reset: the client backs off by itself; this only keeps the others from piling on.
constexpr milliseconds kBlindHold = std::chrono::seconds(1);

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

}  // namespace

/// What outlives the adapter for as long as a permit is out or a limiter holds a callback.
class PermitAdapter::Core : public std::enable_shared_from_this<PermitAdapter::Core> {
 public:
  explicit Core(actors::Engine& engine) : engine_(&engine) {}

  /// The same text, kept as long as the core: permits then carry no copy. Keys are few.
  const std::string& intern(std::string_view key) {
    const std::lock_guard lock(mutex_);
    const auto found = keys_.find(key);
    return found != keys_.end() ? *found : *keys_.emplace(key).first;
  }

  template <class Handler>
  void wait(Handler handler, const std::string& key) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto waiter = std::make_unique<HandlerWaiter<Handler>>(std::move(handler));
    actors::Engine* engine = nullptr;
    std::uint64_t ticket = 0;
    {
      const std::lock_guard lock(mutex_);
      if (!granting_) {
        Waiter::post(std::move(waiter), stopping());
        return;
      }
      engine = engine_;
      ticket = next_ticket_++;
      waiting_.emplace(ticket, std::move(waiter));
    }
    const std::uint64_t permit =
        engine->acquire_permit(key, [core = shared_from_this(), &key, ticket](absl::Status status) {
          core->granted(key, ticket, std::move(status));
        });
    // The answer can only be posted to the executor that this runs on, so the handler is still there.
    if (slot.is_connected()) {
      slot.assign([core = shared_from_this(), &key, permit](asio::cancellation_type) {
        const std::lock_guard lock(core->mutex_);
        if (core->engine_ != nullptr) core->engine_->cancel_permit(key, permit);
      });
    }
  }

  void give_back(const std::string& key) {
    const std::lock_guard lock(mutex_);
    if (engine_ != nullptr) engine_->release_permit(key);
  }

  void hold(const std::string& key, milliseconds wait) {
    const std::lock_guard lock(mutex_);
    if (engine_ != nullptr) engine_->hold(key, wait);
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
  /// Comes from a thread of the limiter. The lock is kept while posting, so that after `close` nothing is
  /// posted to an executor that may be gone.
  void granted(const std::string& key, std::uint64_t ticket, absl::Status status) {
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.find(ticket);
    if (found == waiting_.end()) {
      // Refused in the meantime: the permit goes back.
      if (status.ok() && engine_ != nullptr) engine_->release_permit(key);
      return;
    }
    std::unique_ptr<Waiter> waiter = std::move(found->second);
    waiting_.erase(found);
    Waiter::post(std::move(waiter), std::move(status));
  }

  std::mutex mutex_;
  /// Null once closed.
  actors::Engine* engine_;
  bool granting_ = true;
  std::uint64_t next_ticket_ = 1;
  std::unordered_map<std::uint64_t, std::unique_ptr<Waiter>> waiting_;
  std::set<std::string, std::less<>> keys_;
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
  const std::shared_ptr<Core> core = core_;
  const std::string& key = core->intern(limit_key);
  auto start = [](auto handler, Core* target, const std::string* interned) {
    target->wait(std::move(handler), *interned);
  };
  const absl::Status status =
      co_await asio::async_initiate<const asio::use_awaitable_t<>, void(absl::Status)>(
          std::move(start), asio::use_awaitable, core.get(), &key);
  if (!status.ok()) co_return status;
  co_return http::Permit([core, &key](bool) { core->give_back(key); });
}

void PermitAdapter::report(std::string_view limit_key, const http::ResponseFacts& facts) {
  const http::RateLimitReading& reading = facts.rate_limit;
  std::optional<milliseconds> wait = reading.retry_after;
  const bool refused = facts.status == 429;
  const bool used_up = reading.facts.remaining == 0 &&
                       (reading.facts.limit > 0 || reading.facts.state == RateLimitFacts::State::kOverLimit);
  if (!wait && (refused || used_up) && reading.facts.reset_at && !reading.reset_assumed) {
    wait = std::chrono::ceil<milliseconds>(*reading.facts.reset_at - clock_.now());
  }
  if (!wait && refused) wait = kBlindHold;
  if (!wait || wait->count() <= 0) return;
  core_->hold(core_->intern(limit_key), std::min(*wait, kLongestHold));
}

}  // namespace baton::runner
