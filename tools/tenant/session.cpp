#include "tenant/session.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>

#include "tenant/request_parser.hpp"

namespace tenant {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using TlsStream = asio::ssl::stream<tcp::socket>;

constexpr std::size_t kReadBytes = 8 * 1024;
// A request's head that is not complete yet stays in the buffer, beside the next read.
constexpr std::size_t kMostBufferedBytes = RequestParser::kMostHeaderBytes + 2 * kReadBytes;
constexpr std::size_t kStreamPieceBytes = 64 * 1024;
constexpr std::size_t kSlowPieces = 16;

template <class Stream>
class Session : public Connection {
 public:
  template <class... Args>
  explicit Session(Connections& connections, Args&&... args)
      : connections_(connections),
        stream_(std::forward<Args>(args)...),
        timer_(stream_.get_executor()),
        last_activity_(Clock::now()) {
    connections_.open.insert(this);
    connections_.service.counters().connection_opened();
  }
  ~Session() override {
    connections_.open.erase(this);
    connections_.service.counters().connection_closed();
  }

  void abort() override {
    error_code ignored;
    socket().close(ignored);
    timer_.cancel();
  }
  bool idle() const override { return idle_; }
  asio::any_io_executor executor() { return stream_.get_executor(); }
  Clock::time_point last_activity() const override { return last_activity_; }

  // Runs the connection to its end. The argument keeps the session alive as long as the coroutine is.
  static asio::awaitable<void> run(std::shared_ptr<Session> self) {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      co_await self->stream_.async_handshake(asio::ssl::stream_base::server, self->token());
      if (self->error_) co_return;
    }
    // One await per statement: g++ 12 loses the frame's variables when `&&` joins two in a loop's condition.
    bool more = true;
    while (more) {
      more = co_await self->read_request();
      if (more) more = co_await self->answer();
    }
    self->abort();
  }

