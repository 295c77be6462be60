#include "actors/call_statistics.hpp"

#include <algorithm>
#include <cstdint>

#include "c1/connector/v2/annotation_ratelimit.pb.h"
#include "c1/connector/v2/annotation_session.pb.h"
#include "sync/annotation.hpp"

namespace baton::actors {
namespace {

namespace v2 = c1::connector::v2;
using std::chrono::milliseconds;

constexpr milliseconds kLongestReport = std::chrono::hours(24);

/// What a connector says of itself, made a figure that can be added up.
std::uint64_t count_of(std::int64_t said) {
  return static_cast<std::uint64_t>(std::clamp<std::int64_t>(said, 0, std::int64_t{1} << 40));
}

milliseconds wait_of(std::int64_t said) {
  return milliseconds(std::clamp<std::int64_t>(said, 0, kLongestReport.count()));
}

}  // namespace

void CallStatistics::add(std::string_view method, std::chrono::nanoseconds duration, bool ok) {
  const std::lock_guard lock(mutex_);
  CallTotals& totals = calls_.try_emplace(std::string(method)).first->second;
  ++totals.count;
  if (!ok) ++totals.failed;
  totals.total += duration;
  totals.longest = std::max(totals.longest, duration);
}

void CallStatistics::read(const google::protobuf::RepeatedPtrField<google::protobuf::Any>& annotations,
                          std::string_view type) {
  for (const google::protobuf::Any& any : annotations) {
    if (sync::is_annotation(any, v2::RateLimitWaitReport::descriptor()->full_name())) {
      v2::RateLimitWaitReport report;
      if (!report.ParseFromString(any.value()) || report.wait_ms() <= 0) continue;
      const std::lock_guard lock(mutex_);
      waits_[std::string(type)] += wait_of(report.wait_ms());
    } else if (sync::is_annotation(any, v2::SessionStoreUsage::descriptor()->full_name())) {
      v2::SessionStoreUsage usage;
      if (!usage.ParseFromString(any.value())) continue;
      const std::lock_guard lock(mutex_);
      for (const v2::SessionStoreUsage::OpStats& op : usage.ops()) {
        if (sessions_.size() >= kSessionOperations && !sessions_.contains(op.op())) continue;
        SessionTotals& totals = sessions_[op.op()];
        totals.count += count_of(op.count());
        totals.errors += count_of(op.errors());
        totals.timeouts += count_of(op.timeouts());
        totals.total += wait_of(op.total_ms());
        totals.longest = std::max<std::chrono::nanoseconds>(totals.longest, wait_of(op.max_ms()));
      }
    }
  }
}

void CallStatistics::copy_to(SyncSummary& summary) const {
  const std::lock_guard lock(mutex_);
  summary.calls_by_method = calls_;
  summary.reported_waits = waits_;
  summary.session_store = sessions_;
}

}  // namespace baton::actors
