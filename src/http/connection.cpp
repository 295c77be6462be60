#include "http/connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

#include "absl/strings/str_cat.h"
#include "http/response_parser.hpp"

namespace baton::http {
namespace {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using asio::ip::tcp;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// First allocation for a body of announced length; the rest follows as bytes arrive, so that an announcement
/// alone costs no memory.
constexpr std::size_t kTrustedBodyBytes = std::size_t{1} << 20;

constexpr std::uint32_t kMaxProxyHeadBytes = 16 * 1024;

/// A name look-up that its coroutine may walk away from: the system's resolver cannot be interrupted.
class Lookup : public std::enable_shared_from_this<Lookup> {
 public:
  explicit Lookup(const asio::any_io_executor& executor) : resolver_(executor), done(executor) {}

  void start(const std::string& host, std::uint16_t port) {
    resolver_.async_resolve(host, std::to_string(port),
                            tcp::resolver::numeric_service | tcp::resolver::address_configured,
                            [self = shared_from_this()](const boost::system::error_code& error,
                                                        const tcp::resolver::results_type& results) {
                              self->error = error;
                              for (const auto& entry : results) self->endpoints.push_back(entry.endpoint());
                              self->finished = true;
                              self->done.set();
                            });
  }

 private:
  tcp::resolver resolver_;

 public:
  Wake done;
  bool finished = false;
  boost::system::error_code error;
  std::vector<tcp::endpoint> endpoints;
};

bool is_lost(const boost::system::error_code& error) {
  return error == asio::error::eof || error == asio::error::connection_reset ||
         error == asio::error::connection_aborted || error == asio::error::broken_pipe ||
         error == asio::ssl::error::stream_truncated;
}

std::string shown(milliseconds duration) {
  if (duration.count() % 1000 == 0) return absl::StrCat(duration.count() / 1000, " s");
  return absl::StrCat(duration.count(), " ms");
}

/// Our own words where the system's are no sentence.
std::string text_of(const boost::system::error_code& error) {
  if (error == asio::error::connection_refused) return "connection refused";
  if (error == asio::error::connection_reset) return "connection reset by the server";
  if (error == asio::error::broken_pipe) return "connection closed by the server";
  if (error == asio::error::network_unreachable) return "network unreachable";
  if (error == asio::error::host_unreachable) return "host unreachable";
  std::string text = error.message();
  for (char& c : text) c = c == '\n' ? ' ' : c;
  return text;
}

}  // namespace

Connection::Connection(const asio::any_io_executor& executor, TlsContext* tls, const Proxy* proxy,
                       const Timeouts& timeouts, ClientCounters& counters)
    : executor_(executor),
      tls_context_(tls),
      proxy_(proxy),
      timeouts_(timeouts),
      counters_(counters),
      socket_(executor) {}

Connection::~Connection() {
  close();
}

void Connection::close() {
  open_ = false;
  ErrorCode ignored;
  socket_.close(ignored);
}

NetworkFailure Connection::stop(Watch& watch) const {
  if (watch.expired()) {
    return NetworkFailure(Fault::kTimeout,
                          absl::StrCat("timed out after ", shown(watch.limit()), " while ",
                                       absl::string_view(watch.step().data(), watch.step().size())));
  }
  return NetworkFailure(Fault::kCancelled, watch.aborted() ? "the client was closed" : "cancelled");
}

NetworkFailure Connection::failure_of(const ErrorCode& error, Watch& watch, bool response_begun) const {
  // Being interrupted closes the socket; what its operations then say depends on how far they were.
  if (watch.expired() || watch.aborted() || error == asio::error::operation_aborted) return stop(watch);
  if (error == asio::error::no_descriptors || error == asio::error::no_memory ||
      error == asio::error::no_buffer_space) {
    return NetworkFailure(Fault::kLocal, text_of(error));
  }
  if (response_begun) {
    return NetworkFailure(Fault::kTruncated, "connection closed in the middle of the response");
  }
  // Such as the refusal of a client certificate, which TLS 1.3 tells of only now.
  if (error.category() == asio::error::get_ssl_category() && !is_lost(error)) {
    return NetworkFailure(Fault::kTls, absl::StrCat("TLS: ", text_of(error)));
  }
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) {
    return NetworkFailure(Fault::kConnectionLost, "connection closed before a response came");
  }
  return NetworkFailure(Fault::kConnectionLost, text_of(error));
}

