#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "http/body.hpp"

namespace baton::http {

/// What the body of an error answer says, fit for one line: at most `max_bytes`, white space folded, control
/// characters gone, the values of what looks like a secret replaced.
///
/// Understood are problem+json (RFC 9457: `title`, `detail`), the usual members of JSON errors (`message`,
/// `error_description`, `error`, `errorSummary`, `detail`, `errors`, …, one level deep), the title of an HTML
/// page, and text; of anything else the beginning is shown in quotes. Empty for an empty body.
std::string error_message_of(std::string_view content_type, const Body& body, std::size_t max_bytes);

}  // namespace baton::http
