#pragma once

#include <memory>

#include "base/log.hpp"
#include "http/request_log.hpp"

namespace baton::runner {

/// Every request of the HTTP clients as a debug line: method, redacted URL, status or error, bytes, time, and
/// which try it was from the second on.
class RequestLines final : public http::RequestLog {
 public:
  explicit RequestLines(std::shared_ptr<Log> log);

  void on_request(const http::RequestRecord& record) override;

 private:
  std::shared_ptr<Log> log_;
};

}  // namespace baton::runner
