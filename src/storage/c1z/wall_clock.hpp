#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

/// Instants as v1 files hold them: `YYYY-MM-DD HH:MM:SS[.fffffffff]`, the writer's wall clock without a zone,
/// the fraction without trailing zeros and left out when zero.
namespace baton::c1z {

/// Formats instants. Keeps the last one's text, as rows of one page share it. Not thread-safe.
class WallClockText {
 public:
  explicit WallClockText(absl::TimeZone zone) : zone_(zone) {}

  /// `unix_nanos` are nanoseconds since the Unix epoch. The view is valid until the next call.
  std::string_view format(std::int64_t unix_nanos);

 private:
  absl::TimeZone zone_;
  std::int64_t last_ = INT64_MIN;
  std::int64_t second_ = INT64_MIN;
  std::string text_;
};

/// Reads every form that upstream's driver accepts: blank or `T` between date and time, a fraction of any
/// length (digits beyond nanoseconds are cut off), no time or no seconds, `Z`, an offset `±hh:mm`, and the Go
/// form with an offset and a zone's name. Text without a zone counts as UTC. InvalidArgument for anything
/// else.
absl::StatusOr<absl::Time> parse_wall_clock(std::string_view text);

}  // namespace baton::c1z
