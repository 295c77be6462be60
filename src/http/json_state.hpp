#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "absl/status/status.h"
#include "http/body.hpp"

namespace baton::http {

/// What stands behind a `JsonDocument`: bytes, parser, position, and the first error of reading. Include
/// `http/json.hpp` instead.
class JsonState {
 public:
  JsonState() = default;
  JsonState(const JsonState&) = delete;
  JsonState& operator=(const JsonState&) = delete;

  bool ok() const { return status.ok(); }
  /// Keeps the first error only: what follows from it is no news. `at` is where the value begins; with a
  /// `key` the error is about that member of the object there.
  void fail(const char* at, std::string_view what);
  void fail_member(const char* at, std::string_view key, std::string_view what);
  void fail(const char* at, simdjson::error_code error);
  /// The text that `raw`, the inside of a JSON string, stands for: itself when it has no escapes. Halves of
  /// surrogate pairs on their own become U+FFFD, as other JSON readers have it.
  std::string_view unescape(std::string_view raw);

  Body body;
  /// What is parsed: the body without a byte order mark.
  std::string_view text;
  std::string origin;
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  absl::Status status;
  /// Texts that had escapes in them; a deque, for their addresses must stay.
  std::deque<std::string> unescaped;
};

}  // namespace baton::http