Task<NetworkFailure> Connection::resolve(const std::string& host, std::uint16_t port, Watch& watch,
                                         std::vector<tcp::endpoint>& endpoints) {
  ErrorCode not_an_address;
  const asio::ip::address address = asio::ip::make_address(host, not_an_address);
  if (!not_an_address) {
    endpoints.emplace_back(address, port);
    co_return NetworkFailure();
  }
  const auto lookup = std::make_shared<Lookup>(executor_);
  watch.enter("looking up the host name", timeouts_.connect, lookup->done);
  lookup->start(host, port);
  co_await lookup->done.wait();
  watch.leave();
  if (!lookup->finished) co_return stop(watch);
  const ErrorCode error = lookup->error;
  if (error == asio::error::host_not_found || error == asio::error::no_data) {
    co_return NetworkFailure(Fault::kNoSuchHost, absl::StrCat("no such host: ", host));
  }
  if (error) {
    co_return NetworkFailure(Fault::kUnreachable,
                             absl::StrCat("cannot look up ", host, ": ", text_of(error)));
  }
  endpoints = std::move(lookup->endpoints);
  co_return NetworkFailure();
}

Task<NetworkFailure> Connection::open(const Url& url, Watch& watch) {
  const auto start = steady_clock::now();
  std::vector<tcp::endpoint> endpoints;
  const std::string& host = proxy_ != nullptr ? proxy_->host() : url.host();
  const std::uint16_t port = proxy_ != nullptr ? proxy_->port() : url.port();
  NetworkFailure failure = co_await resolve(host, port, watch, endpoints);
  if (failure) co_return failure;

  ErrorCode error = asio::error::host_not_found;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const auto spent = std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
    const milliseconds left = std::max(milliseconds(1), timeouts_.connect - spent);
    watch.enter("connecting", left / static_cast<int>(endpoints.size() - i), *this);
    error = ErrorCode();
    co_await socket_.async_connect(endpoints[i], asio::redirect_error(asio::use_awaitable, error));
    watch.leave();
    if (!error && !watch.expired() && !watch.aborted()) break;
    const bool next_may_do = i + 1 < endpoints.size() && !watch.aborted() &&
                             (watch.expired() || error != asio::error::operation_aborted);
    close();
    if (!next_may_do) {
      if (watch.expired() || watch.aborted() || error == asio::error::operation_aborted)
        co_return stop(watch);
      if (error == asio::error::no_descriptors) co_return NetworkFailure(Fault::kLocal, text_of(error));
      co_return NetworkFailure(Fault::kUnreachable, text_of(error));
    }
  }
  if (error) co_return NetworkFailure(Fault::kUnreachable, text_of(error));

  ErrorCode ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  socket_.non_blocking(true, ignored);
  if (tls_context_ != nullptr && proxy_ != nullptr) {
    failure = co_await tunnel(url, watch);
    if (failure) {
      close();
      co_return failure;
    }
  }
  if (tls_context_ != nullptr) {
    failure = co_await shake_hands(url, watch);
    if (failure) {
      close();
      co_return failure;
    }
  }
  // Left uninitialised: bytes are written before they are read.
  input_.reset(new char[kMaxHeaderBytes]);
  open_ = true;
  counters_.connections_opened.fetch_add(1, std::memory_order_relaxed);
  co_return NetworkFailure();
}

