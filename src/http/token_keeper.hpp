#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <string>

#include "absl/status/status.h"
#include "base/clock.hpp"
#include "base/task.hpp"
#include "http/token_grant.hpp"
#include "http/watchdog.hpp"

namespace baton::http {

/// The token of one client: asked for when it is needed, renewed shortly before it expires, by one request
/// for all who wait. Private to the room; lives on the client's executor.
class TokenKeeper {
 public:
  /// Starts fetching a token with this grant; `take` is called once, on the client's executor.
  using Fetch = std::function<void(TokenGrant grant, std::function<void(absl::StatusOr<AccessToken>)> take)>;

  TokenKeeper(TokenGrant grant, const Clock& clock, Fetch fetch);

  /// Waits until there is a token that is still good. The error of the attempt it waited for, or OK; also
  /// when the wait was cut short, which `watch` and the coroutine know.
  Task<absl::Status> ready(Watch& watch, const boost::asio::any_io_executor& executor);

  const std::string& value() const { return token_.value; }
  const std::string& refresh_token() const { return grant_.refresh_token; }
  /// Tells tokens apart; 0 before the first.
  std::uint64_t generation() const { return generation_; }
  /// The service took the token of this generation.
  void accepted(std::uint64_t generation);
  bool was_accepted(std::uint64_t generation) const { return generation <= accepted_; }
  /// The service refused the token of this generation; a newer one stays.
  void refused(std::uint64_t generation);

 private:
  bool is_good() const;
  void fetch();

  TokenGrant grant_;
  const Clock& clock_;
  Fetch fetch_;
  AccessToken token_;
  std::chrono::system_clock::time_point fetched_at_;
  std::uint64_t generation_ = 0;
  std::uint64_t accepted_ = 0;
  bool refused_ = false;
  bool fetching_ = false;
  absl::Status last_error_;
  std::list<Wake*> waiting_;
};

}  // namespace baton::http
