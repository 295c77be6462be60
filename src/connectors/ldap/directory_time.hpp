#pragma once

#include <chrono>
#include <optional>
#include <string_view>

/// The ways in which directories write moments. Nothing for a text in another form, and for moments outside
/// the years 1678 to 2261.
namespace baton::connectors::ldap {

/// LDAP's generalised time to the second: `YYYYMMDDhhmmss` and `Z` or an offset such as `+0200`.
std::optional<std::chrono::system_clock::time_point> parse_generalized_time(std::string_view text);

/// Active Directory's file times: units of 100 ns since the year 1601.
std::optional<std::chrono::system_clock::time_point> parse_file_time(std::string_view text);

}  // namespace baton::connectors::ldap
