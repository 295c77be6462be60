#include "connectors/scim/api.hpp"

#include "base/error_facts.hpp"
#include "http/request.hpp"

namespace baton::connectors::scim {
namespace {

std::string with_query(std::string target, std::string_view parameters) {
  if (parameters.empty()) return target;
  target += target.find('?') == std::string::npos ? '?' : '&';
  return target.append(parameters);
}

/// Whether the service may have meant the projection: it does not understand the request, or not implement
/// it.
bool is_refusal(const absl::Status& status) {
  const int code = http_status(status).value_or(0);
  return code == 400 || code == 501;
}

}  // namespace

Task<absl::Status> Api::ping() {
  const absl::StatusOr<http::JsonDocument> answer = co_await send("Users?startIndex=1&count=1", false);
  co_return answer.status();
}

Task<absl::StatusOr<http::JsonDocument>> Api::get(Query query) {
  co_return co_await ask(std::move(query.path), "", std::move(query.projection), false);
}

Task<absl::StatusOr<http::JsonDocument>> Api::list(Query query, std::uint64_t start, std::uint64_t count) {
  std::string parameters = "startIndex=" + std::to_string(start) + "&count=" + std::to_string(count);
  co_return co_await ask(std::move(query.path), std::move(parameters), std::move(query.projection),
                         start > 1);
}

Task<absl::StatusOr<http::JsonDocument>> Api::ask(std::string path, std::string parameters,
                                                  std::string projection, bool goes_on) {
  const std::string plain = with_query(std::move(path), parameters);
  if (projection.empty() || refused_.contains(projection)) co_return co_await send(plain, goes_on);
  absl::StatusOr<http::JsonDocument> answer = co_await send(with_query(plain, projection), goes_on);
  if (answer.ok() || !is_refusal(answer.status())) co_return answer;
  absl::StatusOr<http::JsonDocument> whole = co_await send(plain, true);
  if (!whole.ok()) co_return answer;
  if (refused_.insert(projection).second) {
    log_.write(LogLevel::kInfo, "scim", "the service takes no such selection of attributes; asking for all",
               {{"selection", projection}});
  }
  co_return whole;
}

Task<absl::StatusOr<http::JsonDocument>> Api::send(std::string target, bool goes_on) {
  http::Request request(http::Method::kGet, std::move(target));
  request.goes_on = goes_on;
  request.header("Accept", "application/scim+json, application/json;q=0.9");
  co_return co_await client_->send_json(std::move(request));
}

}  // namespace baton::connectors::scim
