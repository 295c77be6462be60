#include "connectors/ldap/connection.hpp"

#include <fcntl.h>
#include <ldap.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openldap.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"
#include "connectors/ldap/result_code.hpp"

namespace baton::connectors::ldap {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// One message of the server, and all entries of a page.
constexpr ber_len_t kMaxMessageBytes = ber_len_t{64} << 20;
constexpr std::size_t kMaxPageBytes = std::size_t{256} << 20;
/// How often a waiting thread looks whether it is still wanted.
constexpr milliseconds kLook{100};
/// Debian's collection of trusted certificates.
constexpr const char* kSystemCertificates = "/etc/ssl/certs/ca-certificates.crt";

absl::Status interrupted() {
  return absl::CancelledError("cancelled while waiting for the directory");
}

std::string error_text(int error) {
  return error == ECONNREFUSED ? "connection refused" : std::generic_category().message(error);
}

class AddressList {
 public:
  ~AddressList() {
    if (first != nullptr) ::freeaddrinfo(first);
  }
  AddressList() = default;
  AddressList(const AddressList&) = delete;
  AddressList& operator=(const AddressList&) = delete;

  addrinfo* first = nullptr;
};

absl::Status look_up(const ServerUrl& url, AddressList& addresses) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
  int error = ::getaddrinfo(url.host().c_str(), std::to_string(url.port()).c_str(), &hints, &addresses.first);
  if (error == EAI_NONAME || error == EAI_NODATA) {
    // Where only the loopback is configured, its addresses are all there is.
    hints.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST;
    error = ::getaddrinfo(url.host().c_str(), std::to_string(url.port()).c_str(), &hints, &addresses.first);
    if (error != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("no such host: ", scrub(url.host(), 256), "; check --url"));
    }
  }
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot look up ", scrub(url.host(), 256), ": ", ::gai_strerror(error)));
  }
  return absl::OkStatus();
}

/// Waits until `socket` is connected; the system's error otherwise, ECANCELED when raised.
int wait_connected(int socket, steady_clock::time_point deadline, const Interrupt& interrupt) {
  pollfd waiting{socket, POLLOUT, 0};
  while (true) {
    if (interrupt.raised()) return ECANCELED;
    const int ready = ::poll(&waiting, 1, static_cast<int>(kLook.count()));
    if (ready > 0) break;
    if (ready < 0 && errno != EINTR) return errno;
    if (steady_clock::now() >= deadline) return ETIMEDOUT;
  }
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

/// A connected, blocking socket in `*result`; the system's error otherwise.
int connect_to(const addrinfo& address, steady_clock::time_point deadline, const Interrupt& interrupt,
               int* result) {
  const int socket =
      ::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol);
  if (socket < 0) return errno;
  int error = ::connect(socket, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  if (error == EINPROGRESS) error = wait_connected(socket, deadline, interrupt);
  if (error != 0) {
    ::close(socket);
    return error;
  }
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  // libldap polls before it reads; should half a TLS record have come, it must not wait for ever for the
  // rest.
  const timeval patience{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const timeval send_patience{30, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &send_patience, sizeof send_patience);
  ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) & ~O_NONBLOCK);
  *result = socket;
  return 0;
}

absl::StatusOr<int> connected_socket(const ConnectionSettings& settings, const Interrupt& interrupt) {
  AddressList addresses;
  if (absl::Status status = look_up(settings.url, addresses); !status.ok()) return status;
  int error = EHOSTUNREACH;
  for (const addrinfo* address = addresses.first; address != nullptr; address = address->ai_next) {
    int socket = -1;
    error = connect_to(*address, steady_clock::now() + settings.connect_timeout, interrupt, &socket);
    if (error == 0) return socket;
    if (error == ECANCELED) return interrupted();
  }
  return absl::UnavailableError(
      absl::StrCat("cannot reach ", scrub(settings.url.text(), 300), ": ", error_text(error)));
}

class MessageOwner {
 public:
  MessageOwner() = default;
  MessageOwner(const MessageOwner&) = delete;
  MessageOwner& operator=(const MessageOwner&) = delete;
  ~MessageOwner() {
    if (message != nullptr) ::ldap_msgfree(message);
  }
  LDAPMessage* message = nullptr;
};

