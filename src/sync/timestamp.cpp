#include "sync/timestamp.hpp"

namespace baton::sync {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

}  // namespace

google::protobuf::Timestamp to_timestamp(std::chrono::system_clock::time_point moment) {
  const std::int64_t ns = nanoseconds_of(moment);
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(ns / kNanosPerSecond);
  timestamp.set_nanos(static_cast<std::int32_t>(ns % kNanosPerSecond));
  return timestamp;
}

std::chrono::system_clock::time_point from_timestamp(const google::protobuf::Timestamp& timestamp) {
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(
          std::chrono::nanoseconds(nanoseconds_of(timestamp))));
}

std::int64_t nanoseconds_of(const google::protobuf::Timestamp& timestamp) {
  return timestamp.seconds() * kNanosPerSecond + timestamp.nanos();
}

std::int64_t nanoseconds_of(std::chrono::system_clock::time_point moment) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(moment.time_since_epoch()).count();
}

}  // namespace baton::sync
