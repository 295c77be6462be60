#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace baton {

/// Reads a duration as people type it: numbers with units, largest first or not, such as "50ms", "10s",
/// "1.5h", "1h30m"; units are ns, us, ms, s, m, h and d, and a bare "0" needs none. Fractions of a
/// millisecond are cut. InvalidArgument for anything else, for negative values and for more than 100 years.
absl::StatusOr<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace baton
