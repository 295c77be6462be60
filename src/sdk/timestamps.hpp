#pragma once

#include <chrono>
#include <string_view>

#include <google/protobuf/timestamp.pb.h>

#include "absl/status/statusor.h"

namespace baton::sdk {

/// Writes a moment into the protobuf form (whole seconds rounded down, nanoseconds never negative).
void set_timestamp(google::protobuf::Timestamp& timestamp, std::chrono::system_clock::time_point moment);

/// Reads the form that most APIs use for moments, RFC 3339: `2026-08-25T10:00:00Z`, with an optional fraction
/// and either `Z` or an offset such as `+02:00`. InvalidArgument for anything else and for years outside 1678
/// to 2261.
absl::StatusOr<std::chrono::system_clock::time_point> parse_rfc3339(std::string_view text);

}  // namespace baton::sdk
