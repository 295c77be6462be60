#include "cli/sync_output.hpp"

namespace baton::cli {

google::protobuf::Timestamp timestamp(absl::Time time) {
  google::protobuf::Timestamp message;
  const std::int64_t seconds = absl::ToUnixSeconds(time);
  message.set_seconds(seconds);
  message.set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return message;
}

}  // namespace baton::cli
