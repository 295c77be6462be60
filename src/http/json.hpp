#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "http/json_document.hpp"
#include "http/json_state.hpp"

/// Reading a JSON answer at the parser's full speed, in its own order, without a tree in memory.
///
///     absl::Status read = json_root(*document).for_each("items", [&](JsonObject user) {
///       Resource& row = page.add();
///       row.set_display_name(std::string(user.string("name")));
///     });
///     if (!read.ok()) co_return read;
///
/// Errors stick to the document: after the first one every read answers an empty value, `for_each` stops
/// after the element at hand, and its status names the place ("GET https://host/users: $.items[3].id:
/// missing"). So an author checks one status per document, not one per field. Who reads single members
/// without a `for_each` asks `JsonObject::status`.
///
/// Each value can be read once; members are found in any order, fastest in the order of the text. Objects
/// and values must not be kept when the next sibling is read. Texts are views into the document.
namespace baton::http {

class JsonObject;

/// A value whose kind is not known yet.
class JsonValue {
 public:
  JsonValue(JsonState& state, simdjson::ondemand::value value);
  /// Stands for what could not be read; every read of it answers an empty value.
  explicit JsonValue(JsonState& state) : state_(&state) {}

  bool is_null();
  bool is_string() { return kind_ == '"'; }
  bool is_object() { return kind_ == '{'; }
  bool is_array() { return kind_ == '['; }
  bool is_number() { return kind_ == '-' || (kind_ >= '0' && kind_ <= '9'); }

  std::string_view string();
  std::int64_t integer();
  double number();
  bool boolean();
  /// A string, or an integer as it is written: for ids, which services type either way.
  std::string_view id();
  JsonObject object();
  /// The text of the value as it came, objects and arrays whole.
  std::string_view raw();

  /// Calls `read(JsonValue)` or `read(JsonObject)` for each element of this array. `read` returns nothing, or
  /// a status that ends the loop when it is not OK.
  template <class Read>
  [[nodiscard]] absl::Status for_each(Read&& read);

 private:
  std::string_view wrong_kind(std::string_view expected);

  JsonState* state_;
  simdjson::ondemand::value value_;
  const char* at_ = nullptr;
  /// First character; 0 for what could not be read.
  char kind_ = 0;
};

/// An object; its members are found by name.
class JsonObject {
 public:
  JsonObject(JsonState& state, simdjson::ondemand::object object, const char* at);
  /// Stands for what could not be read.
  explicit JsonObject(JsonState& state) : state_(&state) {}

  /// The member, which must be there; it may be null.
  JsonValue at(std::string_view key);
  /// The member, or nothing when it is absent or null.
  std::optional<JsonValue> find(std::string_view key);

  std::string_view string(std::string_view key) { return at(key).string(); }
  std::int64_t integer(std::string_view key) { return at(key).integer(); }
  double number(std::string_view key) { return at(key).number(); }
  bool boolean(std::string_view key) { return at(key).boolean(); }
  std::string_view id(std::string_view key) { return at(key).id(); }
  JsonObject object(std::string_view key) { return at(key).object(); }

  /// With a fallback for absent and null; any other kind is an error still.
  std::string_view string_or(std::string_view key, std::string_view fallback);
  std::int64_t integer_or(std::string_view key, std::int64_t fallback);
  bool boolean_or(std::string_view key, bool fallback);

  /// `JsonValue::for_each` over the array at `key`, which must be there.
  template <class Read>
  [[nodiscard]] absl::Status for_each(std::string_view key, Read&& read) {
    return at(key).for_each(std::forward<Read>(read));
  }
  /// The same, doing nothing when it is absent or null.
  template <class Read>
  [[nodiscard]] absl::Status for_each_if_any(std::string_view key, Read&& read) {
    std::optional<JsonValue> value = find(key);
    if (!value) return state_->status;
    return value->for_each(std::forward<Read>(read));
  }
  /// Calls `read(std::string_view key, JsonValue)` for each member in the order of the text. For an object
  /// that nothing was read from yet.
  template <class Read>
  [[nodiscard]] absl::Status for_each_member(Read&& read);

  /// An error about this object in the words of the caller, at its place; sticks like any other.
  void fail(std::string_view what);
  /// The first error of the whole document.
  const absl::Status& status() const { return state_->status; }

 private:
  JsonState* state_;
  simdjson::ondemand::object object_;
  /// Null for what could not be read.
  const char* at_ = nullptr;
};

/// The root of a document, once per document.
class JsonReader {
 public:
  static JsonValue root_value(JsonDocument& document);
};
inline JsonValue json_root_value(JsonDocument& document) {
  return JsonReader::root_value(document);
}
inline JsonObject json_root(JsonDocument& document) {
  return JsonReader::root_value(document).object();
}

namespace json_detail {

/// The name of a member, from behind its opening quote.
std::string_view key_text(JsonState& state, const char* raw);

template <class Read, class... Arguments>
absl::Status call(Read& read, Arguments&&... arguments) {
  if constexpr (std::is_void_v<std::invoke_result_t<Read&, Arguments...>>) {
    read(std::forward<Arguments>(arguments)...);
    return absl::OkStatus();
  } else {
    return read(std::forward<Arguments>(arguments)...);
  }
}

}  // namespace json_detail

template <class Read>
absl::Status JsonValue::for_each(Read&& read) {
  if (kind_ != '[') {
    wrong_kind("an array");
    return state_->status;
  }
  simdjson::ondemand::array array;
  if (const auto error = value_.get_array().get(array)) {
    state_->fail(at_, error);
    return state_->status;
  }
  for (auto element : array) {
    simdjson::ondemand::value value;
    if (const auto error = std::move(element).get(value)) {
      state_->fail(at_, error);
      return state_->status;
    }
    absl::Status result;
    if constexpr (std::is_invocable_v<Read&, JsonObject>) {
      result = json_detail::call(read, JsonValue(*state_, value).object());
    } else {
      result = json_detail::call(read, JsonValue(*state_, value));
    }
    if (!state_->ok()) return state_->status;
    if (!result.ok()) return result;
  }
  return absl::OkStatus();
}

template <class Read>
absl::Status JsonObject::for_each_member(Read&& read) {
  if (at_ == nullptr) return state_->status;
  for (auto member : object_) {
    simdjson::ondemand::raw_json_string raw_key;
    simdjson::ondemand::value value;
    simdjson::error_code error = member.key().get(raw_key);
    if (!error) error = member.value().get(value);
    if (error) {
      state_->fail(at_, error);
      return state_->status;
    }
    const std::string_view key = json_detail::key_text(*state_, raw_key.raw());
    const absl::Status result = json_detail::call(read, key, JsonValue(*state_, value));
    if (!state_->ok()) return state_->status;
    if (!result.ok()) return result;
  }
  return absl::OkStatus();
}

}  // namespace baton::http
