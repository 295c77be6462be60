#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace baton::http {

/// One request that ended, however it ended. The views live as long as the call that shows them.
class RequestRecord {
 public:
  RequestRecord(std::string_view request_method, std::string_view redacted_url)
      : method(request_method), url(redacted_url) {}

  std::string_view method;
  /// Secret query values are already replaced.
  std::string_view url;
  /// 0 when no response came.
  int status = 0;
  std::uint64_t bytes_received = 0;
  std::chrono::nanoseconds duration{0};
  /// From 1.
  int number_of_try = 1;
  /// What went wrong below HTTP; empty otherwise.
  std::string_view error;
};

/// Where a client tells of each request that it sends, repeated ones and redirects included. Called on the
/// client's executor; must not block.
class RequestLog {
 public:
  virtual ~RequestLog() = default;
  virtual void on_request(const RequestRecord& record) = 0;
};

/// What a client has done so far; read from any thread, each figure by itself exact.
class ClientCounters {
 public:
  /// Requests sent, repeated ones and redirects included.
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> retries{0};
  std::atomic<std::uint64_t> connections_opened{0};
  /// Of those, the ones whose TLS went on with an earlier session.
  std::atomic<std::uint64_t> sessions_resumed{0};
  /// Answers that were at hand: no request was sent, or only to ask whether they are still right.
  std::atomic<std::uint64_t> cache_hits{0};
  std::atomic<std::uint64_t> bytes_sent{0};
  std::atomic<std::uint64_t> bytes_received{0};
  /// Time spent waiting for permits, and between tries, summed over all requests.
  std::atomic<std::uint64_t> permit_wait_ns{0};
  std::atomic<std::uint64_t> retry_wait_ns{0};
};

}  // namespace baton::http
