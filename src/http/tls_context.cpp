#include "http/tls_context.hpp"

#include <cstdlib>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"

namespace baton::http {

namespace ssl = boost::asio::ssl;

absl::StatusOr<std::unique_ptr<TlsContext>> TlsContext::create() {
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
    return result;
  } catch (const boost::system::system_error& error) {
    return absl::InternalError(absl::StrCat("TLS: cannot load the trust store: ", error.what()));
  }
}

absl::Status TlsContext::prepare(TlsStream& stream, const std::string& host) const {
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
  if (!ok) return absl::InternalError("TLS: cannot prepare the connection");
  return absl::OkStatus();
}

std::string certificate_refusal(TlsStream& stream) {
  const long verdict = SSL_get_verify_result(stream.native_handle());
  if (verdict == X509_V_OK) return {};
  return X509_verify_cert_error_string(verdict);
}

}  // namespace baton::http
