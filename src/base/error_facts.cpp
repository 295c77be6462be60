#include "base/error_facts.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "base/tuple_key.hpp"

namespace baton {
namespace {

using Millis = std::chrono::milliseconds;
using WallTime = std::chrono::system_clock::time_point;

// Payload keys. They are ours alone and never leave the process; the gRPC edge translates.
constexpr char kRetryAfter[] = "baton/retry_after_ms";
constexpr char kRetryAt[] = "baton/retry_at_unix_ms";
constexpr char kHttpStatus[] = "baton/http_status";
constexpr char kRetryable[] = "baton/retryable";
constexpr char kRateLimit[] = "baton/rate_limit";
constexpr char kSubject[] = "baton/subject";

void set_number(absl::Status& status, const char* key, std::int64_t value) {
  status.SetPayload(key, absl::Cord(absl::StrCat(value)));
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::string> text_of(const absl::Status& status, const char* key) {
  const auto payload = status.GetPayload(key);
  if (!payload.has_value()) return std::nullopt;
  return std::string(*payload);
}

std::optional<std::int64_t> number_of(const absl::Status& status, const char* key) {
  const std::optional<std::string> text = text_of(status, key);
  return text ? parse_number(*text) : std::nullopt;
}

std::int64_t unix_millis(WallTime moment) {
  return std::chrono::duration_cast<Millis>(moment.time_since_epoch()).count();
}

WallTime from_unix_millis(std::int64_t millis) {
  return WallTime(Millis(millis));
}

}  // namespace

void set_retry_after(absl::Status& status, Millis wait) {
  set_number(status, kRetryAfter, wait.count());
}

std::optional<Millis> retry_after(const absl::Status& status) {
  const auto number = number_of(status, kRetryAfter);
  return number ? std::optional(Millis(*number)) : std::nullopt;
}

void set_retry_at(absl::Status& status, WallTime moment) {
  set_number(status, kRetryAt, unix_millis(moment));
}

std::optional<WallTime> retry_at(const absl::Status& status) {
  const auto number = number_of(status, kRetryAt);
  return number ? std::optional(from_unix_millis(*number)) : std::nullopt;
}

void set_http_status(absl::Status& status, int code) {
  set_number(status, kHttpStatus, code);
}

std::optional<int> http_status(const absl::Status& status) {
  const auto number = number_of(status, kHttpStatus);
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

void set_retryable(absl::Status& status, bool verdict) {
  set_number(status, kRetryable, verdict ? 1 : 0);
}

std::optional<bool> retryable(const absl::Status& status) {
  const auto number = number_of(status, kRetryable);
  return number ? std::optional(*number != 0) : std::nullopt;
}

void set_rate_limit(absl::Status& status, const RateLimitFacts& facts) {
  std::string tuple;
  append_tuple(tuple, absl::StrCat(static_cast<int>(facts.state)), absl::StrCat(facts.limit),
               absl::StrCat(facts.remaining),
               facts.reset_at ? absl::StrCat(unix_millis(*facts.reset_at)) : std::string());
  status.SetPayload(kRateLimit, absl::Cord(tuple));
}

std::optional<RateLimitFacts> rate_limit(const absl::Status& status) {
  const std::optional<std::string> text = text_of(status, kRateLimit);
  if (!text) return std::nullopt;
  const absl::StatusOr<std::vector<std::string>> parts = split_tuple(*text);
  if (!parts.ok() || parts->size() != 4) return std::nullopt;
  const auto state = parse_number((*parts)[0]);
  const auto limit = parse_number((*parts)[1]);
  const auto remaining = parse_number((*parts)[2]);
  if (!state || !limit || !remaining) return std::nullopt;
  RateLimitFacts facts;
  facts.state = static_cast<RateLimitFacts::State>(*state);
  facts.limit = *limit;
  facts.remaining = *remaining;
  if (const auto reset = parse_number((*parts)[3])) facts.reset_at = from_unix_millis(*reset);
  return facts;
}

void set_subject(absl::Status& status, const SubjectResource& subject) {
  std::string tuple;
  append_tuple(tuple, subject.type_id, subject.id);
  status.SetPayload(kSubject, absl::Cord(tuple));
}

std::optional<SubjectResource> subject(const absl::Status& status) {
  const std::optional<std::string> text = text_of(status, kSubject);
  if (!text) return std::nullopt;
  const absl::StatusOr<std::vector<std::string>> parts = split_tuple(*text);
  if (!parts.ok() || parts->size() != 2) return std::nullopt;
  return SubjectResource((*parts)[0], (*parts)[1]);
}

std::optional<Millis> requested_wait(const absl::Status& status, const Clock& clock) {
  if (const auto wait = retry_after(status)) return std::max(*wait, Millis::zero());
  std::optional<WallTime> moment = retry_at(status);
  if (!moment) {
    const auto facts = rate_limit(status);
    if (facts) moment = facts->reset_at;
  }
  if (!moment) return std::nullopt;
  return std::max(std::chrono::ceil<Millis>(*moment - clock.now()), Millis::zero());
}

absl::Status annotate(const absl::Status& status, std::string_view context) {
  if (status.ok()) return status;
  absl::Status annotated(
      status.code(), absl::StrCat(absl::string_view(context.data(), context.size()), ": ", status.message()));
  status.ForEachPayload(
      [&annotated](absl::string_view key, const absl::Cord& payload) { annotated.SetPayload(key, payload); });
  return annotated;
}

}  // namespace baton
