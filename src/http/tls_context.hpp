#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "absl/status/statusor.h"
#include "http/client_options.hpp"

struct ssl_st;
struct ssl_session_st;

namespace baton::http {

using TlsStream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;

/// What all TLS connections of a client share: TLS 1.2 or newer, peers verified against the system's store or
/// what `SSL_CERT_FILE` and `SSL_CERT_DIR` name instead, and the last session of each host, so that a new
/// connection need not shake hands in full. Private to the room; outlives its streams.
class TlsContext {
 public:
  /// InvalidArgument when certificates or key cannot be used.
  static absl::StatusOr<std::unique_ptr<TlsContext>> create(const TlsOptions& options);

  boost::asio::ssl::context& context() { return context_; }
  /// Prepares a stream for `host`: SNI, the check of the certificate's name, HTTP/1.1 by ALPN.
  absl::Status prepare(TlsStream& stream, const std::string& host, std::uint16_t port);
  /// After a handshake that failed: the next one is made in full. Whether there was a session to go on with.
  bool forget_session(const std::string& host, std::uint16_t port);

 private:
  class FreeSession {
   public:
    void operator()(ssl_session_st* session) const;
  };
  using Session = std::unique_ptr<ssl_session_st, FreeSession>;

  TlsContext() : context_(boost::asio::ssl::context::tls_client) {}
  absl::Status use(const TlsOptions& options);
  Session& session_of(const std::string& host, std::uint16_t port);
  void keep_sessions();
  static int keep_session(ssl_st* stream, ssl_session_st* session);

  boost::asio::ssl::context context_;
  /// By host and port; entries stay where they are.
  std::map<std::string, Session> sessions_;
};

/// Why the peer's certificate was refused; empty when it was not.
std::string certificate_refusal(TlsStream& stream);

/// Whether the handshake went on with an earlier session.
bool was_resumed(TlsStream& stream);

}  // namespace baton::http
