#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/task.hpp"
#include "http/rate_limit_headers.hpp"

namespace baton::http {

/// Leave to send one request: a lease that goes back when it is destroyed. Move-only.
class Permit {
 public:
  /// Called once, on the thread that ends the lease; `spent` tells whether bytes of the request were sent.
  using GiveBack = std::function<void(bool spent)>;

  /// A permit that nobody counts.
  Permit() = default;
  explicit Permit(GiveBack give_back) : give_back_(std::move(give_back)) {}
  Permit(Permit&& other) noexcept;
  Permit& operator=(Permit&& other) noexcept;
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;
  ~Permit() { release(); }

  /// The request is on its way: what it costs cannot be taken back any more.
  void spend() { spent_ = true; }
  /// Ends the lease early.
  void release();

 private:
  GiveBack give_back_;
  bool spent_ = false;
};

/// What one response told: fed to the limiter of its key.
class ResponseFacts {
 public:
  ResponseFacts(int http_status, RateLimitReading reading, std::chrono::nanoseconds took)
      : status(http_status), rate_limit(reading), duration(took) {}

  int status;
  RateLimitReading rate_limit;
  /// From the first byte sent to the last byte read.
  std::chrono::nanoseconds duration;
};

/// Grants permits per limit key, an opaque text such as host, credential and bucket. The rate-limit actors
/// implement it; the client awaits it on its own executor and never looks inside a key.
class PermitSource {
 public:
  virtual ~PermitSource() = default;

  /// Waits until a request under this key may be sent. Ends with Cancelled soon after the awaiting coroutine
  /// is cancelled; a permit granted by then goes back by its destructor. `limit_key` outlives the task.
  virtual Task<absl::StatusOr<Permit>> acquire(std::string_view limit_key) = 0;

  /// The same for a request that goes on with something begun, such as the next page of a list or another
  /// try: it comes before those that begin.
  virtual Task<absl::StatusOr<Permit>> acquire_ahead(std::string_view limit_key) {
    return acquire(limit_key);
  }

  /// Called for every response that was read, before its permit goes back. Must not block.
  virtual void report(std::string_view limit_key, const ResponseFacts& facts) = 0;
};

/// Permits without a limit: for tests, tools, and services that have none.
class UnlimitedPermits final : public PermitSource {
 public:
  Task<absl::StatusOr<Permit>> acquire(std::string_view limit_key) override;
  void report(std::string_view limit_key, const ResponseFacts& facts) override;
};

}  // namespace baton::http
