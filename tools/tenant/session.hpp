#pragma once

#include <chrono>
#include <unordered_set>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "tenant/service.hpp"

namespace tenant {

/// One open connection, as its server sees it.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Ends it at once, whatever it is doing.
  virtual void abort() = 0;
  /// Whether it waits for the first byte of a request.
  virtual bool idle() const = 0;
  /// When bytes last went through it.
  virtual std::chrono::steady_clock::time_point last_activity() const = 0;
};

/// What all connections of a server share. Lives longer than any of them; used on the server's thread only.
struct Connections {
  Service& service;
  std::chrono::nanoseconds slow_pause;
  std::unordered_set<Connection*> open;
  /// While set, a connection ends with the answer it is giving.
  bool draining = false;
};

/// Starts a session on the socket's executor: requests are read, answered in order and pipelined ones kept,
/// until the client leaves or asks for the end, or bytes are no request. The session owns itself.
void serve(boost::asio::ip::tcp::socket socket, Connections& connections);
/// The same through TLS.
void serve_tls(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& tls, Connections& connections);

}  // namespace tenant
