#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/log.hpp"
#include "base/task.hpp"
#include "connectors/ldap/connection.hpp"
#include "http/permit.hpp"
#include "http/request_log.hpp"

namespace baton::connectors::ldap {

class PagedSearch;

/// The directory, seen from coroutines: a few connections, each with a thread of its own while it works.
///
/// A paged search keeps its connection from its first page to its last, since the server's cookie is worth
/// nothing on any other. It belongs to one cursor and is parked here between that cursor's pages. When all
/// connections are taken by parked searches, the one that has waited longest loses its own and begins anew
/// when it is asked for again, so nobody waits for a cursor that waits for him.
///
/// Used from the connector's executor only, and outlives every search and task.
class Client {
 public:
  /// `permits` and `log` outlive the client. No connection is made yet.
  Client(boost::asio::any_io_executor executor, ConnectionSettings settings, http::PermitSource& permits,
         Log& log);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  /// A search without pages, for a base object.
  Task<absl::StatusOr<SearchPage>> read(Query query);

  /// Keeps a search until its cursor comes back with `key`; no second one is kept under a key.
  void park(std::string key, std::unique_ptr<PagedSearch> search);
  /// The search parked under `key`, or nothing.
  std::unique_ptr<PagedSearch> unpark(std::string_view key);

  const http::ClientCounters& counters() const { return counters_; }
  Log& log() { return log_; }

 private:
  friend class PagedSearch;

  /// A bound connection, counted as taken until it is given back or thrown away.
  class Lease {
   public:
    Lease() = default;
    std::shared_ptr<Connection> connection;
    /// It has served before: the server may have closed it meanwhile.
    bool used = false;
  };

  class Parked {
   public:
    explicit Parked(std::unique_ptr<PagedSearch> parked_search) : search(std::move(parked_search)) {}
    std::unique_ptr<PagedSearch> search;
    std::uint64_t since = 0;
  };

  Task<absl::StatusOr<Lease>> take_connection();
  /// For further use.
  void give_back(std::shared_ptr<Connection> connection);
  /// Closes it; never on this thread.
  void throw_away(std::shared_ptr<Connection> connection);
  /// One request on `connection`, with a permit.
  Task<absl::StatusOr<SearchPage>> ask(std::shared_ptr<Connection> connection, Query query,
                                       std::string cookie);
  bool dispossess_longest_parked();

  boost::asio::any_io_executor executor_;
  ConnectionSettings settings_;
  http::PermitSource& permits_;
  Log& log_;
  std::string limit_key_;
  http::ClientCounters counters_;
  std::vector<std::shared_ptr<Connection>> idle_;
  std::size_t taken_ = 0;
  /// Never expires; its waiters are woken whenever a connection may be had.
  boost::asio::steady_timer freed_;
  std::map<std::string, Parked, std::less<>> parked_;
  std::uint64_t parkings_ = 0;
  /// Last: its threads end before anything that they use.
  boost::asio::thread_pool threads_;
};

/// One search, page by page: a queue of entries that refills itself from the server.
///
/// Move it into `Client::park` between two calls of a cursor. Destroying it closes its connection unless the
/// search is at its end.
class PagedSearch {
 public:
  /// `query.page_size` must not be 0.
  PagedSearch(Client& client, Query query) : client_(&client), query_(std::move(query)) {}
  PagedSearch(const PagedSearch&) = delete;
  PagedSearch& operator=(const PagedSearch&) = delete;
  ~PagedSearch() { drop_connection(); }

  /// Makes sure that there is an entry, or that the search is at its end. Unavailable when the connection or
  /// the server's memory of the search is lost: this object is of no more use then.
  Task<absl::Status> fill();

  /// After `fill`: no entry is left.
  bool at_end() const { return entries_.empty(); }
  /// After `fill`: how many entries can be taken without asking the server again.
  std::size_t ready() const { return entries_.size(); }
  Entry& front() { return entries_.front(); }
  /// Nothing is left, here or on the server.
  bool finished() const { return complete_ && entries_.empty(); }
  /// Removes the first entry.
  Entry pop();

  /// Entries taken so far, and a hash over their names in order.
  std::uint64_t taken() const { return taken_; }
  std::uint64_t hash() const { return hash_; }

  /// Gives its connection up; whoever asks it on finds it lost.
  void drop_connection();
  bool has_connection() const { return connection_ != nullptr; }

 private:
  Task<absl::StatusOr<SearchPage>> next_page();

  Client* client_;
  Query query_;
  std::shared_ptr<Connection> connection_;
  std::string cookie_;
  std::deque<Entry> entries_;
  bool begun_ = false;
  bool complete_ = false;
  std::uint64_t taken_ = 0;
  std::uint64_t hash_ = 0;
};

}  // namespace baton::connectors::ldap
