#pragma once

#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "absl/status/statusor.h"

namespace baton::http {

using TlsStream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;

/// What all TLS connections of a client share: TLS 1.2 or newer, peers verified against the system's store or
/// what `SSL_CERT_FILE` and `SSL_CERT_DIR` name instead. Private to the room.
class TlsContext {
 public:
  static absl::StatusOr<std::unique_ptr<TlsContext>> create();

  boost::asio::ssl::context& context() { return context_; }
  /// Prepares a stream for `host`: SNI, the check of the certificate's name, HTTP/1.1 by ALPN.
  absl::Status prepare(TlsStream& stream, const std::string& host) const;

 private:
  TlsContext() : context_(boost::asio::ssl::context::tls_client) {}

  boost::asio::ssl::context context_;
};

/// Why the peer's certificate was refused; empty when it was not.
std::string certificate_refusal(TlsStream& stream);

}  // namespace baton::http
