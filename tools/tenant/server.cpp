#include "tenant/server.hpp"

#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tenant/request_log.hpp"
#include "tenant/service.hpp"
#include "tenant/session.hpp"

namespace tenant {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t kMostConnections = 4'096;
// A connection without a byte in either direction for so long is closed; above the longest latency.
constexpr auto kLongestSilence = 120s;
constexpr auto kSilenceCheck = 5s;
constexpr auto kLogCadence = 50ms;
constexpr auto kAcceptPause = 20ms;
constexpr auto kDrainTime = 1s;
constexpr auto kDrainCheck = 2ms;

std::string join(const char* what, const std::string& name, const std::string& why) {
  return std::string(what) + name + ": " + why;
}

absl::Status bad(const std::string& message) {
  return absl::InvalidArgumentError(absl::string_view(message.data(), message.size()));
}

}  // namespace

class Server::Impl {
 public:
  explicit Impl(const Options& options)
      : service_(options, log_), connections_{service_, options.slow_pause, {}, false} {}
  ~Impl() { stop(); }

  absl::Status listen(const Options& options) {
    if (absl::Status status = service_.prepare(options); !status.ok()) return status;
    if (!options.log.empty()) {
      if (absl::Status status = log_.open(options.log); !status.ok()) return status;
    }
    if (!options.tls_cert.empty()) {
      if (absl::Status status = load_tls(options); !status.ok()) return status;
    }
    error_code error;
    const auto address =
        asio::ip::make_address(options.host == "localhost" ? "127.0.0.1" : options.host, error);
    if (error) return bad("--host: \"" + options.host.substr(0, 80) + "\" is not an IP address");
    const tcp::endpoint endpoint(address, options.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      const std::string message =
          join("cannot listen on ", options.host + ":" + std::to_string(options.port), error.message());
      return absl::UnavailableError(absl::string_view(message.data(), message.size()));
    }
    port_ = acceptor_.local_endpoint().port();
    const std::string host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
    base_url_ = (use_tls_ ? "https://" : "http://") + host + ":" + std::to_string(port_);
    service_.set_base_url(base_url_);
    return absl::OkStatus();
  }

  void run() {
    asio::co_spawn(io_, accept(), asio::detached);
    asio::co_spawn(io_, close_silent_connections(), asio::detached);
    if (log_.enabled()) asio::co_spawn(io_, flush_log(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }

  void stop() {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] { asio::co_spawn(io_, drain(), asio::detached); });
    thread_.join();
    log_.flush();
  }

  std::uint16_t port() const { return port_; }
  const std::string& base_url() const { return base_url_; }

 private:
  absl::Status load_tls(const Options& options) {
    error_code error;
    tls_.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                         asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                         asio::ssl::context::no_tlsv1_1,
                     error);
    if (!error) tls_.use_certificate_chain_file(options.tls_cert, error);
    if (error) return bad(join("--tls-cert: cannot use ", options.tls_cert, error.message()));
    tls_.use_private_key_file(options.tls_key, asio::ssl::context::pem, error);
    if (error) return bad(join("--tls-key: cannot use ", options.tls_key, error.message()));
    if (!options.tls_client_ca.empty()) {
      tls_.load_verify_file(options.tls_client_ca, error);
      if (error) return bad(join("--tls-client-ca: cannot use ", options.tls_client_ca, error.message()));
      // Without a name of its own OpenSSL resumes no session of a client that showed a certificate.
      static constexpr unsigned char kName[] = "tenant";
      SSL_CTX_set_session_id_context(tls_.native_handle(), kName, sizeof(kName) - 1);
      tls_.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    }
    use_tls_ = true;
    return absl::OkStatus();
  }

  asio::awaitable<void> pause(Clock::duration time) {
    asio::steady_timer timer(io_, time);
    error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  asio::awaitable<void> accept() {
    for (;;) {
      error_code error;
      tcp::socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (!acceptor_.is_open()) co_return;
      if (error) {
        // Out of descriptors, for instance: others may be given back soon.
        co_await pause(kAcceptPause);
        continue;
      }
      // One connection too many is closed again by leaving the scope.
      if (connections_.open.size() >= kMostConnections) continue;
      socket.set_option(tcp::no_delay(true), error);
      if (use_tls_) {
        serve_tls(std::move(socket), tls_, connections_);
      } else {
        serve(std::move(socket), connections_);
      }
    }
  }

  asio::awaitable<void> close_silent_connections() {
    for (;;) {
      co_await pause(kSilenceCheck);
      const Clock::time_point oldest = Clock::now() - kLongestSilence;
      for (Connection* connection : connections_.open) {
        if (connection->last_activity() < oldest) connection->abort();
      }
    }
  }

  asio::awaitable<void> flush_log() {
    for (;;) {
      co_await pause(kLogCadence);
      log_.flush();
    }
  }

  // Ends the loop once the answers under way are out, or when their time is over.
  asio::awaitable<void> drain() {
    error_code ignored;
    acceptor_.close(ignored);
    connections_.draining = true;
    for (Connection* connection : connections_.open) {
      if (connection->idle()) connection->abort();
    }
    const Clock::time_point deadline = Clock::now() + kDrainTime;
    while (!connections_.open.empty() && Clock::now() < deadline) co_await pause(kDrainCheck);
    io_.stop();
  }

  // The loop's destructor ends the sessions that are left, so what they use is declared before it.
  RequestLog log_;
  Service service_;
  Connections connections_;
  asio::ssl::context tls_{asio::ssl::context::tls_server};
  bool use_tls_ = false;
  asio::io_context io_{1};
  tcp::acceptor acceptor_{io_};
  std::uint16_t port_ = 0;
  std::string base_url_;
  std::thread thread_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() = default;

absl::StatusOr<std::unique_ptr<Server>> Server::start(const Options& options) {
  if (absl::Status status = check_options(options); !status.ok()) return status;
  auto impl = std::make_unique<Impl>(options);
  if (absl::Status status = impl->listen(options); !status.ok()) return status;
  impl->run();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::uint16_t Server::port() const {
  return impl_->port();
}

const std::string& Server::base_url() const {
  return impl_->base_url();
}

void Server::stop() {
  impl_->stop();
}

}  // namespace tenant
