#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "http/json.hpp"

/// Attributes as services write them: absent and null are the same, and so is a value of a kind that the
/// attribute does not have. What identifies a resource is not read through these.
namespace baton::connectors::scim {

/// A text; a number as it is written. Empty for anything else.
std::string_view text_of(http::JsonObject& object, std::string_view name);
std::string_view text_of(const http::JsonValue& value);

/// A boolean, also one written as a text ("True") or as 0 or 1; nothing for anything else.
std::optional<bool> flag_of(http::JsonObject& object, std::string_view name);

/// The complex attribute of that name; nothing when it is absent or no object.
std::optional<http::JsonObject> part_of(http::JsonObject& object, std::string_view name);

/// A moment as RFC 3339 has it; one without a zone is taken for UTC.
std::optional<std::chrono::system_clock::time_point> moment_of(std::string_view text);

}  // namespace baton::connectors::scim
