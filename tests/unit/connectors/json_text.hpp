#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "http/body.hpp"
#include "http/json_document.hpp"

namespace baton::connectors {

/// A JSON answer as the client would hand it over.
inline absl::StatusOr<http::JsonDocument> answer(std::string_view text) {
  static const auto pool = http::JsonPool::create();
  http::Body body;
  if (!body.append(text)) return absl::ResourceExhaustedError("no memory");
  body.seal();
  return pool->parse(std::move(body), "GET http://directory/list");
}

}  // namespace baton::connectors
