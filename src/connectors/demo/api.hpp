#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/task.hpp"
#include "http/client.hpp"
#include "http/json_document.hpp"
#include "http/paging.hpp"

namespace baton::connectors::demo {

/// The service's API: JSON lists that are walked page by page.
class Api {
 public:
  Api(std::unique_ptr<http::Client> client, http::Paging paging)
      : client_(std::move(client)), paging_(std::move(paging)) {}

  /// Whether the service is there and takes our token.
  Task<absl::Status> ping();

  /// One page of a list.
  class ListPage {
   public:
    ListPage(http::JsonDocument page_json, http::Continuation continuation)
        : json(std::move(page_json)), next(std::move(continuation)) {}
    http::JsonDocument json;
    http::Continuation next;
  };
  static_assert(!std::is_aggregate_v<ListPage>);

  /// One page of the list at `path`; `token` is empty for the first.
  Task<absl::StatusOr<ListPage>> page(std::string path, std::string token);

  const http::ClientCounters& counters() const { return client_->counters(); }

 private:
  std::unique_ptr<http::Client> client_;
  http::Paging paging_;
};

}  // namespace baton::connectors::demo
