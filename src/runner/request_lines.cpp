#include "runner/request_lines.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace baton::runner {

RequestLines::RequestLines(std::shared_ptr<Log> log) : log_(std::move(log)) {}

void RequestLines::on_request(const http::RequestRecord& record) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(record.duration).count();
  const LogField method("method", std::string(record.method));
  const LogField url("url", std::string(record.url));
  const LogField took("microseconds", static_cast<std::uint64_t>(us));
  const LogField number("try", static_cast<std::uint64_t>(record.number_of_try));
  if (record.error.empty()) {
    log_->write(LogLevel::kDebug, "http", "answered",
                {method, url, LogField("status", static_cast<std::uint64_t>(record.status)),
                 LogField("bytes", record.bytes_received), took, number});
  } else {
    log_->write(LogLevel::kDebug, "http", "failed",
                {method, url, LogField("error", std::string(record.error)), took, number});
  }
}

}  // namespace baton::runner
