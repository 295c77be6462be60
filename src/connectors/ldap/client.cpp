#include "connectors/ldap/client.hpp"

#include <algorithm>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "absl/strings/str_cat.h"
#include "base/hash.hpp"
#include "connectors/ldap/blocking_call.hpp"

namespace baton::connectors::ldap {
namespace {

namespace asio = boost::asio;

/// Connections at a time. The engine has a cursor each for users, groups, roles and their grants; the index
/// needs one more.
constexpr std::size_t kConnections = 8;

}  // namespace

Client::Client(asio::any_io_executor executor, ConnectionSettings settings, http::PermitSource& permits,
               Log& log)
    : executor_(std::move(executor)),
      settings_(std::move(settings)),
      permits_(permits),
      log_(log),
      limit_key_(absl::StrCat("ldap ", settings_.url.authority(), " ", settings_.bind_dn)),
      freed_(executor_, asio::steady_timer::time_point::max()),
      threads_(kConnections) {}

Client::~Client() {
  parked_.clear();
  idle_.clear();
  threads_.join();
}

Task<absl::StatusOr<SearchPage>> Client::read(Query query) {
  absl::StatusOr<SearchPage> page = absl::UnknownError("not asked yet");
  for (bool again = true; again;) {
    absl::StatusOr<Lease> lease = co_await take_connection();
    if (!lease.ok()) co_return lease.status();
    page = co_await ask(lease->connection, query, "");
    again = lease->used && !page.ok() && absl::IsUnavailable(page.status());
    // After other errors it may be lost, or still have an answer under way.
    if (page.ok() || absl::IsNotFound(page.status())) {
      give_back(std::move(lease->connection));
    } else {
      throw_away(std::move(lease->connection));
    }
  }
  co_return page;
}

void Client::park(std::string key, std::unique_ptr<PagedSearch> search) {
  Parked parked(std::move(search));
  parked.since = ++parkings_;
  parked_.insert_or_assign(std::move(key), std::move(parked));
  freed_.cancel();
}

std::unique_ptr<PagedSearch> Client::unpark(std::string_view key) {
  const auto found = parked_.find(key);
  if (found == parked_.end()) return nullptr;
  std::unique_ptr<PagedSearch> search = std::move(found->second.search);
  parked_.erase(found);
  return search;
}

bool Client::dispossess_longest_parked() {
  auto longest = parked_.end();
  for (auto entry = parked_.begin(); entry != parked_.end(); ++entry) {
    if (!entry->second.search->has_connection()) continue;
    if (longest == parked_.end() || entry->second.since < longest->second.since) longest = entry;
  }
  if (longest == parked_.end()) return false;
  parked_.erase(longest);
  return true;
}

Task<absl::StatusOr<Client::Lease>> Client::take_connection() {
  while (idle_.empty() && taken_ >= kConnections && !dispossess_longest_parked()) {
    boost::system::error_code ignored;
    co_await freed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
      co_return absl::CancelledError("cancelled while waiting for a connection");
    }
  }
  Lease lease;
  ++taken_;
  if (!idle_.empty()) {
    lease.connection = std::move(idle_.back());
    lease.used = true;
    idle_.pop_back();
    co_return lease;
  }
  // Whatever becomes of the attempt, the place is free again unless it succeeds.
  class Place {
   public:
    explicit Place(Client& client) : client_(&client) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
      if (client_ != nullptr) client_->throw_away(nullptr);
    }
    void keep() { client_ = nullptr; }

   private:
    Client* client_;
  };
  Place place(*this);
  auto work = [settings = settings_](Interrupt& interrupt) -> absl::StatusOr<std::shared_ptr<Connection>> {
    absl::StatusOr<std::unique_ptr<Connection>> opened = Connection::open(settings, interrupt);
    if (!opened.ok()) return opened.status();
    return std::shared_ptr<Connection>(*std::move(opened));
  };
  auto opened = co_await run_blocking<std::shared_ptr<Connection>>(threads_, std::move(work));
  if (!opened.ok()) co_return opened.status();
  counters_.connections_opened.fetch_add(1, std::memory_order_relaxed);
  lease.connection = *std::move(opened);
  place.keep();
  co_return lease;
}

