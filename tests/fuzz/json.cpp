/// JSON answers: every value of a document, read as everything that it could be.
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "fuzz/require.hpp"
#include "http/json.hpp"

namespace {

using namespace baton;

absl::Status walk(const http::JsonValue& value) {
  fuzz::require(!value.raw().empty(), "a value has a text");
  if (value.is_object()) {
    return value.object().for_each_member(
        [](std::string_view, const http::JsonValue& member) { return walk(member); });
  }
  if (value.is_array()) return value.for_each([](const http::JsonValue& element) { return walk(element); });
  if (value.is_string()) {
    fuzz::require(value.string() == value.id(), "a string is an id as it is");
  } else if (value.is_number()) {
    (void)value.number();
  } else if (value.is_boolean()) {
    (void)value.boolean();
  }
  return absl::OkStatus();
}

http::Body copy(std::string_view text) {
  http::Body body;
  fuzz::require(body.append(text), "there is memory");
  return body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<http::JsonPool> kPool = http::JsonPool::create();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  absl::StatusOr<http::JsonDocument> document = kPool->parse(copy(text), "GET /");
  if (!document.ok()) {
    fuzz::require(absl::IsInternal(document.status()), "what is no JSON is the service's fault");
    return 0;
  }
  if (const absl::Status status = walk(http::json_root_value(*document)); !status.ok()) return 0;

  // As a connector reads it, with members that may be missing or of another kind: one error sticks.
  absl::StatusOr<http::JsonDocument> second = kPool->parse(copy(text), "GET /");
  fuzz::require(second.ok(), "parsing has no memory");
  http::JsonObject root = http::json_root(*second);
  const absl::Status read = root.for_each_if_any("items", [](http::JsonObject item) {
    (void)item.id("id");
    (void)item.string_or("name", "none");
    (void)item.integer_or("size", 0);
    (void)item.boolean_or("ok", false);
  });
  fuzz::require(read == root.status(), "the first error is kept");
  return 0;
}
