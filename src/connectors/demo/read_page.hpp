#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "http/json.hpp"
#include "http/json_document.hpp"
#include "sdk/page.hpp"

namespace baton::connectors::demo {

/// Reads one page of any list of the service, `{"items": […], …}`: `read_row(JsonObject, Row&)` fills a row
/// from each item.
template <class Row, class ReadRow>
absl::Status read_page(http::JsonDocument& json, sdk::Page<Row>& page, ReadRow read_row) {
  http::JsonObject root = http::json_root(json);
  const absl::Status read = root.for_each(
      "items", [&page, &read_row](http::JsonObject item) { return read_row(std::move(item), page.add()); });
  if (!read.ok()) return read;
  return root.status();
}

}  // namespace baton::connectors::demo
