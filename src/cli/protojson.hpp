#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/message.h"

/// Protobuf's JSON mapping on one line: lower camel case names, members in order of field number, enum values
/// by name, 64-bit integers as strings, RFC 3339 times, empty fields left out, map entries by key.
///
/// It differs from protobuf's own printer in what real files need: an `Any` whose type is unknown or whose
/// bytes are damaged does not fail the document but is kept as `{"@type": …, "value": "<base64>"}`.
namespace baton::cli {

/// Appends the message as one JSON value. Cannot fail.
void append_json(const google::protobuf::Message& message, std::string& json);

/// Appends a JSON string with its quotes; bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string_view text, std::string& json);

}  // namespace baton::cli
