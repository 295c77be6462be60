#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/status.h>

#include "tenant/counters.hpp"
#include "tenant/directory.hpp"
#include "tenant/faults.hpp"
#include "tenant/gatekeeper.hpp"
#include "tenant/json_buffer.hpp"
#include "tenant/limiter.hpp"
#include "tenant/options.hpp"
#include "tenant/paging.hpp"
#include "tenant/request_log.hpp"
#include "tenant/rows.hpp"
#include "tenant/truth.hpp"

namespace tenant {

/// What of a request matters here. Reused from request to request.
struct Request {
  std::string method;
  std::string target;
  std::string host;           ///< the Host field; empty if there was none
  std::string authorization;  ///< the Authorization field
  std::string api_key;        ///< the X-API-Key field
  std::string body;
  bool keep_alive = true;
  bool http_1_0 = false;

  void clear();
};

/// How an answer is put on the wire.
enum class Delivery { kWhole, kSlow, kEndless, kTruncate, kReset };

/// An answer, ready but for the fields that depend on the connection. Reused from request to request.
struct Reply {
  std::uint64_t sequence = 0;
  int status = 200;
  Route route = Route::kUnknown;
  /// Further header lines, each ended by CRLF.
  std::string headers;
  std::string_view content_type = "application/json";
  JsonBuffer body;
  /// Where set, sent in place of `body`; lives as long as the service.
  std::string_view shared_body;
  /// Where set, a body of unknown length follows what is in `body`.
  std::optional<TruthStream> stream;
  Delivery delivery = Delivery::kWhole;
  /// How long after its arrival the request is answered.
  std::chrono::nanoseconds delay{0};
  std::uint64_t rows = 0;
  std::string_view fault;

  std::string_view payload() const { return shared_body.empty() ? body.view() : shared_body; }
  void clear();
};

/// The tenant without its sockets: turns requests into replies, keeps limits, fault schedule, counters and
/// log. Everything happens on the thread of the caller, one call at a time. Not thread-safe.
class Service {
 public:
  using Clock = std::chrono::steady_clock;

  /// The options must pass check_options. `log` may be one that was not opened.
  Service(const Options& options, RequestLog& log);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Reads the files that the options name. To be called once, before anything else.
  absl::Status prepare(const Options& options) { return gatekeeper_.prepare(options); }
  /// Where clients reach the tenant, for links when a request names no host: "http://127.0.0.1:8080".
  void set_base_url(std::string url) { base_url_ = std::move(url); }

  /// Fills `reply` for a request that arrived at `now`. Every call is followed by one `finish`.
  void handle(const Request& request, Clock::time_point now, Reply& reply);
  /// Books an answer as given, with the bytes that went out for it.
  void finish(const Request& request, const Reply& reply, std::uint64_t bytes);
  /// Fills `reply` for bytes that are no request (400, 413 or 431); nothing is counted, `finish` is not
  /// called.
  static void refuse(int status, std::string_view message, Reply& reply);

  Counters& counters() { return counters_; }
  const Directory& directory() const { return directory_; }

 private:
  void handle_admin(std::string_view method, std::string_view path, std::string_view query, Reply& reply);
  void handle_api(const Request& request, std::string_view path, std::string_view query,
                  Clock::time_point now, Reply& reply);
  void answer_route(const Request& request, std::string_view path, std::string_view query, Reply& reply);
  void answer_owned(std::string_view path, std::string_view query, const Request& request, Reply& reply);
  void answer_page(const Collection& collection, const PrincipalList* list, std::string_view path,
                   std::string_view query, const Request& request, Reply& reply);
  void answer_truth(std::string_view query, Reply& reply);
  void answer_earliest(std::string_view query, Reply& reply);
  void answer_token(const Request& request, Reply& reply);
  void tell_limit(const Limiter::Verdict& verdict, Reply& reply) const;
  void spoil(const Fault& fault, Reply& reply);
  static void fail(int status, std::string_view message, Reply& reply);

  Directory directory_;
  RowWriter rows_;
  Pager pager_;
  FaultSchedule faults_;
  Limiter limiter_;
  RateHeaders rate_headers_;
  std::chrono::nanoseconds rate_window_;
  Gatekeeper gatekeeper_;
  Counters counters_;
  RequestLog& log_;
  std::string base_url_;
  std::string scheme_;
  std::string static_page_;
  std::chrono::nanoseconds latency_;
  std::chrono::nanoseconds jitter_;
  std::uint64_t jitter_key_;
  std::uint64_t sequence_ = 0;
};

}  // namespace tenant
