#include "http/json.hpp"

#include <charconv>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace baton::http {
namespace {

absl::string_view kind_name(char first) {
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

template <class Number>
bool parse_whole(std::string_view text, Number& result) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

void JsonValue::wrong_kind(std::string_view expected) const {
  if (kind_ == 0) return;
  state_->fail(token_, absl::StrCat(kind_name(kind_), " where ",
                                    absl::string_view(expected.data(), expected.size()), " was expected"));
}

std::string_view JsonValue::string() const {
  if (!is_string()) {
    wrong_kind("a string");
    return {};
  }
  return state_->unescape(state_->inside(token_));
}

std::int64_t JsonValue::integer() const {
  if (!is_number()) {
    wrong_kind("an integer");
    return 0;
  }
  std::int64_t result = 0;
  if (!parse_whole(state_->written(token_), result)) {
    state_->fail(token_, "not an integer of 64 bits");
    return 0;
  }
  return result;
}

double JsonValue::number() const {
  if (!is_number()) {
    wrong_kind("a number");
    return 0;
  }
  double result = 0;
  if (!parse_whole(state_->written(token_), result)) {
    state_->fail(token_, "a number too large for double precision");
    return 0;
  }
  return result;
}

bool JsonValue::boolean() const {
  if (!is_boolean()) wrong_kind("a boolean");
  return kind_ == 't';
}

std::string_view JsonValue::id() const {
  if (is_string()) return string();
  if (!is_number()) {
    wrong_kind("a string or an integer");
    return {};
  }
  const std::string_view text = state_->written(token_);
  if (text.find_first_of(".eE") != std::string_view::npos) {
    state_->fail(token_, "a fraction where a string or an integer was expected");
    return {};
  }
  return text;
}

JsonObject JsonValue::object() const {
  if (is_object()) return JsonObject(*state_, token_);
  wrong_kind("an object");
  return JsonObject(*state_);
}

std::string_view JsonValue::raw() const {
  return kind_ == 0 ? std::string_view() : state_->written(token_);
}

std::uint32_t JsonObject::search(std::string_view key) {
  const std::uint32_t begin = token_ + 1;
  const std::uint32_t end = state_->closing(token_);
  if (begin == end) return 0;
  // Once around, from behind the member found last.
  std::uint32_t at = next_ < end ? next_ : begin;
  const std::uint32_t start = at;
  do {
    const std::uint32_t behind = state_->behind(at + 2);
    if (state_->is_key(at, key)) {
      next_ = behind + 1;
      return at + 2;
    }
    at = behind < end ? behind + 1 : begin;
  } while (at != start);
  return 0;
}

JsonValue JsonObject::at(std::string_view key) {
  if (next_ == 0 || !state_->status().ok()) return JsonValue(*state_);
  if (const std::uint32_t value = search(key); value != 0) return JsonValue(*state_, value);
  state_->fail(token_, key, "missing");
  return JsonValue(*state_);
}

std::optional<JsonValue> JsonObject::find(std::string_view key) {
  if (next_ == 0 || !state_->status().ok()) return std::nullopt;
  const std::uint32_t value = search(key);
  if (value == 0 || state_->kind(value) == 'n') return std::nullopt;
  return JsonValue(*state_, value);
}

std::string_view JsonObject::string_or(std::string_view key, std::string_view fallback) {
  const std::optional<JsonValue> value = find(key);
  return value ? value->string() : fallback;
}

std::int64_t JsonObject::integer_or(std::string_view key, std::int64_t fallback) {
  const std::optional<JsonValue> value = find(key);
  return value ? value->integer() : fallback;
}

bool JsonObject::boolean_or(std::string_view key, bool fallback) {
  const std::optional<JsonValue> value = find(key);
  return value ? value->boolean() : fallback;
}

std::string_view JsonObject::id_or(std::string_view key, std::string_view fallback) {
  const std::optional<JsonValue> value = find(key);
  return value ? value->id() : fallback;
}

void JsonObject::fail(std::string_view what) {
  if (next_ != 0) state_->fail(token_, what);
}

}  // namespace baton::http
