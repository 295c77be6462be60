#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Keeping secrets and unprintable bytes out of logs and errors.
namespace baton {

/// What stands where a secret was.
inline constexpr std::string_view kRedacted = "REDACTED";

/// Whether the value of this HTTP header may not be shown (names that contain auth, cookie, api-key, token,
/// ...).
bool is_secret_header(std::string_view name);

/// Whether the value of this query parameter or form field may not be shown (names that contain token, key,
/// secret, password, code, ...).
bool is_secret_parameter(std::string_view name);

/// `value`, or `REDACTED` when the header is a secret one. The result views `value` or static storage.
std::string_view redact_header(std::string_view name, std::string_view value);

/// A URL fit to be shown: user info and the values of secret query parameters are replaced, the rest stays.
/// Works on any text, valid URL or not.
std::string redact_url(std::string_view url);

/// `text` with the values of what looks like a secret replaced: what follows a secret name and `=` or `:` (as
/// in forms, headers and JSON), and what follows `Bearer` or `Basic`. Meant for foreign texts that are shown.
std::string redact_text(std::string_view text);

/// A foreign text fit for one log line: control characters and broken UTF-8 removed, runs of white space
/// become one space, and at most `max_bytes` kept (a cut text ends in "...").
std::string scrub(std::string_view text, std::size_t max_bytes);

}  // namespace baton
