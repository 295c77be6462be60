#include "connectors/scim/attributes.hpp"

#include <string>

#include "http/headers.hpp"
#include "sdk/timestamps.hpp"

namespace baton::connectors::scim {

std::string_view text_of(const http::JsonValue& value) {
  if (value.is_string()) return value.string();
  return value.is_number() ? value.raw() : std::string_view();
}

std::string_view text_of(http::JsonObject& object, std::string_view name) {
  const std::optional<http::JsonValue> value = object.find(name);
  return value ? text_of(*value) : std::string_view();
}

std::optional<bool> flag_of(http::JsonObject& object, std::string_view name) {
  const std::optional<http::JsonValue> value = object.find(name);
  if (!value) return std::nullopt;
  if (value->is_boolean()) return value->boolean();
  const std::string_view text = text_of(*value);
  if (http::equal_ignoring_case(text, "true") || text == "1") return true;
  if (http::equal_ignoring_case(text, "false") || text == "0") return false;
  return std::nullopt;
}

std::optional<http::JsonObject> part_of(http::JsonObject& object, std::string_view name) {
  const std::optional<http::JsonValue> value = object.find(name);
  if (!value || !value->is_object()) return std::nullopt;
  return value->object();
}

std::optional<std::chrono::system_clock::time_point> moment_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  auto moment = sdk::parse_rfc3339(text);
  if (!moment.ok()) moment = sdk::parse_rfc3339(std::string(text) + "Z");
  if (!moment.ok()) return std::nullopt;
  return *moment;
}

}  // namespace baton::connectors::scim
