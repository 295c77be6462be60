#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/ldap/entry.hpp"
#include "connectors/ldap/interrupt.hpp"
#include "connectors/ldap/ldap_url.hpp"

// Of libldap, whose headers stay inside connection.cpp: a connection and a message.
struct ldap;
struct ldapmsg;

namespace baton::connectors::ldap {

/// How to reach the directory and as whom.
class ConnectionSettings {
 public:
  explicit ConnectionSettings(ServerUrl server) : url(std::move(server)) {}

  ServerUrl url;
  /// Encrypt a plain connection before anything else is said (RFC 4511 §4.14).
  bool start_tls = false;
  /// Whether the server's certificate must be good and its own.
  bool verify = true;
  std::string bind_dn;
  /// Never in a message or a log.
  std::string password;
  /// Reaching the server, and agreeing on TLS.
  std::chrono::seconds connect_timeout{10};
  /// The longest silence of the server in the middle of an operation.
  std::chrono::seconds answer_timeout{60};
};

/// A search.
class Query {
 public:
  Query() = default;

  std::string base;
  Scope scope = Scope::kSubtree;
  std::string filter;
  /// Empty: all user attributes.
  std::vector<std::string> attributes;
  /// Entries a page; 0 asks for no pages.
  std::uint32_t page_size = 0;
};

/// One page of a search's answer.
class SearchPage {
 public:
  SearchPage() = default;

  std::vector<Entry> entries;
  /// What the server wants to see to go on, on this connection only; empty at the end.
  std::string cookie;
  /// The server has forgotten the search that it was to go on with. No entries then.
  bool lost = false;
};
static_assert(!std::is_aggregate_v<SearchPage>);

/// A connection to the directory, bound: libldap behind blocking calls, to be made on a thread that may wait.
///
/// Used by one thread at a time, and not again after a call has failed otherwise than with NotFound.
/// Aliases are always followed, referrals never. Settings of libldap's own files and variables do not count
/// once the program has set LDAPNOINIT. The process ignores SIGPIPE, as every connector program does: libldap
/// may write to a socket that is closed.
class Connection {
 public:
  /// Connects, encrypts and binds. InvalidArgument for a name that does not exist, Unavailable when nobody
  /// answers, Unknown when TLS fails (no use in trying again), Unauthenticated for bad credentials.
  static absl::StatusOr<std::unique_ptr<Connection>> open(const ConnectionSettings& settings,
                                                          Interrupt& interrupt);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Asks for one page (or everything, for a query without pages, or from a server that knows none).
  /// ResourceExhausted for a page above 256 MiB.
  absl::StatusOr<SearchPage> search(const Query& query, const std::string& cookie, Interrupt& interrupt);

 private:
  Connection(const ConnectionSettings& settings, int socket) : settings_(settings), socket_(socket) {}

  absl::Status initialise();
  absl::Status encrypt(Interrupt& interrupt);
  absl::Status bind(Interrupt& interrupt);
  /// The next message of an operation, in `*message`; an error when the server is silent, gone, or raised.
  absl::Status receive(int operation, const std::string& doing, Interrupt& interrupt, ::ldapmsg** message);
  /// What libldap or the server said last about this connection.
  std::string diagnostic() const;

  ConnectionSettings settings_;
  int socket_;
  ::ldap* handle_ = nullptr;
};

}  // namespace baton::connectors::ldap
