#include "http/connection_pool.hpp"

#include <algorithm>
#include <utility>

namespace baton::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A connection that lay idle for longer is looked at before it is used; the look costs a system call.
constexpr milliseconds kFresh(100);

}  // namespace

class ConnectionPool::Host {
 public:
  Host(bool is_secure, const Proxy* through) : secure(is_secure), proxy(through) {}

  bool secure;
  const Proxy* proxy;
  /// Used last, taken first: the rest may grow old and close.
  std::vector<std::unique_ptr<Connection>> idle;
  /// Connections idle, on loan, or promised to a waiter.
  std::size_t total = 0;
  std::deque<Waiter*> waiters;
};

/// A request that waits for its turn; lives in its coroutine.
class ConnectionPool::Waiter {
 public:
  Waiter(const boost::asio::any_io_executor& executor, Host& host) : wake(executor), host_(host) {
    host_.waiters.push_back(this);
  }
  ~Waiter() {
    if (!granted) host_.waiters.erase(std::find(host_.waiters.begin(), host_.waiters.end(), this));
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  Wake wake;
  bool granted = false;
  /// Null with `granted`: the right to open one.
  std::unique_ptr<Connection> connection;

 private:
  Host& host_;
};

ConnectionPool::Lease::Lease(ConnectionPool& pool, Host& host, std::unique_ptr<Connection> connection)
    : pool_(&pool), host_(&host), connection_(std::move(connection)) {}

ConnectionPool::Lease::Lease(Lease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      host_(std::exchange(other.host_, nullptr)),
      connection_(std::move(other.connection_)) {}

ConnectionPool::Lease& ConnectionPool::Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    release();
    pool_ = std::exchange(other.pool_, nullptr);
    host_ = std::exchange(other.host_, nullptr);
    connection_ = std::move(other.connection_);
  }
  return *this;
}

void ConnectionPool::Lease::renew() {
  connection_ = pool_->make_connection(*host_);
}

void ConnectionPool::Lease::release() {
  if (pool_ == nullptr) return;
  std::exchange(pool_, nullptr)->give_back(*host_, std::move(connection_));
}

ConnectionPool::ConnectionPool(const boost::asio::any_io_executor& executor, const ClientOptions& options,
                               ClientCounters& counters)
    : executor_(executor), options_(options), counters_(counters) {}

ConnectionPool::~ConnectionPool() = default;

std::unique_ptr<Connection> ConnectionPool::make_connection(const Host& host) {
  return std::make_unique<Connection>(executor_, host.secure ? tls_.get() : nullptr, host.proxy,
                                      options_.timeouts, counters_);
}

std::unique_ptr<Connection> ConnectionPool::take_idle(Host& host) {
  const auto now = steady_clock::now();
  while (!host.idle.empty()) {
    std::unique_ptr<Connection> connection = std::move(host.idle.back());
    host.idle.pop_back();
    const auto idle = now - connection->idle_since();
    if (idle < kFresh || (idle < options_.timeouts.idle && connection->is_still_silent())) return connection;
    --host.total;
  }
  return nullptr;
}

Task<absl::StatusOr<ConnectionPool::Lease>> ConnectionPool::acquire(const Url& url, Watch& watch) {
  if (url.secure() && !tls_) {
    absl::StatusOr<std::unique_ptr<TlsContext>> tls = TlsContext::create(options_.tls);
    if (!tls.ok()) co_return tls.status();
    tls_ = *std::move(tls);
  }
  std::unique_ptr<Host>& slot = hosts_[url.origin()];
  if (!slot) slot = std::make_unique<Host>(url.secure(), options_.proxies->proxy_for(url));
  Host& host = *slot;

  if (host.waiters.empty()) {
    std::unique_ptr<Connection> connection = take_idle(host);
    if (connection) co_return Lease(*this, host, std::move(connection));
    if (host.total < std::max<std::size_t>(1, options_.max_connections_per_host)) {
      ++host.total;
      co_return Lease(*this, host, make_connection(host));
    }
  }
  Waiter waiter(executor_, host);
  watch.enter("waiting for a free connection", waiter.wake);
  co_await waiter.wake.wait();
  watch.leave();
  if (!waiter.granted) co_return Lease();
  if (!waiter.connection) waiter.connection = make_connection(host);
  co_return Lease(*this, host, std::move(waiter.connection));
}

void ConnectionPool::give_back(Host& host, std::unique_ptr<Connection> connection) {
  if (!connection->is_reusable()) connection.reset();
  if (!host.waiters.empty()) {
    Waiter& next = *host.waiters.front();
    host.waiters.pop_front();
    next.connection = std::move(connection);
    next.granted = true;
    next.wake.set();
    return;
  }
  if (connection) {
    host.idle.push_back(std::move(connection));
    // The oldest is first: close what nobody came back for.
    const auto oldest = steady_clock::now() - options_.timeouts.idle;
    while (host.idle.front()->idle_since() < oldest) {
      host.idle.erase(host.idle.begin());
      --host.total;
    }
  } else {
    --host.total;
  }
}

void ConnectionPool::close_idle() {
  for (auto& [origin, host] : hosts_) {
    host->total -= host->idle.size();
    host->idle.clear();
  }
}

}  // namespace baton::http
