#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include <google/protobuf/any.pb.h>
#include <google/protobuf/repeated_ptr_field.h>

#include "actors/sync_summary.hpp"

namespace baton::actors {

/// What the calls of the connector cost in this process, and what it says of itself on its responses: waits
/// for rate limits that it slept through, and its use of the session store. Statistics only: nothing acts on
/// them, and none goes into the artifact, whose bytes do not depend on time. Thread-safe.
class CallStatistics {
 public:
  CallStatistics() = default;

  /// One call, by the name of its method; `ok` is whether it brought an answer.
  void add(std::string_view method, std::chrono::nanoseconds duration, bool ok);

  /// Reads RateLimitWaitReport and SessionStoreUsage among the annotations of a response about `type`, which
  /// may be empty. A wait counts for a day at most, a negative one for none; what cannot be read counts for
  /// nothing.
  void read(const google::protobuf::RepeatedPtrField<google::protobuf::Any>& annotations,
            std::string_view type);

  void copy_to(SyncSummary& summary) const;

 private:
  /// As many operations of the session store are told apart; a connector names them.
  static constexpr std::size_t kSessionOperations = 64;

  mutable std::mutex mutex_;
  std::map<std::string, CallTotals, std::less<>> calls_;
  std::map<std::string, std::chrono::nanoseconds, std::less<>> waits_;
  std::map<std::string, SessionTotals, std::less<>> sessions_;
};

}  // namespace baton::actors
