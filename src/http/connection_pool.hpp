#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "http/connection.hpp"

namespace baton::http {

/// The connections of one client, at most so many per origin; who finds none free waits in the order of
/// arrival. Private to the room; lives on the client's executor and outlives its leases.
class ConnectionPool {
 private:
  class Waiter;
  class Host;

 public:
  /// A connection on loan. It goes back, or makes room for a new one, when the lease ends.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&& other) noexcept;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { release(); }

    explicit operator bool() const { return connection_ != nullptr; }
    /// Not yet open when it is new.
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }
    /// Exchanges the connection for a new one that is not open yet.
    void renew();
    void release();

   private:
    friend class ConnectionPool;
    Lease(ConnectionPool& pool, Host& host, std::unique_ptr<Connection> connection);

    ConnectionPool* pool_ = nullptr;
    Host* host_ = nullptr;
    std::unique_ptr<Connection> connection_;
  };
  static_assert(!std::is_aggregate_v<Lease>);

  /// `options` has its proxies set and outlives the pool.
  ConnectionPool(const boost::asio::any_io_executor& executor, const ClientOptions& options,
                 ClientCounters& counters);
  ~ConnectionPool();
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  /// An idle connection to the URL's origin, or the right to open one. An empty lease means that the wait was
  /// cut short; `watch` knows why. An error means that TLS cannot be set up on this machine.
  Task<absl::StatusOr<Lease>> acquire(const Url& url, Watch& watch);

  /// Closes what is idle.
  void close_idle();

 private:
  std::unique_ptr<Connection> take_idle(Host& host);
  std::unique_ptr<Connection> make_connection(const Host& host);
  void give_back(Host& host, std::unique_ptr<Connection> connection);

  boost::asio::any_io_executor executor_;
  const ClientOptions& options_;
  ClientCounters& counters_;
  std::unique_ptr<TlsContext> tls_;
  std::unordered_map<std::string, std::unique_ptr<Host>> hosts_;
};

}  // namespace baton::http
