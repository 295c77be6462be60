#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <absl/status/statusor.h>

#include "tenant/options.hpp"

namespace tenant {

/// A tenant listening on a port of this machine, with one thread of its own for all connections.
///
///     auto server = tenant::Server::start(options);
///     client.get((*server)->base_url() + "/v1/users");
///
/// `stop` and the destructor may be called from any thread but the tenant's own.
class Server {
 public:
  /// Listens before it returns. InvalidArgument for options that cannot be (the message names the flag),
  /// Unavailable where the address cannot be listened on.
  static absl::StatusOr<std::unique_ptr<Server>> start(const Options& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  /// "http://127.0.0.1:8080", with https where TLS is on.
  const std::string& base_url() const;
  /// Stops listening, closes idle connections, gives answers under way a second to go out, and ends. Further
  /// calls do nothing.
  void stop();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tenant
