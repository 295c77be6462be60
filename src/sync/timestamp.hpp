#pragma once

#include <chrono>
#include <cstdint>

#include <google/protobuf/timestamp.pb.h>

namespace baton::sync {

/// A moment as durable records hold it, to the nanosecond.
google::protobuf::Timestamp to_timestamp(std::chrono::system_clock::time_point moment);

std::chrono::system_clock::time_point from_timestamp(const google::protobuf::Timestamp& timestamp);

/// Nanoseconds since the Unix epoch.
std::int64_t nanoseconds_of(const google::protobuf::Timestamp& timestamp);
std::int64_t nanoseconds_of(std::chrono::system_clock::time_point moment);

}  // namespace baton::sync