Task<NetworkFailure> Connection::tunnel(const Url& url, Watch& watch) {
  const bool v6 = url.host().find(':') != std::string::npos;
  const std::string target =
      absl::StrCat(v6 ? "[" : "", url.host(), v6 ? "]" : "", ":", static_cast<unsigned>(url.port()));
  std::string head = absl::StrCat("CONNECT ", target, " HTTP/1.1\r\nHost: ", target, "\r\n");
  if (!proxy_->authorization().empty()) {
    absl::StrAppend(&head, "Proxy-Authorization: ", proxy_->authorization(), "\r\n");
  }
  head += "\r\n";
  watch.enter("asking the proxy for a connection", timeouts_.connect, *this);
  ErrorCode error;
  co_await asio::async_write(socket_, asio::buffer(head), asio::redirect_error(asio::use_awaitable, error));
  // Byte by byte would be slow and more than the head would take what belongs to TLS; the peer says nothing
  // before we do, so what comes is the head alone.
  Response response;
  ResponseParser parser(response);
  parser.header_limit(kMaxProxyHeadBytes);
  parser.skip(true);
  std::string input;
  while (!error && !parser.is_header_done()) {
    std::array<char, 2048> piece;
    const std::size_t got = co_await socket_.async_read_some(
        asio::buffer(piece), asio::redirect_error(asio::use_awaitable, error));
    input.append(piece.data(), got);
    if (error || input.empty()) break;
    ErrorCode parsing;
    input.erase(0, parser.put(asio::buffer(input), parsing));
    if (parsing && parsing != beast_http::error::need_more) {
      co_return NetworkFailure(Fault::kUnreachable, "the proxy's answer is no HTTP");
    }
  }
  watch.leave();
  if (watch.expired() || watch.aborted() || error == asio::error::operation_aborted) co_return stop(watch);
  if (error) co_return NetworkFailure(Fault::kUnreachable, absl::StrCat("the proxy: ", text_of(error)));
  const int status = response.status;
  if (status >= 200 && status <= 299) co_return NetworkFailure();
  // Who may not use the proxy need not ask again; what else it says may pass.
  const Fault fault = status == 403 || status == 407 ? Fault::kProxy : Fault::kUnreachable;
  co_return NetworkFailure(fault, absl::StrCat("the proxy answered ", status));
}

Task<NetworkFailure> Connection::shake_hands(const Url& url, Watch& watch) {
  tls_.emplace(socket_, tls_context_->context());
  if (const absl::Status prepared = tls_context_->prepare(*tls_, url.host(), url.port()); !prepared.ok()) {
    co_return NetworkFailure(Fault::kTls, std::string(prepared.message()));
  }
  watch.enter("setting up TLS", timeouts_.tls, *this);
  ErrorCode error;
  co_await tls_->async_handshake(asio::ssl::stream_base::client,
                                 asio::redirect_error(asio::use_awaitable, error));
  watch.leave();
  if (!error && socket_.is_open()) {
    if (was_resumed(*tls_)) counters_.sessions_resumed.fetch_add(1, std::memory_order_relaxed);
    co_return NetworkFailure();
  }
  if (watch.expired() || watch.aborted() || error == asio::error::operation_aborted) co_return stop(watch);
  if (const std::string refusal = certificate_refusal(*tls_); !refusal.empty()) {
    co_return NetworkFailure(Fault::kCertificate, absl::StrCat("TLS certificate of ", url.host(),
                                                               " cannot be verified: ", refusal));
  }
  // Nothing of the request was sent yet; a server that dislikes an old session may do without.
  const bool tried_session = tls_context_->forget_session(url.host(), url.port());
  if (tried_session) co_return NetworkFailure(Fault::kUnreachable, absl::StrCat("TLS: ", text_of(error)));
  if (is_lost(error)) co_return NetworkFailure(Fault::kUnreachable, "connection closed while setting up TLS");
  co_return NetworkFailure(Fault::kTls, absl::StrCat("TLS: ", text_of(error)));
}

