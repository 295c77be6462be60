#include "http/tls_context.hpp"

#include <cstdlib>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"

namespace baton::http {

namespace ssl = boost::asio::ssl;

absl::StatusOr<std::unique_ptr<TlsContext>> TlsContext::create(const TlsOptions& options) {
  try {
    std::unique_ptr<TlsContext> result(new TlsContext());
    ssl::context& context = result->context_;
    context.set_default_verify_paths();
    // OpenSSL passes over a file that it cannot use, and every certificate would look untrusted.
    if (const char* file = std::getenv("SSL_CERT_FILE"); file != nullptr && *file != '\0') {
      boost::system::error_code error;
      context.load_verify_file(file, error);
      if (error) {
        return absl::InvalidArgumentError(absl::StrCat("SSL_CERT_FILE: no certificates can be read from ",
                                                       scrub(file, 200), ": ", error.message()));
      }
    }
    context.set_verify_mode(ssl::verify_peer);
    if (SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION) != 1) {
      return absl::InternalError("TLS: this OpenSSL refuses TLS 1.2 as the oldest version");
    }
    if (const absl::Status used = result->use(options); !used.ok()) return used;
    result->keep_sessions();
    return result;
  } catch (const boost::system::system_error& error) {
    return absl::InternalError(absl::StrCat("TLS: cannot load the trust store: ", error.what()));
  }
}

absl::Status TlsContext::use(const TlsOptions& options) {
  boost::system::error_code error;
  if (!options.authorities.empty()) {
    context_.add_certificate_authority(boost::asio::buffer(options.authorities), error);
    if (error)
      return absl::InvalidArgumentError("TLS: the certificates to trust cannot be read: PEM is expected");
  }
  if (options.certificate.empty() != options.key.empty()) {
    return absl::InvalidArgumentError("TLS: a client certificate and its private key go together");
  }
  if (options.certificate.empty()) return absl::OkStatus();
  context_.use_certificate_chain(boost::asio::buffer(options.certificate), error);
  if (error) return absl::InvalidArgumentError("TLS: the client certificate cannot be read: PEM is expected");
  context_.use_private_key(boost::asio::buffer(options.key), ssl::context::pem, error);
  const bool fits = !error && SSL_CTX_check_private_key(context_.native_handle()) == 1;
  ERR_clear_error();
  if (fits) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "TLS: the private key is not that of the client certificate, or no PEM without a pass phrase");
}

void TlsContext::FreeSession::operator()(ssl_session_st* session) const {
  SSL_SESSION_free(session);
}

namespace {

/// Where a stream keeps the place of its host's session.
int session_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

int TlsContext::keep_session(ssl_st* stream, ssl_session_st* session) {
  auto* place = static_cast<Session*>(SSL_get_ex_data(stream, session_index()));
  // A copy: OpenSSL marks the session of a connection that ends without a farewell as not resumable.
  if (place != nullptr) place->reset(SSL_SESSION_dup(session));
  return 0;
}

void TlsContext::keep_sessions() {
  SSL_CTX* const handle = context_.native_handle();
  SSL_CTX_set_session_cache_mode(handle, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(handle, &TlsContext::keep_session);
}

absl::Status TlsContext::prepare(TlsStream& stream, const std::string& host, std::uint16_t port) {
  static constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL* const handle = stream.native_handle();
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(host, not_an_address);
  bool ok = SSL_set_alpn_protos(handle, kHttp11, sizeof(kHttp11)) == 0;
  if (not_an_address) {
    ok =
        ok && SSL_set_tlsext_host_name(handle, host.c_str()) == 1 && SSL_set1_host(handle, host.c_str()) == 1;
    SSL_set_hostflags(handle, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  } else {
    ok = ok && X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle), host.c_str()) == 1;
  }
  Session& session = session_of(host, port);
  ok = ok && SSL_set_ex_data(handle, session_index(), &session) == 1;
  // One that cannot be used any more leads to a full handshake.
  if (ok && session && SSL_SESSION_is_resumable(session.get()) == 1) SSL_set_session(handle, session.get());
  if (!ok) return absl::InternalError("TLS: cannot prepare the connection");
  return absl::OkStatus();
}

TlsContext::Session& TlsContext::session_of(const std::string& host, std::uint16_t port) {
  return sessions_[absl::StrCat(host, ":", static_cast<unsigned>(port))];
}

bool TlsContext::forget_session(const std::string& host, std::uint16_t port) {
  Session& session = session_of(host, port);
  const bool was_there = session != nullptr;
  session.reset();
  return was_there;
}

std::string certificate_refusal(TlsStream& stream) {
  const long verdict = SSL_get_verify_result(stream.native_handle());
  if (verdict == X509_V_OK) return {};
  return X509_verify_cert_error_string(verdict);
}

bool was_resumed(TlsStream& stream) {
  return SSL_session_reused(stream.native_handle()) == 1;
}

}  // namespace baton::http
