#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <absl/status/status.h>

namespace tenant {

/// One line per answered request, in the order of the answers: sequence number of arrival, method, target,
/// status (000 where the connection was reset instead), and the fault's name if there was one.
/// Lines are collected and written in blocks; `flush` is called often enough that a reader sees them within a
/// tenth of a second. Not thread-safe.
class RequestLog {
 public:
  RequestLog() = default;
  ~RequestLog();
  RequestLog(const RequestLog&) = delete;
  RequestLog& operator=(const RequestLog&) = delete;

  /// Starts writing to `path`, which is replaced. Without this call nothing is kept.
  absl::Status open(const std::string& path);
  bool enabled() const { return file_ >= 0; }
  void add(std::uint64_t sequence, std::string_view method, std::string_view target, int status,
           std::string_view fault);
  void flush();

 private:
  int file_ = -1;
  std::string lines_;
};

}  // namespace tenant