 private:
  tcp::socket& socket() {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  // Completions leave their error in error_.
  auto token() { return asio::redirect_error(asio::use_awaitable, error_); }

  // True with a whole request in request_; false when the connection is to end.
  asio::awaitable<bool> read_request() {
    std::optional<RequestParser> parser;
    parser.emplace(request_);
    idle_ = input_.size() == 0;
    if (idle_ && connections_.draining) co_return false;
    for (;;) {
      if (input_.size() > 0) {
        error_code parse_error;
        input_.consume(parser->put(input_.data(), parse_error));
        if (parser->is_done()) break;
        if (parse_error && parse_error != http::error::need_more) {
          co_await refuse(parse_error);
          co_return false;
        }
      }
      const std::size_t bytes = co_await stream_.async_read_some(input_.prepare(kReadBytes), token());
      if (error_) co_return false;
      input_.commit(bytes);
      idle_ = false;
      last_activity_ = Clock::now();
    }
    idle_ = false;
    co_return true;
  }

  asio::awaitable<void> refuse(error_code error) {
    int status = 400;
    if (error == http::error::header_limit) status = 431;
    if (error == http::error::body_limit) status = 413;
    Service::refuse(status, "cannot read the request: " + error.message(), reply_);
    keep_alive_ = false;
    make_head();
    co_await write(reply_.payload());
    error_code ignored;
    socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  // True when the connection goes on.
  asio::awaitable<bool> answer() {
    const Clock::time_point arrival = Clock::now();
    connections_.service.handle(request_, arrival, reply_);
    sent_ = 0;
    if (reply_.delay.count() > 0) {
      timer_.expires_at(arrival + reply_.delay);
      co_await timer_.async_wait(token());
    }
    keep_alive_ = request_.keep_alive && !connections_.draining && reply_.delivery != Delivery::kTruncate &&
                  !(reply_.stream && request_.http_1_0);
    if (socket().is_open()) co_await deliver();
    connections_.service.finish(request_, reply_, sent_);
    co_return keep_alive_ && !error_ && socket().is_open();
  }

  asio::awaitable<void> deliver() {
    make_head();
    const std::string_view payload = request_.method == "HEAD" ? std::string_view() : reply_.payload();
    if (reply_.stream) {
      co_await write_stream();
    } else if (reply_.delivery == Delivery::kWhole) {
      co_await write(payload);
    } else if (reply_.delivery == Delivery::kSlow) {
      co_await write_slowly(payload);
    } else if (reply_.delivery == Delivery::kEndless) {
      co_await write_for_ever(payload);
    } else if (reply_.delivery == Delivery::kTruncate) {
      co_await write(payload.substr(0, payload.size() / 2));
      error_code ignored;
      socket().shutdown(tcp::socket::shutdown_send, ignored);
    } else {
      // Without lingering, closing sends a reset in place of an orderly end.
      error_code ignored;
      socket().set_option(tcp::socket::linger(true, 0), ignored);
      socket().close(ignored);
    }
  }

  void make_head() {
    const auto reason = http::obsolete_reason(static_cast<http::status>(reply_.status));
    head_.assign("HTTP/1.1 ").append(std::to_string(reply_.status)).append(" ");
    head_.append(reason.data(), reason.size()).append("\r\nContent-Type: ").append(reply_.content_type);
    if (reply_.delivery == Delivery::kEndless) {
      head_.append("\r\nTransfer-Encoding: chunked");
    } else if (!reply_.stream) {
      head_.append("\r\nContent-Length: ").append(std::to_string(reply_.payload().size()));
    } else if (!request_.http_1_0) {
      head_.append("\r\nTransfer-Encoding: chunked");
    }
    if (!keep_alive_) {
      head_.append("\r\nConnection: close");
    } else if (request_.http_1_0) {
      head_.append("\r\nConnection: keep-alive");
    }
    head_.append("\r\n").append(reply_.headers).append("\r\n");
  }

  // Writes what is in head_ and `body` behind it.
  asio::awaitable<void> write(std::string_view body) {
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(head_), asio::buffer(body)};
    sent_ += co_await asio::async_write(stream_, buffers, token());
    last_activity_ = Clock::now();
  }

  asio::awaitable<void> write_slowly(std::string_view body) {
    const std::size_t piece = body.size() / kSlowPieces + 1;
    co_await write(std::string_view());
    head_.clear();
    while (!error_ && !body.empty() && socket().is_open()) {
      timer_.expires_after(connections_.slow_pause);
      co_await timer_.async_wait(token());
      co_await write(body.substr(0, piece));
      body.remove_prefix(std::min(body.size(), piece));
    }
  }

  // The beginning of the answer, then blanks, which JSON allows for, until somebody hangs up.
  asio::awaitable<void> write_for_ever(std::string_view body) {
    body = body.substr(0, body.size() / 2);
    char size[24];
    std::snprintf(size, sizeof size, "%zx\r\n", body.size());
    head_.append(size).append(body).append("\r\n");
    co_await write(std::string_view());
    head_.assign("1\r\n \r\n");
    while (!error_ && socket().is_open()) {
      timer_.expires_after(connections_.slow_pause);
      co_await timer_.async_wait(token());
      co_await write(std::string_view());
    }
  }

  asio::awaitable<void> write_stream() {
    const bool chunked = !request_.http_1_0;
    bool more = true;
    while (more && !error_) {
      reply_.body.clear();
      more = reply_.stream->fill(reply_.body, kStreamPieceBytes);
      if (chunked && reply_.body.size() > 0) {
        char size[24];
        std::snprintf(size, sizeof size, "%zx\r\n", reply_.body.size());
        head_.append(size);
        reply_.body.append("\r\n");
      }
      if (chunked && !more) reply_.body.append("0\r\n\r\n");
      co_await write(reply_.body.view());
      head_.clear();
    }
  }

  Connections& connections_;
  Stream stream_;
  asio::steady_timer timer_;
  boost::beast::flat_buffer input_{kMostBufferedBytes};
  Request request_;
  Reply reply_;
  std::string head_;
  error_code error_;
  std::uint64_t sent_ = 0;
  bool keep_alive_ = true;
  bool idle_ = true;
  Clock::time_point last_activity_;
};

template <class Stream, class... Args>
void start(Connections& connections, Args&&... args) {
  auto session = std::make_shared<Session<Stream>>(connections, std::forward<Args>(args)...);
  const auto executor = session->executor();
  asio::co_spawn(executor, Session<Stream>::run(std::move(session)), [](std::exception_ptr) {
    // Out of memory, most likely: the session is gone and its connection with it; the others go on.
  });
}

}  // namespace

void serve(tcp::socket socket, Connections& connections) {
  start<tcp::socket>(connections, std::move(socket));
}

void serve_tls(tcp::socket socket, asio::ssl::context& tls, Connections& connections) {
  start<TlsStream>(connections, std::move(socket), tls);
}

}  // namespace tenant
