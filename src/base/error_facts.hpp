#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/clock.hpp"

/// Facts that travel with an error, as payloads of an `absl::Status` behind typed accessors.
///
/// A setter on an OK status does nothing (absl keeps no payloads there). A getter answers nothing when the
/// fact is absent or unreadable. Messages are for people, these are for retry rules.
namespace baton {

/// How long to wait before the same request may be tried again.
void set_retry_after(absl::Status& status, std::chrono::milliseconds wait);
std::optional<std::chrono::milliseconds> retry_after(const absl::Status& status);

/// The moment from which it may be tried again; millisecond precision.
void set_retry_at(absl::Status& status, std::chrono::system_clock::time_point moment);
std::optional<std::chrono::system_clock::time_point> retry_at(const absl::Status& status);

/// The status code of the HTTP response that the error stands for.
void set_http_status(absl::Status& status, int code);
std::optional<int> http_status(const absl::Status& status);

/// The verdict "would trying again help?", stored once, at the edge that knows.
void set_retryable(absl::Status& status, bool verdict);
std::optional<bool> retryable(const absl::Status& status);

/// What a service said about its budget; the facts of c1.connector.v2.RateLimitDescription.
class RateLimitFacts {
 public:
  /// Numbers are those of the wire enums; `kEmpty` exists in c1.ratelimit.v1 only.
  enum class State : int { kUnspecified = 0, kOk = 1, kOverLimit = 2, kError = 3, kEmpty = 4 };

  RateLimitFacts() = default;
  friend bool operator==(const RateLimitFacts&, const RateLimitFacts&) = default;

  State state = State::kUnspecified;
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  /// When the budget is full again; millisecond precision when carried by a status.
  std::optional<std::chrono::system_clock::time_point> reset_at;
};
void set_rate_limit(absl::Status& status, const RateLimitFacts& facts);
std::optional<RateLimitFacts> rate_limit(const absl::Status& status);

/// The resource (or, with an empty id, the resource type) that the failed request was about.
class SubjectResource {
 public:
  SubjectResource() = default;
  SubjectResource(std::string_view type, std::string_view resource_id) : type_id(type), id(resource_id) {}
  friend bool operator==(const SubjectResource&, const SubjectResource&) = default;

  std::string type_id;
  std::string id;
};
void set_subject(absl::Status& status, const SubjectResource& subject);
std::optional<SubjectResource> subject(const absl::Status& status);

/// The wait that a failed request's facts ask for: `retry_after`, else the time to `retry_at`, else the time
/// to the rate limit's reset; never negative. Nothing when no fact says so.
std::optional<std::chrono::milliseconds> requested_wait(const absl::Status& status, const Clock& clock);

/// The same error with `<context>: ` in front of its message; code and payloads stay. OK stays OK.
absl::Status annotate(const absl::Status& status, std::string_view context);

}  // namespace baton
