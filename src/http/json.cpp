#include "http/json.hpp"

#include <charconv>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "http/json_path.hpp"

namespace baton::http {
namespace {

std::string_view kind_name(char first) {
  switch (first) {
    case '"':
      return "a string";
    case '{':
      return "an object";
    case '[':
      return "an array";
    case 't':
    case 'f':
      return "a boolean";
    case 'n':
      return "null";
    default:
      return "a number";
  }
}

unsigned hex4(const char* digits) {
  unsigned value = 0;
  std::from_chars(digits, digits + 4, value, 16);
  return value;
}

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

/// Reads the `\u` escape at `at` (with its second half, if it has one) and returns where it ends.
const char* append_unicode_escape(std::string& out, const char* at, const char* end) {
  constexpr unsigned kReplacement = 0xfffd;
  unsigned code = hex4(at + 2);
  at += 6;
  if (code >= 0xd800 && code < 0xe000) {
    const bool pair = code < 0xdc00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u';
    const unsigned low = pair ? hex4(at + 2) : 0;
    if (low >= 0xdc00 && low < 0xe000) {
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      at += 6;
    } else {
      code = kReplacement;
    }
  }
  append_utf8(out, code);
  return at;
}

char simple_escape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

}  // namespace

void JsonState::fail(const char* at, std::string_view what) {
  fail_member(at, {}, what);
}

void JsonState::fail_member(const char* at, std::string_view key, std::string_view what) {
  if (!status.ok()) return;
  std::string path = json_path_at(text, static_cast<std::size_t>(at - text.data()));
  if (!key.empty()) absl::StrAppend(&path, ".", absl::string_view(key.data(), key.size()));
  status = absl::InternalError(
      absl::StrCat(origin, ": ", path, ": ", absl::string_view(what.data(), what.size())));
}

void JsonState::fail(const char* at, simdjson::error_code error) {
  fail(at, std::string_view(simdjson::error_message(error)));
}

std::string_view JsonState::unescape(std::string_view raw) {
  const char* at = raw.data();
  const char* const end = at + raw.size();
  const auto* escape = static_cast<const char*>(std::memchr(at, '\\', raw.size()));
  if (escape == nullptr) return raw;
  std::string& out = unescaped.emplace_back();
  out.reserve(raw.size());
  while (escape != nullptr) {
    out.append(at, escape);
    if (escape[1] == 'u') {
      at = append_unicode_escape(out, escape, end);
    } else {
      out += simple_escape(escape[1]);
      at = escape + 2;
    }
    escape = static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)));
  }
  out.append(at, end);
  return out;
}

std::string_view json_detail::key_text(JsonState& state, const char* raw) {
  const char* end = raw;
  while (*end != '"') end += *end == '\\' ? 2 : 1;
  return state.unescape(std::string_view(raw, static_cast<std::size_t>(end - raw)));
}

JsonValue::JsonValue(JsonState& state, simdjson::ondemand::value value) : state_(&state), value_(value) {
  const std::string_view token = value_.raw_json_token();
  at_ = token.data();
  kind_ = token.empty() ? '\0' : token.front();
}

std::string_view JsonValue::wrong_kind(std::string_view expected) {
  if (kind_ != 0) {
    const std::string_view found = kind_name(kind_);
    state_->fail(at_, absl::StrCat(absl::string_view(found.data(), found.size()), " where ",
                                   absl::string_view(expected.data(), expected.size()), " was expected"));
  }
  return {};
}

bool JsonValue::is_null() {
  return kind_ == 'n';
}

std::string_view JsonValue::string() {
  if (!is_string()) return wrong_kind("a string");
  // The token runs to the next one: the string with its quotes, and white space. A string without escapes is
  // its own text; that saves the copy that the parser would make.
  const std::string_view token = value_.raw_json_token();
  return state_->unescape(token.substr(1, token.rfind('"') - 1));
}

std::int64_t JsonValue::integer() {
  if (!is_number()) {
    wrong_kind("an integer");
    return 0;
  }
  std::int64_t result = 0;
  if (value_.get_int64().get(result)) {
    state_->fail(at_, "not an integer of 64 bits");
    return 0;
  }
  return result;
}

