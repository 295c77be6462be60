#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace baton::http {

/// The canonical code that an HTTP status outside 200–299 stands for (upstream's table, so that exit codes
/// and retry rules agree): 429, 502, 503, 504 and other 5xx are Unavailable, 501 is Unimplemented, 408 is
/// DeadlineExceeded, 400 and other 4xx InvalidArgument, 401, 403, 404, 409 their namesakes, the rest Unknown.
absl::StatusCode status_code_of_http(int status);

/// The usual phrase of a status ("Not Found"); empty for one without.
std::string_view reason_phrase(int status);

}  // namespace baton::http