/// What the last message of an operation says.
class Outcome {
 public:
  Outcome() = default;
  Outcome(const Outcome&) = delete;
  Outcome& operator=(const Outcome&) = delete;
  ~Outcome() {
    ::ldap_memfree(text);
    ::ldap_controls_free(controls);
  }

  /// Reads and leaves `message` alone.
  void read(LDAP* handle, LDAPMessage* message) {
    const int parsed = ::ldap_parse_result(handle, message, &code, nullptr, &text, nullptr, &controls, 0);
    if (parsed != LDAP_SUCCESS) code = parsed;
  }
  std::string_view diagnostic() const { return text == nullptr ? std::string_view() : text; }

  int code = LDAP_SUCCESS;
  char* text = nullptr;
  LDAPControl** controls = nullptr;
};

std::string next_cookie(LDAP* handle, LDAPControl** controls) {
  LDAPControl* control = ::ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, nullptr);
  if (control == nullptr) return "";
  ber_int_t estimate = 0;
  berval cookie{0, nullptr};
  if (::ldap_parse_pageresponse_control(handle, control, &estimate, &cookie) != LDAP_SUCCESS) return "";
  std::string text = cookie.bv_len > 0 ? std::string(cookie.bv_val, cookie.bv_len) : std::string();
  ::ber_memfree(cookie.bv_val);
  return text;
}

Entry read_entry(LDAP* handle, LDAPMessage* message) {
  Entry entry;
  if (char* dn = ::ldap_get_dn(handle, message); dn != nullptr) {
    entry.dn = dn;
    ::ldap_memfree(dn);
  }
  BerElement* position = nullptr;
  for (char* name = ::ldap_first_attribute(handle, message, &position); name != nullptr;
       name = ::ldap_next_attribute(handle, message, position)) {
    Attribute& attribute = entry.attributes.emplace_back(name);
    if (berval** values = ::ldap_get_values_len(handle, message, name); values != nullptr) {
      for (berval** value = values; *value != nullptr; ++value) {
        attribute.values.emplace_back((*value)->bv_val, (*value)->bv_len);
      }
      ::ldap_value_free_len(values);
    }
    ::ldap_memfree(name);
  }
  ::ber_free(position, 0);
  return entry;
}

