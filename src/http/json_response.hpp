#pragma once

#include <type_traits>
#include <utility>

#include "http/headers.hpp"
#include "http/json_document.hpp"
#include "http/url.hpp"

namespace baton::http {

/// A complete answer that is JSON, with what a paging scheme may want to know of it.
class JsonResponse {
 public:
  JsonResponse(Url answering_url, Headers response_headers, JsonDocument json)
      : url(std::move(answering_url)), headers(std::move(response_headers)), document(std::move(json)) {}

  /// Where it came from, after redirects.
  Url url;
  Headers headers;
  JsonDocument document;
};
static_assert(!std::is_aggregate_v<JsonResponse>);

}  // namespace baton::http
