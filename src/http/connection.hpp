#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/task.hpp"
#include "http/client_options.hpp"
#include "http/network_failure.hpp"
#include "http/proxy.hpp"
#include "http/request.hpp"
#include "http/request_log.hpp"
#include "http/tls_context.hpp"
#include "http/url.hpp"
#include "http/watchdog.hpp"

namespace baton::http {

/// Largest block of header fields of a response.
inline constexpr std::size_t kMaxHeaderBytes = 64 * 1024;

/// One request, ready for the wire: views that outlive the exchange.
class WireRequest {
 public:
  WireRequest(std::string_view request_head, std::string_view request_body, bool is_head_request,
              std::uint64_t largest_answer)
      : head(request_head),
        body(request_body),
        head_only(is_head_request),
        max_response_bytes(largest_answer) {}

  /// Request line and fields, with the empty line.
  std::string_view head;
  std::string_view body;
  /// A HEAD request: the response has no body, whatever its fields say.
  bool head_only;
  /// A longer body of the response is a failure.
  std::uint64_t max_response_bytes;
};
static_assert(!std::is_aggregate_v<WireRequest>);

class ResponseParser;

/// One connection to a server, plain or TLS, that carries one HTTP/1.1 exchange after the other. Private to
/// the room; lives on the client's executor.
class Connection final : public Interruptible {
 public:
  /// `tls` is null for a plain connection, `proxy` for a direct one; both outlive this one otherwise.
  Connection(const boost::asio::any_io_executor& executor, TlsContext* tls, const Proxy* proxy,
             const Timeouts& timeouts, ClientCounters& counters);
  ~Connection();

  /// Resolves, connects and shakes hands. Addresses are tried in order, each with its share of the time.
  Task<NetworkFailure> open(const Url& url, Watch& watch);
  bool is_open() const { return open_; }

  /// Sends the request and reads the whole response into `response` (of any status). After a failure the
  /// connection is closed.
  Task<NetworkFailure> exchange(const WireRequest& request, Watch& watch, Response& response);
  /// The same in steps: sends the request and reads the head of the response, which stays where it is until
  /// its body is read, then the body whole, or piece by piece.
  Task<NetworkFailure> begin(const WireRequest& request, Watch& watch, Response& response);
  Task<NetworkFailure> read_body(Watch& watch, Response& response);
  /// Adds some bytes to `response.body`, at most `kMaxHeaderBytes`; `done` when they were the last, or there
  /// were none.
  Task<NetworkFailure> read_piece(Watch& watch, Response& response, bool& done);
  /// How many exchanges have been finished.
  std::size_t exchanges() const { return exchanges_; }

  /// Whether another exchange may follow.
  bool is_reusable() const { return open_ && keep_alive_; }
  /// Looks whether the server has closed an idle connection, or sent what nobody asked for.
  bool is_still_silent();
  std::chrono::steady_clock::time_point idle_since() const { return idle_since_; }

  void interrupt() override { close(); }

 private:
  using ErrorCode = boost::system::error_code;

  Task<NetworkFailure> resolve(const std::string& host, std::uint16_t port, Watch& watch,
                               std::vector<boost::asio::ip::tcp::endpoint>& endpoints);
  /// Asks the proxy for a way through to the URL's host.
  Task<NetworkFailure> tunnel(const Url& url, Watch& watch);
  Task<NetworkFailure> shake_hands(const Url& url, Watch& watch);
  Task<NetworkFailure> write(const WireRequest& request, Watch& watch);
  Task<NetworkFailure> read_head(const WireRequest& request, Watch& watch, Response& response);
  Task<NetworkFailure> read_counted(std::size_t length, Watch& watch, Response& response);
  /// What is at hand, and what the socket gives, through the parser.
  Task<NetworkFailure> parse_more(Watch& watch);
  NetworkFailure malformed(const ErrorCode& why) const;
  NetworkFailure too_large() const;
  /// The exchange is over: the connection is closed or fit for the next.
  NetworkFailure settle(NetworkFailure failure, Watch& watch);
  Task<std::size_t> read_some(char* data, std::size_t room, ErrorCode& error);

  NetworkFailure failure_of(const ErrorCode& error, Watch& watch, bool response_begun) const;
  NetworkFailure stop(Watch& watch) const;
  void close();

  boost::asio::any_io_executor executor_;
  TlsContext* tls_context_;
  const Proxy* proxy_;
  const Timeouts& timeouts_;
  ClientCounters& counters_;
  boost::asio::ip::tcp::socket socket_;
  std::optional<TlsStream> tls_;
  bool open_ = false;
  bool keep_alive_ = false;
  std::size_t exchanges_ = 0;
  std::chrono::steady_clock::time_point idle_since_;

  /// What has been read and not yet understood is `[begin_, end_)` of this block.
  std::unique_ptr<char[]> input_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  /// From the beginning of an exchange to its end.
  std::unique_ptr<ResponseParser> parser_;
  std::uint64_t max_response_bytes_ = 0;
};

}  // namespace baton::http
