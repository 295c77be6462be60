/// Headers about limits, a line each ("Name: value"), Retry-After among them: every reading is within its
/// bounds.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "fuzz/require.hpp"
#include "http/http_date.hpp"
#include "http/rate_limit_headers.hpp"
#include "http/retry.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace baton;
  using std::chrono::milliseconds;
  constexpr std::chrono::system_clock::time_point kNow{std::chrono::seconds(1'787'652'000)};
  constexpr std::chrono::hours kFarthest{24 * 31};
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const int status = size % 3 == 0 ? 429 : size % 3 == 1 ? 200 : 403;
  http::Headers headers;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) headers.add(line.substr(0, colon), line.substr(colon + 1));
    (void)http::parse_http_date(line);
  }
  const http::RateLimitReading reading = http::read_rate_limit(status, headers, kNow);
  fuzz::require(reading.facts.limit >= 0 && reading.facts.remaining >= 0, "figures are no debts");
  if (reading.retry_after) {
    fuzz::require(*reading.retry_after >= milliseconds(0) && *reading.retry_after <= kFarthest,
                  "a wait has bounds");
  }
  if (reading.facts.reset_at) {
    fuzz::require(*reading.facts.reset_at >= kNow &&
                      *reading.facts.reset_at <= kNow + kFarthest + std::chrono::hours(1),
                  "a reset has bounds");
  }
  if (status == 429) fuzz::require(reading.facts.remaining == 0, "a 429 leaves nothing");
  const auto wait = http::requested_wait(status, reading, kNow);
  fuzz::require(!wait || *wait >= milliseconds(0), "a wait is not in the past");
  return 0;
}
