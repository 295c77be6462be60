#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "actors/limiter.hpp"
#include "actors/sync_summary.hpp"
#include "http/request_log.hpp"

namespace baton::runner {

/// What the HTTP clients of a connector did, together.
class RequestTotals {
 public:
  RequestTotals() = default;

  void add(const http::ClientCounters& counters);

  std::uint64_t requests = 0;
  std::uint64_t retries = 0;
  std::uint64_t connections = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  /// Summed over requests, which wait side by side.
  std::chrono::nanoseconds permit_wait{0};
  std::chrono::nanoseconds retry_wait{0};
  /// By limit key.
  std::vector<actors::LimitUse> limits;
};

/// The end summary for people: several lines of plain text. Lines that would only say zero are left out.
std::string summary_text(const actors::SyncOutcome& outcome, const RequestTotals& requests);

}  // namespace baton::runner
