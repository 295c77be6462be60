#include "connectors/demo/api.hpp"

#include <utility>

#include "http/request.hpp"

namespace baton::connectors::demo {

Task<absl::Status> Api::ping() {
  const absl::StatusOr<http::JsonDocument> answer = co_await client_->get_json("v1/ping");
  co_return answer.status();
}

Task<absl::StatusOr<Api::ListPage>> Api::page(std::string path, std::string token) {
  absl::StatusOr<http::Request> request = paging_.request(path, token);
  if (!request.ok()) co_return request.status();
  absl::StatusOr<http::JsonResponse> answer = co_await client_->exchange_json(*std::move(request));
  if (!answer.ok()) co_return answer.status();
  absl::StatusOr<http::Continuation> next = paging_.next(token, *answer);
  if (!next.ok()) co_return next.status();
  co_return ListPage(std::move(answer->document), *std::move(next));
}

}  // namespace baton::connectors::demo