int scope_number(Scope scope) {
  switch (scope) {
    case Scope::kBase:
      return LDAP_SCOPE_BASE;
    case Scope::kOneLevel:
      return LDAP_SCOPE_ONELEVEL;
    case Scope::kSubtree:
      break;
  }
  return LDAP_SCOPE_SUBTREE;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::open(const ConnectionSettings& settings,
                                                             Interrupt& interrupt) {
  // libldap sets itself up at the first call, which must not be two.
  [[maybe_unused]] static const int initialised =
      ::ldap_set_option(nullptr, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
  const absl::StatusOr<int> socket = connected_socket(settings, interrupt);
  if (!socket.ok()) return socket.status();
  auto connection = std::unique_ptr<Connection>(new Connection(settings, *socket));
  const Watching watching(interrupt, *socket);
  if (absl::Status status = connection->initialise(); !status.ok()) return status;
  if (settings.url.secure() || settings.start_tls) {
    if (absl::Status status = connection->encrypt(interrupt); !status.ok()) return status;
  }
  if (absl::Status status = connection->bind(interrupt); !status.ok()) return status;
  return connection;
}

Connection::~Connection() {
  if (handle_ != nullptr) {
    ::ldap_unbind_ext(handle_, nullptr, nullptr);  // closes the socket, too
  } else {
    ::close(socket_);
  }
}

absl::Status Connection::initialise() {
  const std::string url = settings_.url.text();
  if (const int code = ::ldap_init_fd(socket_, LDAP_PROTO_TCP, url.c_str(), &handle_); code != LDAP_SUCCESS) {
    handle_ = nullptr;
    return result_status(code, "setting up the connection to " + settings_.url.authority(), "");
  }
  const int version = LDAP_VERSION3;
  const int deref = LDAP_DEREF_ALWAYS;
  const timeval patience{settings_.connect_timeout.count(), 0};
  ::ldap_set_option(handle_, LDAP_OPT_PROTOCOL_VERSION, &version);
  ::ldap_set_option(handle_, LDAP_OPT_DEREF, &deref);
  ::ldap_set_option(handle_, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
  ::ldap_set_option(handle_, LDAP_OPT_RESTART, LDAP_OPT_ON);
  ::ldap_set_option(handle_, LDAP_OPT_NETWORK_TIMEOUT, &patience);
  Sockbuf* buffer = nullptr;
  ber_len_t limit = kMaxMessageBytes;
  if (::ldap_get_option(handle_, LDAP_OPT_SOCKBUF, &buffer) == LDAP_SUCCESS && buffer != nullptr) {
    ::ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &limit);
  }
  return absl::OkStatus();
}

absl::Status Connection::encrypt(Interrupt& interrupt) {
  const std::string doing = "TLS with " + settings_.url.authority();
  if (!settings_.url.secure()) {
    int operation = 0;
    const int sent =
        ::ldap_extended_operation(handle_, LDAP_EXOP_START_TLS, nullptr, nullptr, nullptr, &operation);
    if (sent != LDAP_SUCCESS) return result_status(sent, doing, diagnostic());
    MessageOwner answer;
    if (absl::Status status = receive(operation, doing, interrupt, &answer.message); !status.ok())
      return status;
    Outcome outcome;
    outcome.read(handle_, answer.message);
    if (outcome.code != LDAP_SUCCESS) {
      return absl::FailedPreconditionError(
          absl::StrCat(doing, ": the server does not start it (", ::ldap_err2string(outcome.code), ": ",
                       scrub(outcome.diagnostic(), 200), "); use an ldaps:// URL if it has one"));
    }
  }
  const int demand = settings_.verify ? LDAP_OPT_X_TLS_DEMAND : LDAP_OPT_X_TLS_NEVER;
  const int client = 0;
  const char* certificates = std::getenv("SSL_CERT_FILE");
  if (certificates == nullptr || *certificates == '\0') certificates = kSystemCertificates;
  ::ldap_set_option(handle_, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
  if (settings_.verify) ::ldap_set_option(handle_, LDAP_OPT_X_TLS_CACERTFILE, certificates);
  int code = LDAP_SUCCESS;
  {
    // The first context sets the TLS library up.
    static std::mutex first;
    const std::lock_guard lock(first);
    code = ::ldap_set_option(handle_, LDAP_OPT_X_TLS_NEWCTX, &client);
  }
  if (code != LDAP_SUCCESS) {
    return absl::UnknownError(absl::StrCat(doing, ": no trusted certificates can be read from ",
                                           scrub(certificates, 300), "; see SSL_CERT_FILE"));
  }
  code = ::ldap_install_tls(handle_);
  if (interrupt.raised()) return interrupted();
  if (code == LDAP_TIMEOUT) return absl::DeadlineExceededError(doing + ": the server does not answer");
  if (code != LDAP_SUCCESS) {
    std::string why = scrub(diagnostic(), 300);
    if (why.empty()) why = ::ldap_err2string(code);
    return absl::UnknownError(absl::StrCat(
        doing, " failed: ", why, settings_.verify ? "; SSL_CERT_FILE names trusted certificates" : ""));
  }
  return absl::OkStatus();
}

absl::Status Connection::bind(Interrupt& interrupt) {
  const std::string doing = absl::StrCat("binding to ", settings_.url.authority());
  berval password{settings_.password.size(), settings_.password.data()};
  int operation = 0;
  const int sent = ::ldap_sasl_bind(handle_, settings_.bind_dn.c_str(), LDAP_SASL_SIMPLE, &password, nullptr,
                                    nullptr, &operation);
  if (sent != LDAP_SUCCESS) return result_status(sent, doing, diagnostic());
  MessageOwner answer;
  if (absl::Status status = receive(operation, doing, interrupt, &answer.message); !status.ok())
    return status;
  Outcome outcome;
  outcome.read(handle_, answer.message);
  if (outcome.code != LDAP_SUCCESS && settings_.password.empty()) {
    return absl::UnauthenticatedError(absl::StrCat(doing, ": the server refuses a bind without a password (",
                                                   scrub(outcome.diagnostic(), 200), "); set --password"));
  }
  if (outcome.code == LDAP_NO_SUCH_OBJECT) outcome.code = LDAP_INVALID_CREDENTIALS;
  return result_status(outcome.code, doing, outcome.diagnostic());
}

absl::StatusOr<SearchPage> Connection::search(const Query& query, const std::string& cookie,
                                              Interrupt& interrupt) {
  const Watching watching(interrupt, socket_);
  const std::string doing =
      absl::StrCat("searching ", query.base.empty() ? "the root" : scrub(query.base, 300));
  std::vector<char*> names;
  for (const std::string& name : query.attributes) names.push_back(const_cast<char*>(name.c_str()));
  names.push_back(nullptr);

  LDAPControl* paging = nullptr;
  if (query.page_size > 0) {
    berval position{cookie.size(), const_cast<char*>(cookie.data())};
    // Not critical: a server that knows no pages answers with everything at once.
    const int made = ::ldap_create_page_control(handle_, static_cast<ber_int_t>(query.page_size),
                                                cookie.empty() ? nullptr : &position, 0, &paging);
    if (made != LDAP_SUCCESS) return result_status(made, doing, "");
  }
  LDAPControl* controls[] = {paging, nullptr};
  int operation = 0;
  const int sent =
      ::ldap_search_ext(handle_, query.base.c_str(), scope_number(query.scope), query.filter.c_str(),
                        query.attributes.empty() ? nullptr : names.data(), 0,
                        paging == nullptr ? nullptr : controls, nullptr, nullptr, LDAP_NO_LIMIT, &operation);
  if (paging != nullptr) ::ldap_control_free(paging);
  if (sent != LDAP_SUCCESS) return result_status(sent, doing, diagnostic());

  SearchPage page;
  std::size_t bytes = 0;
  while (true) {
    MessageOwner answer;
    if (absl::Status status = receive(operation, doing, interrupt, &answer.message); !status.ok())
      return status;
    const int type = ::ldap_msgtype(answer.message);
    if (type == LDAP_RES_SEARCH_ENTRY) {
      bytes += page.entries.emplace_back(read_entry(handle_, answer.message)).bytes();
      if (bytes > kMaxPageBytes) {
        return absl::ResourceExhaustedError(
            absl::StrCat(doing, ": one page of the answer is above 256 MiB; narrow the search"));
      }
      continue;
    }
    // References to other servers are not followed.
    if (type != LDAP_RES_SEARCH_RESULT) continue;
    Outcome outcome;
    outcome.read(handle_, answer.message);
    if (!cookie.empty() && is_lost_search(outcome.code)) {
      page.entries.clear();
      page.lost = true;
      return page;
    }
    if (outcome.code != LDAP_SUCCESS) return result_status(outcome.code, doing, outcome.diagnostic());
    page.cookie = next_cookie(handle_, outcome.controls);
    return page;
  }
}

absl::Status Connection::receive(int operation, const std::string& doing, Interrupt& interrupt,
                                 LDAPMessage** message) {
  const auto deadline = steady_clock::now() + settings_.answer_timeout;
  while (true) {
    if (interrupt.raised()) return interrupted();
    timeval wait{0, std::chrono::duration_cast<std::chrono::microseconds>(kLook).count()};
    const int type = ::ldap_result(handle_, operation, LDAP_MSG_ONE, &wait, message);
    if (type > 0) return absl::OkStatus();
    if (type < 0) {
      if (interrupt.raised()) return interrupted();
      int code = LDAP_SERVER_DOWN;
      ::ldap_get_option(handle_, LDAP_OPT_RESULT_CODE, &code);
      if (code == LDAP_SUCCESS) code = LDAP_SERVER_DOWN;
      return result_status(code, doing, diagnostic());
    }
    if (steady_clock::now() >= deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat(doing, ": the server has said nothing for ", settings_.answer_timeout.count(), " s"));
    }
  }
}

std::string Connection::diagnostic() const {
  char* text = nullptr;
  ::ldap_get_option(handle_, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text);
  std::string result = text == nullptr ? "" : text;
  ::ldap_memfree(text);
  return result;
}

}  // namespace baton::connectors::ldap