bool Connection::is_still_silent() {
  char byte = 0;
  const ssize_t got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

Task<std::size_t> Connection::read_some(char* data, std::size_t room, ErrorCode& error) {
  if (tls_) {
    return tls_->async_read_some(asio::buffer(data, room), asio::redirect_error(asio::use_awaitable, error));
  }
  return socket_.async_read_some(asio::buffer(data, room), asio::redirect_error(asio::use_awaitable, error));
}

Task<NetworkFailure> Connection::exchange(const WireRequest& request, Watch& watch, Response& response) {
  NetworkFailure failure = co_await begin(request, watch, response);
  if (failure) co_return failure;
  co_return co_await read_body(watch, response);
}

Task<NetworkFailure> Connection::begin(const WireRequest& request, Watch& watch, Response& response) {
  keep_alive_ = false;
  max_response_bytes_ = request.max_response_bytes;
  NetworkFailure failure = co_await write(request, watch);
  if (!failure) failure = co_await read_head(request, watch, response);
  if (failure) co_return settle(std::move(failure), watch);
  co_return NetworkFailure();
}

NetworkFailure Connection::settle(NetworkFailure failure, Watch& watch) {
  watch.leave();
  if (failure || !open_) {
    close();
    if (!failure) failure = stop(watch);
    return failure;
  }
  // Bytes behind the response belong to nothing we asked: such a connection is not used again.
  keep_alive_ = parser_->keep_alive() && begin_ == end_;
  ++exchanges_;
  idle_since_ = steady_clock::now();
  if (!keep_alive_) close();
  return failure;
}

Task<NetworkFailure> Connection::write(const WireRequest& request, Watch& watch) {
  watch.enter("sending the request", timeouts_.header, *this);
  const std::array<asio::const_buffer, 2> pieces = {asio::buffer(request.head), asio::buffer(request.body)};
  const std::size_t total = request.head.size() + request.body.size();
  std::size_t written = 0;
  ErrorCode error;
  if (tls_) {
    if (request.body.empty()) {
      written =
          co_await asio::async_write(*tls_, pieces[0], asio::redirect_error(asio::use_awaitable, error));
    } else {
      written = co_await asio::async_write(*tls_, pieces, asio::redirect_error(asio::use_awaitable, error));
    }
  } else {
    // A request nearly always fits into the socket's buffer; then no trip through the scheduler is needed.
    written = socket_.write_some(pieces, error);
    if (error == asio::error::would_block) error = ErrorCode();
    if (!error && written < total) {
      std::array<asio::const_buffer, 2> rest = pieces;
      const std::size_t of_head = std::min(written, request.head.size());
      rest[0] += of_head;
      rest[1] += written - of_head;
      written += co_await asio::async_write(socket_, rest, asio::redirect_error(asio::use_awaitable, error));
    }
  }
  counters_.bytes_sent.fetch_add(written, std::memory_order_relaxed);
  if (error) co_return failure_of(error, watch, false);
  co_return NetworkFailure();
}

NetworkFailure Connection::too_large() const {
  return NetworkFailure(Fault::kTooLarge,
                        absl::StrCat("the response is larger than ", max_response_bytes_, " bytes"));
}

NetworkFailure Connection::malformed(const ErrorCode& why) const {
  if (why == beast_http::error::body_limit) return too_large();
  if (why == beast_http::error::header_limit) {
    return NetworkFailure(Fault::kTooLarge,
                          absl::StrCat("the response's header is larger than ", kMaxHeaderBytes, " bytes"));
  }
  if (why == boost::system::errc::not_enough_memory) return NetworkFailure(Fault::kLocal, "out of memory");
  return NetworkFailure(Fault::kUndecodable, absl::StrCat("not an HTTP response: ", why.message()));
}

Task<NetworkFailure> Connection::read_head(const WireRequest& request, Watch& watch, Response& response) {
  watch.enter("waiting for the response", timeouts_.header, *this);
  begin_ = 0;
  end_ = 0;
  parser_.reset();
  ErrorCode error;
  bool begun = false;
  // An interim response (1xx) may come before the one that counts.
  while (true) {
    if (!parser_) {
      response.status = 0;
      response.headers.clear();
      parser_ = std::make_unique<ResponseParser>(response);
      parser_->header_limit(static_cast<std::uint32_t>(kMaxHeaderBytes));
      parser_->body_limit(max_response_bytes_);
      parser_->skip(request.head_only);
    }
    if (begin_ < end_) {
      error = ErrorCode();
      begin_ += parser_->put(asio::buffer(input_.get() + begin_, end_ - begin_), error);
      if (error && error != beast_http::error::need_more) co_return malformed(error);
      if (parser_->is_header_done()) {
        const int status = response.status;
        if (status >= 200) co_return NetworkFailure();
        if (status == 101) co_return NetworkFailure(Fault::kUndecodable, "the server switched protocols");
        parser_.reset();
        continue;
      }
    }
    if (begin_ > 0) {
      std::memmove(input_.get(), input_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (end_ == kMaxHeaderBytes) co_return malformed(make_error_code(beast_http::error::header_limit));
    error = ErrorCode();
    const std::size_t got = co_await read_some(input_.get() + end_, kMaxHeaderBytes - end_, error);
    end_ += got;
    counters_.bytes_received.fetch_add(got, std::memory_order_relaxed);
    begun = begun || got > 0;
    if (error) co_return failure_of(error, watch, begun);
  }
}

Task<NetworkFailure> Connection::read_body(Watch& watch, Response& response) {
  watch.enter("reading the response", *this);
  NetworkFailure failure;
  const auto content_length = parser_->content_length();
  if (content_length && !parser_->chunked() && !parser_->is_done()) {
    // A body of known length goes from the socket to its place without a detour.
    if (*content_length > max_response_bytes_) {
      failure = too_large();
    } else {
      failure = co_await read_counted(static_cast<std::size_t>(*content_length), watch, response);
    }
  } else {
    parser_->eager(true);
    while (!failure && !parser_->is_done()) failure = co_await parse_more(watch);
    if (!failure && response.body.size() > max_response_bytes_) failure = too_large();
  }
  if (!failure) response.body.seal();
  co_return settle(std::move(failure), watch);
}

Task<NetworkFailure> Connection::read_counted(std::size_t length, Watch& watch, Response& response) {
  const std::size_t at_hand = std::min(end_ - begin_, length);
  if (!response.body.reserve(std::min(length, std::max(at_hand, kTrustedBodyBytes))) ||
      !response.body.append(std::string_view(input_.get() + begin_, at_hand))) {
    co_return NetworkFailure(Fault::kLocal, "out of memory");
  }
  begin_ += at_hand;
  while (response.body.size() < length) {
    if (response.body.tail_room() == 0 &&
        !response.body.reserve(std::min(length, response.body.size() * 2))) {
      co_return NetworkFailure(Fault::kLocal, "out of memory");
    }
    ErrorCode error;
    const std::size_t got = co_await read_some(
        response.body.tail(), std::min(response.body.tail_room(), length - response.body.size()), error);
    response.body.commit(got);
    counters_.bytes_received.fetch_add(got, std::memory_order_relaxed);
    if (error) {
      if (watch.expired() || watch.aborted() || !is_lost(error)) co_return failure_of(error, watch, true);
      co_return NetworkFailure(Fault::kTruncated,
                               absl::StrCat("connection closed after ", response.body.size(), " of ", length,
                                            " bytes of the response"));
    }
  }
  co_return NetworkFailure();
}

Task<NetworkFailure> Connection::parse_more(Watch& watch) {
  ErrorCode error;
  if (begin_ < end_) {
    begin_ += parser_->put_body(asio::buffer(input_.get() + begin_, end_ - begin_), error);
    if (error && error != beast_http::error::need_more) co_return malformed(error);
    if (error != beast_http::error::need_more) co_return NetworkFailure();
  }
  if (begin_ > 0) {
    std::memmove(input_.get(), input_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == kMaxHeaderBytes) {
    co_return NetworkFailure(Fault::kUndecodable, "not an HTTP response: a chunk's header is too long");
  }
  error = ErrorCode();
  const std::size_t got = co_await read_some(input_.get() + end_, kMaxHeaderBytes - end_, error);
  end_ += got;
  counters_.bytes_received.fetch_add(got, std::memory_order_relaxed);
  if (error == asio::error::eof && got == 0 && !watch.expired() && !watch.aborted()) {
    // Only a body without a length ends with the connection.
    error = ErrorCode();
    parser_->put_eof(error);
    if (error) co_return NetworkFailure(Fault::kTruncated, "connection closed in the middle of the response");
    co_return NetworkFailure();
  }
  if (error) co_return failure_of(error, watch, true);
  co_return NetworkFailure();
}

Task<NetworkFailure> Connection::read_piece(Watch& watch, Response& response, bool& done) {
  // Between two pieces nobody waits for the service; while somebody does, it has to send something.
  watch.enter("reading the response", timeouts_.header, *this);
  parser_->eager(true);
  NetworkFailure failure;
  while (!failure && !parser_->is_done() && response.body.empty()) failure = co_await parse_more(watch);
  done = failure || parser_->is_done();
  if (done) co_return settle(std::move(failure), watch);
  watch.leave();
  co_return NetworkFailure();
}

}  // namespace baton::http