void Client::give_back(std::shared_ptr<Connection> connection) {
  --taken_;
  idle_.push_back(std::move(connection));
  freed_.cancel();
}

void Client::throw_away(std::shared_ptr<Connection> connection) {
  --taken_;
  // Saying goodbye to a server may block.
  if (connection) asio::post(threads_, [connection = std::move(connection)] {});
  freed_.cancel();
}

Task<absl::StatusOr<SearchPage>> Client::ask(std::shared_ptr<Connection> connection, Query query,
                                             std::string cookie) {
  // Further pages come before searches that begin: a paged search keeps its connection.
  Task<absl::StatusOr<http::Permit>> wanted =
      cookie.empty() ? permits_.acquire(limit_key_) : permits_.acquire_ahead(limit_key_);
  absl::StatusOr<http::Permit> permit = co_await std::move(wanted);
  if (!permit.ok()) co_return permit.status();
  permit->spend();
  counters_.requests.fetch_add(1, std::memory_order_relaxed);
  const auto start = std::chrono::steady_clock::now();
  const std::string base = query.base;
  const std::string filter = query.filter;
  auto work = [connection = std::move(connection), query = std::move(query), cookie = std::move(cookie)](
                  Interrupt& interrupt) { return connection->search(query, cookie, interrupt); };
  auto page = co_await run_blocking<SearchPage>(threads_, std::move(work));
  if (page.ok()) {
    std::uint64_t bytes = 0;
    for (const Entry& entry : page->entries) bytes += entry.bytes();
    counters_.bytes_received.fetch_add(bytes, std::memory_order_relaxed);
  }
  if (log_.enabled(LogLevel::kDebug)) {
    const auto took = std::chrono::steady_clock::now() - start;
    log_.write(LogLevel::kDebug, "ldap", "search",
               {LogField("base", base), LogField("filter", filter),
                LogField("entries", page.ok() ? page->entries.size() : 0),
                LogField("ms", static_cast<std::uint64_t>(
                                   std::chrono::duration_cast<std::chrono::milliseconds>(took).count()))});
  }
  co_return page;
}

Entry PagedSearch::pop() {
  Entry entry = std::move(entries_.front());
  entries_.pop_front();
  ++taken_;
  hash_ = hash64(absl::StrCat(hash_, entry.dn));
  return entry;
}

void PagedSearch::drop_connection() {
  if (connection_) client_->throw_away(std::move(connection_));
  connection_ = nullptr;
}

Task<absl::StatusOr<SearchPage>> PagedSearch::next_page() {
  if (begun_) {
    if (!connection_) co_return absl::UnavailableError("the search has lost its connection");
    co_return co_await client_->ask(connection_, query_, cookie_);
  }
  while (true) {
    absl::StatusOr<Client::Lease> lease = co_await client_->take_connection();
    if (!lease.ok()) co_return lease.status();
    connection_ = std::move(lease->connection);
    absl::StatusOr<SearchPage> page = co_await client_->ask(connection_, query_, "");
    // A connection that was idle for long may be closed without our knowing.
    if (page.ok() || !absl::IsUnavailable(page.status()) || !lease->used) co_return page;
    drop_connection();
  }
}

Task<absl::Status> PagedSearch::fill() {
  while (entries_.empty() && !complete_) {
    absl::StatusOr<SearchPage> page = co_await next_page();
    if (!page.ok()) {
      drop_connection();
      co_return page.status();
    }
    begun_ = true;
    if (page->lost) {
      drop_connection();
      co_return absl::UnavailableError("the server has forgotten where the search was; it begins anew");
    }
    cookie_ = std::move(page->cookie);
    for (Entry& entry : page->entries) entries_.push_back(std::move(entry));
    if (cookie_.empty()) {
      complete_ = true;
      client_->give_back(std::move(connection_));
      connection_ = nullptr;
    }
  }
  co_return absl::OkStatus();
}

}  // namespace baton::connectors::ldap
