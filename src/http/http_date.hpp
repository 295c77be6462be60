#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace baton::http {

/// Reads a moment in one of the forms that services put into headers: IMF-fixdate
/// ("Tue, 25 Aug 2026 10:00:00 GMT"), RFC 850 ("Tuesday, 25-Aug-26 10:00:00 GMT"), asctime
/// ("Tue Aug 25 10:00:00 2026") and RFC 3339 ("2026-08-25T10:00:00.5+02:00").
///
/// The name of the weekday is not checked. Two-digit years mean 1970 to 2069. Nothing for any other text and
/// for moments before 1970 or after 2200.
std::optional<std::chrono::system_clock::time_point> parse_http_date(std::string_view text);

}  // namespace baton::http
