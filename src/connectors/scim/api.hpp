#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/log.hpp"
#include "base/task.hpp"
#include "http/client.hpp"
#include "http/json_document.hpp"

namespace baton::connectors::scim {

/// What to read, and which of its attributes.
class Query {
 public:
  /// `projection` is empty for everything, or `attributes=…` or `excludedAttributes=…` (RFC 7644 §3.9).
  Query(std::string resource_path, std::string attributes)
      : path(std::move(resource_path)), projection(std::move(attributes)) {}

  std::string path;
  std::string projection;
};
static_assert(!std::is_aggregate_v<Query>);

/// The service's API, RFC 7644: JSON resources and lists of them.
///
/// A service that refuses a projection (400 or 501) is asked without it, from then on at once.
class Api {
 public:
  /// `page_size` is the `count` to ask for. `log` outlives the API.
  Api(std::unique_ptr<http::Client> client, std::uint64_t page_size, Log& log)
      : client_(std::move(client)), page_size_(page_size), log_(log) {}

  /// Whether the service is there and takes our credentials.
  Task<absl::Status> ping();

  /// One resource, such as `Groups/42`.
  Task<absl::StatusOr<http::JsonDocument>> get(Query query);

  /// `count` resources of a list from the 1-based `start` on; what the service makes of that is up to the
  /// caller to find out.
  Task<absl::StatusOr<http::JsonDocument>> list(Query query, std::uint64_t start, std::uint64_t count);

  std::uint64_t page_size() const { return page_size_; }
  Log& log() { return log_; }
  const http::ClientCounters& counters() const { return client_->counters(); }

 private:
  Task<absl::StatusOr<http::JsonDocument>> ask(std::string path, std::string parameters,
                                               std::string projection, bool goes_on);
  /// `goes_on` as in `http::Request`.
  Task<absl::StatusOr<http::JsonDocument>> send(std::string target, bool goes_on);

  std::unique_ptr<http::Client> client_;
  std::uint64_t page_size_;
  Log& log_;
  /// Projections that the service does not take.
  std::set<std::string> refused_;
};

}  // namespace baton::connectors::scim
