#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "runner/console.hpp"

namespace baton::runner {

class LogOptions {
 public:
  LogOptions() = default;

  LogLevel level = LogLevel::kInfo;
  bool json = false;
  /// Files that get all lines, created readable for their owner only and appended to; "stderr" is the
  /// console. None: the console.
  std::vector<std::string> paths;
};

/// The log of the process. `console` and `clock` outlive it. Unknown, naming the file, when one cannot be
/// opened. A line that cannot be written later is lost.
absl::StatusOr<std::shared_ptr<Log>> open_log(const LogOptions& options, Console& console,
                                              const Clock& clock);

}  // namespace baton::runner
