#include "http/request.hpp"

#include <utility>

#include "http/url.hpp"

namespace baton::http {

std::string_view method_name(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kHead:
      return "HEAD";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
    case Method::kPatch:
      return "PATCH";
    case Method::kDelete:
      return "DELETE";
    case Method::kOptions:
      return "OPTIONS";
  }
  return "GET";
}

Request::Request(Method request_method, std::string request_target)
    : method(request_method), target(std::move(request_target)) {}

Request& Request::header(std::string_view name, std::string_view value) {
  headers.add(name, value);
  return *this;
}

Request& Request::json(std::string text) {
  return content("application/json", std::move(text));
}

Request& Request::form(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    if (!text.empty()) text += '&';
    text += percent_encode(name) + "=" + percent_encode(value);
  }
  return content("application/x-www-form-urlencoded", std::move(text));
}

Request& Request::content(std::string_view type, std::string bytes) {
  body = std::move(bytes);
  if (!headers.find("Content-Type")) headers.add("Content-Type", type);
  return *this;
}

bool Request::is_idempotent() const {
  if (idempotent) return *idempotent;
  if (method == Method::kGet || method == Method::kHead || method == Method::kOptions) return true;
  return headers.find("Idempotency-Key").has_value() || headers.find("X-Idempotency-Key").has_value();
}

}  // namespace baton::http