double JsonValue::number() {
  if (!is_number()) {
    wrong_kind("a number");
    return 0;
  }
  double result = 0;
  if (const auto error = value_.get_double().get(result)) state_->fail(at_, error);
  return result;
}

bool JsonValue::boolean() {
  if (kind_ != 't' && kind_ != 'f') {
    wrong_kind("a boolean");
    return false;
  }
  return kind_ == 't';
}

std::string_view JsonValue::id() {
  if (is_string()) return string();
  if (!is_number()) return wrong_kind("a string or an integer");
  const std::string_view token = value_.raw_json_token();
  const std::string_view digits = token.substr(0, token.find_first_not_of("-0123456789"));
  const std::size_t behind = token.find_first_not_of(" \t\r\n", digits.size());
  if (behind != std::string_view::npos) {
    state_->fail(at_, "a fraction where a string or an integer was expected");
    return {};
  }
  return digits;
}

JsonObject JsonValue::object() {
  if (!is_object()) {
    wrong_kind("an object");
    return JsonObject(*state_);
  }
  simdjson::ondemand::object object;
  if (const auto error = value_.get_object().get(object)) {
    state_->fail(at_, error);
    return JsonObject(*state_);
  }
  return JsonObject(*state_, object, at_);
}

std::string_view JsonValue::raw() {
  if (kind_ == 0) return {};
  std::string_view result;
  simdjson::error_code error = simdjson::SUCCESS;
  if (is_object()) {
    simdjson::ondemand::object object;
    error = value_.get_object().get(object);
    if (!error) error = object.raw_json().get(result);
  } else if (is_array()) {
    simdjson::ondemand::array array;
    error = value_.get_array().get(array);
    if (!error) error = array.raw_json().get(result);
  } else {
    result = value_.raw_json_token();
  }
  if (error) {
    state_->fail(at_, error);
    return {};
  }
  // The parser's pieces run to the next one.
  return result.substr(0, result.find_last_not_of(" \t\r\n") + 1);
}

JsonObject::JsonObject(JsonState& state, simdjson::ondemand::object object, const char* at)
    : state_(&state), object_(object), at_(at) {}

JsonValue JsonObject::at(std::string_view key) {
  if (at_ == nullptr || !state_->ok()) return JsonValue(*state_);
  simdjson::ondemand::value value;
  if (const auto error = object_.find_field_unordered(key).get(value)) {
    if (error == simdjson::NO_SUCH_FIELD) {
      state_->fail_member(at_, key, "missing");
    } else {
      state_->fail(at_, error);
    }
    return JsonValue(*state_);
  }
  return JsonValue(*state_, value);
}

std::optional<JsonValue> JsonObject::find(std::string_view key) {
  if (at_ == nullptr || !state_->ok()) return std::nullopt;
  simdjson::ondemand::value value;
  if (const auto error = object_.find_field_unordered(key).get(value)) {
    if (error != simdjson::NO_SUCH_FIELD) state_->fail(at_, error);
    return std::nullopt;
  }
  JsonValue result(*state_, value);
  if (result.is_null()) return std::nullopt;
  return result;
}

std::string_view JsonObject::string_or(std::string_view key, std::string_view fallback) {
  std::optional<JsonValue> value = find(key);
  return value ? value->string() : fallback;
}

std::int64_t JsonObject::integer_or(std::string_view key, std::int64_t fallback) {
  std::optional<JsonValue> value = find(key);
  return value ? value->integer() : fallback;
}

bool JsonObject::boolean_or(std::string_view key, bool fallback) {
  std::optional<JsonValue> value = find(key);
  return value ? value->boolean() : fallback;
}

void JsonObject::fail(std::string_view what) {
  if (at_ != nullptr) state_->fail(at_, what);
}

JsonValue JsonReader::root_value(JsonDocument& document) {
  JsonState& state = *document.state_;
  simdjson::ondemand::value root;
  if (const auto error = state.document.get_value().get(root)) {
    state.fail(state.text.data(), error);
    return JsonValue(state);
  }
  return JsonValue(state, root);
}

}  // namespace baton::http
