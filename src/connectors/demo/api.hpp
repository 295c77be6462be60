#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/task.hpp"
#include "http/client.hpp"
#include "http/json_document.hpp"

namespace baton::connectors::demo {

/// The service's API: JSON lists that are walked with a cursor.
class Api {
 public:
  explicit Api(std::unique_ptr<http::Client> client) : client_(std::move(client)) {}

  /// Whether the service is there and takes our token.
  Task<absl::Status> ping();

  /// One page of the list at `path`; `cursor` is empty for the first.
  Task<absl::StatusOr<http::JsonDocument>> page(std::string path, std::string cursor);

  const http::ClientCounters& counters() const { return client_->counters(); }

 private:
  std::unique_ptr<http::Client> client_;
};

}  // namespace baton::connectors::demo
