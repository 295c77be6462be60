#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "actors/expansion_statistics.hpp"

namespace baton::actors {

/// Calls of one method of the connector.
class CallTotals {
 public:
  CallTotals() = default;

  std::uint64_t count = 0;
  std::uint64_t failed = 0;
  std::chrono::nanoseconds total{0};
  std::chrono::nanoseconds longest{0};
};

/// One operation of the session store, as the connector reports it.
class SessionTotals {
 public:
  SessionTotals() = default;

  std::uint64_t count = 0;
  std::uint64_t errors = 0;
  std::uint64_t timeouts = 0;
  std::chrono::nanoseconds total{0};
  std::chrono::nanoseconds longest{0};
};

/// What a sync did, for its end summary.
class SyncSummary {
 public:
  /// Rows and pages of one resource type in one phase.
  class Entry {
   public:
    Entry() = default;
    std::uint64_t rows = 0;
    std::uint64_t pages = 0;
  };

  SyncSummary() = default;

  std::string sync_id;
  /// By (phase, resource type), since the run began.
  std::map<std::pair<std::uint32_t, std::string>, Entry> entries;
  std::uint64_t pages = 0;
  std::uint64_t skipped_invalid = 0;
  std::uint64_t dropped_by_filter = 0;
  std::uint64_t expansions_dropped = 0;

  /// The four durations of this process: collect is from the first request to the last page committed.
  std::chrono::nanoseconds collect{0};
  std::chrono::nanoseconds expand{0};
  std::chrono::nanoseconds export_time{0};
  std::chrono::nanoseconds total{0};
  /// Peak resident size of the process at the end of each step, in bytes.
  std::uint64_t peak_after_collect = 0;
  std::uint64_t peak_after_expand = 0;
  std::uint64_t peak_after_export = 0;

  std::uint64_t calls = 0;
  std::uint64_t retries = 0;
  /// Time that cursors spent waiting to retry, summed over cursors.
  std::chrono::nanoseconds retry_wait{0};
  /// Of this process: calls of the connector by method, waits for rate limits that the connector slept
  /// through by itself, by resource type, and its use of the session store by operation.
  std::map<std::string, CallTotals, std::less<>> calls_by_method;
  std::map<std::string, std::chrono::nanoseconds, std::less<>> reported_waits;
  std::map<std::string, SessionTotals, std::less<>> session_store;

  /// A run of an earlier process went on.
  bool resumed = false;
  std::uint64_t resumed_pages = 0;
  std::uint64_t resumed_cursors_left = 0;
  /// Pages that were in flight when the earlier process ended and are asked for again.
  std::uint64_t asked_again = 0;

  /// Copied from an external sync, and grants made for them.
  std::uint64_t external_resources = 0;
  std::uint64_t external_grants = 0;

  /// All zero when nothing was expanded by this process.
  ExpansionStatistics expansion;

  /// The rows of the artifact.
  std::uint64_t resource_types = 0;
  std::uint64_t resources = 0;
  std::uint64_t entitlements = 0;
  std::uint64_t grants = 0;
  std::uint64_t conflicts = 0;
  std::string path;
  std::uint64_t bytes = 0;
  std::vector<std::string> warnings;
};

/// How a sync ended.
class SyncOutcome {
 public:
  SyncOutcome() = default;

  absl::Status status;
  SyncSummary summary;
  /// The run directory holds work that a next start goes on with.
  bool resumable = false;
  /// What is collected itself is what ended the sync: going on would end the same.
  bool only_restart = false;
};

}  // namespace baton::actors
