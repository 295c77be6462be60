#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "absl/status/statusor.h"
#include "base/clock.hpp"
#include "base/task.hpp"
#include "http/body_stream.hpp"
#include "http/client_options.hpp"
#include "http/json_document.hpp"
#include "http/json_response.hpp"
#include "http/permit.hpp"
#include "http/request.hpp"
#include "http/request_log.hpp"
#include "http/url.hpp"

namespace baton::http {

/// An HTTP/1.1 client for the API of one service: pooled connections, TLS with verification, time limits,
/// repetition of what may be repeated, and a permit before each request.
///
/// Threads: sockets, TLS and the parsing of bodies run on the executor given at construction, which runs one
/// thing at a time (one thread, or a strand). A request may be awaited from a coroutine of any executor and
/// resumes there; from the client's own executor it costs no switch. Requests run concurrently, as many as
/// are awaited and the pool allows. Cancelling the awaiting coroutine (terminal) ends a request at once with
/// Cancelled: its connection is closed, its permit goes back.
///
/// Errors: one line, "GET <redacted url>: <what happened>", with a canonical code and, where known, the facts
/// of `base/error_facts.hpp`: HTTP status, retry-after, rate limit, and whether trying again may help.
///
/// Redirects of GET and HEAD are followed; credentials and cookies stay behind when the host changes, and one
/// from https to http is refused. Tokens (`Credentials::tokens`) are asked for and renewed on the way, by one
/// request for all who wait; a 401 renews the token and sends the request again. Proxies are those of
/// `ClientOptions::proxies`, or of the environment; hosts of this machine are reached directly. Bodies are
/// asked for compressed and come out plain.
class Client {
 public:
  /// InvalidArgument when the base URL is no http or https URL. `permits` and `log` outlive all requests.
  static absl::StatusOr<std::unique_ptr<Client>> create(boost::asio::any_io_executor executor,
                                                        ClientOptions options, PermitSource& permits,
                                                        RequestLog* log = nullptr);
  /// Ends requests in flight with Cancelled. To be called on the client's executor, or when that has stopped.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Sends a request and reads the whole answer. A status outside 200–299 is an error.
  Task<absl::StatusOr<Response>> send(Request request);

  /// The same for an answer that must be JSON; one that is not counts as a failed try.
  Task<absl::StatusOr<JsonDocument>> send_json(Request request);
  Task<absl::StatusOr<JsonDocument>> get_json(std::string target);
  /// `send_json` with the answer's headers and URL, as `http/paging.hpp` wants them.
  Task<absl::StatusOr<JsonResponse>> exchange_json(Request request);
  /// `body` is JSON text. Sent once only, as a POST may change something; for one that does not, `send_json`
  /// with `Request::idempotent`.
  Task<absl::StatusOr<JsonDocument>> post_json(std::string target, std::string body);

  /// Sends a request whose answer, if it is a success, is left to be read by pieces; tries and errors up to
  /// there are those of `send`. To be called on the client's executor. A body of more than `max_bytes` ends
  /// with ResourceExhausted.
  Task<absl::StatusOr<BodyStream>> open(Request request, std::uint64_t max_bytes);

  const Url& base_url() const;
  /// Safe from any thread, for as long as the client lives.
  const ClientCounters& counters() const;

 private:
  friend class BodyStream;
  class Core;
  static Task<absl::StatusOr<BodyStream>> open_with(std::shared_ptr<Core> core, Request request,
                                                    std::uint64_t max_bytes);
  explicit Client(std::shared_ptr<Core> core);

  std::shared_ptr<Core> core_;
};

}  // namespace baton::http
