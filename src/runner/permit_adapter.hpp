#pragma once

#include <memory>
#include <string_view>

#include "actors/engine.hpp"
#include "base/clock.hpp"
#include "http/permit.hpp"

namespace baton::runner {

/// The permits of an HTTP client, granted by the engine's limiters: the bridge from coroutines to actors and
/// back.
///
/// `acquire` may be awaited on any executor of the engine. A permit that is there costs no message and no
/// suspension; a wait costs one message to the limiter and one step back to that executor. Thread-safe. The
/// engine may go while permits are out and coroutines wait, provided that `close` was called before; the
/// adapter itself outlives every client that uses it.
class PermitAdapter final : public http::PermitSource {
 public:
  PermitAdapter(actors::Engine& engine, const Clock& clock);
  ~PermitAdapter() override;

  Task<absl::StatusOr<http::Permit>> acquire(std::string_view limit_key) override;
  Task<absl::StatusOr<http::Permit>> acquire_ahead(std::string_view limit_key) override;

  /// Tells the limiter of the key what the answer says of its budget.
  void report(std::string_view limit_key, const http::ResponseFacts& facts) override;

  /// Nobody gets a permit any more: who waits, and who asks later, is answered with Cancelled.
  void refuse();

  /// Forgets the engine and who waits. To be called when nothing runs on the engine's executors any more, or
  /// just before the engine goes.
  void close();

 private:
  class Core;

  static Task<absl::StatusOr<http::Permit>> take(std::shared_ptr<Core> core, std::string_view limit_key,
                                                 bool goes_on);

  std::shared_ptr<Core> core_;
  const Clock& clock_;
};

}  // namespace baton::runner
