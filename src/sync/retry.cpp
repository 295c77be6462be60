#include "sync/retry.hpp"

#include <algorithm>

#include "base/error_facts.hpp"
#include "sync/allowance.hpp"

namespace baton::sync {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kStep{1000};
constexpr milliseconds kLongestBackoff{60'000};
constexpr milliseconds kValidateStep{200};

/// Between one half and the whole of `wait`, so that cursors that failed together do not return together.
milliseconds jittered(milliseconds wait, Entropy& entropy) {
  const auto half = static_cast<std::uint64_t>(wait.count()) / 2;
  return milliseconds(static_cast<std::int64_t>(half + entropy.next64() % (half + 1)));
}

}  // namespace

Verdict judge(const absl::Status& error, Operation operation) {
  switch (error.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      // The edge knows best: an unverifiable certificate stays unverifiable.
      return retryable(error).value_or(true) ? Verdict::kRetry : Verdict::kFatal;
    case absl::StatusCode::kResourceExhausted: {
      const auto limit = rate_limit(error);
      const bool ends = retry_after(error) || retry_at(error) || (limit && limit->reset_at);
      return ends ? Verdict::kRetry : Verdict::kFatal;
    }
    case absl::StatusCode::kNotFound:
      return operation == Operation::kListResources || operation == Operation::kListStaticEntitlements ||
                     operation == Operation::kListEntitlements || operation == Operation::kListGrants
                 ? Verdict::kDrop
                 : Verdict::kFatal;
    default:
      return Verdict::kFatal;
  }
}

Verdict judge(const absl::Status& error, const Cursor& cursor, const SyncOptions& options) {
  const Verdict verdict = judge(error, list_read_by(cursor));
  const bool whole_type = cursor.resource_id().empty() && cursor.parent_id().empty();
  return verdict == Verdict::kDrop && whole_type && options.require_all_types ? Verdict::kFatal : verdict;
}

milliseconds retry_wait(const absl::Status& error, std::uint32_t attempt, const Clock& clock,
                        Entropy& entropy) {
  if (const auto asked = requested_wait(error, clock); asked && asked->count() > 0) {
    // A little later than asked: a service's clock and ours differ.
    return std::min<milliseconds>(*asked, kLongestHold) + jittered(kStep / 4, entropy);
  }
  return jittered(std::min(kStep * std::max<std::uint32_t>(attempt, 1), kLongestBackoff), entropy);
}

milliseconds validate_wait(std::uint32_t attempt, Entropy& entropy) {
  return jittered(kValidateStep * (1u << std::min<std::uint32_t>(attempt, 10)), entropy);
}

}  // namespace baton::sync
