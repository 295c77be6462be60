#include "connectors/demo/api.hpp"

#include <utility>

#include "http/url.hpp"

namespace baton::connectors::demo {

Task<absl::Status> Api::ping() {
  const absl::StatusOr<http::JsonDocument> answer = co_await client_->get_json("v1/ping");
  co_return answer.status();
}

Task<absl::StatusOr<http::JsonDocument>> Api::page(std::string path, std::string cursor) {
  if (!cursor.empty()) path += "?cursor=" + http::percent_encode(cursor);
  http::Request request(http::Method::kGet, std::move(path));
  request.goes_on = !cursor.empty();
  co_return co_await client_->send_json(std::move(request));
}

}  // namespace baton::connectors::demo
