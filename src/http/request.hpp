#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "http/body.hpp"
#include "http/headers.hpp"

namespace baton::http {

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };

std::string_view method_name(Method method);

/// What to ask for.
class Request {
 public:
  /// `target` is absolute, or is appended to the client's base URL (`Url::append`). Encode values that go
  /// into it with `percent_encode`.
  Request(Method request_method, std::string request_target);

  /// Adds a field. Replaces what the client would send by itself (`Accept`, `User-Agent`, `Authorization`).
  Request& header(std::string_view name, std::string_view value);
  /// Sets the body, and its `Content-Type` unless that is already there.
  Request& json(std::string text);
  Request& form(const std::vector<std::pair<std::string, std::string>>& fields);
  Request& content(std::string_view type, std::string bytes);

  /// Whether sending twice does no more than sending once: GET, HEAD and OPTIONS, anything with an
  /// `Idempotency-Key` or `X-Idempotency-Key`, and what the caller declares. Only such a request is repeated
  /// after it may have reached the server.
  bool is_idempotent() const;

  Method method;
  std::string target;
  Headers headers;
  std::string body;
  /// The caller's word on `is_idempotent`, for example for a POST that only searches.
  std::optional<bool> idempotent;
  /// Sent without the client's credentials.
  bool anonymous = false;
  /// By then the answer must be there, further tries included; what is left bounds every try and every wait.
  std::optional<std::chrono::steady_clock::time_point> deadline;
  /// The request goes on with something begun, such as the next page of a list: where permits are short it
  /// comes before those that begin. Another try always does.
  bool goes_on = false;
  /// Do not use a kept answer without asking the service whether it is still right (`If-None-Match`).
  bool revalidate = false;
  /// Names the budget this request draws on; empty means the client's default.
  std::string limit_key;
};
static_assert(!std::is_aggregate_v<Request>);

/// A complete answer with a status of 200 to 299.
class Response {
 public:
  Response() = default;

  int status = 0;
  Headers headers;
  Body body;
};
static_assert(!std::is_aggregate_v<Response>);

}  // namespace baton::http
