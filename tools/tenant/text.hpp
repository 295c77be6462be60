#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenant {

/// `text` as the inside of a JSON string (RFC 8259 §7): quotes, backslashes and control characters escaped,
/// other bytes as they are. The result is between the quotes, which the caller writes.
std::string json_escape(std::string_view text);

/// A decimal number without sign or spaces, or nothing if `text` is anything else or too large.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// A duration such as "50ms", "1.5s" or a bare number, which counts in `bare_unit`.
/// Nothing for anything else, for negative values and for more than a day.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text,
                                                       std::chrono::nanoseconds bare_unit);

}  // namespace tenant
