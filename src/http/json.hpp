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

/// Reading a JSON answer in place, without a tree in memory: texts are views into the answer's bytes.
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
/// without a `for_each` asks `JsonObject::status` at the end.
///
/// Values are light handles, to be copied freely, valid as long as their document; each may be read any
/// number of times. Members are found in any order, fastest in the order of the text. Of members with one
/// name the first one found is read.
namespace baton::http {

class JsonObject;

/// A value whose kind is not known yet.
class JsonValue {
 public:
  JsonValue(JsonState& state, std::uint32_t token)
      : state_(&state), token_(token), kind_(state.kind(token)) {}
  /// Stands for what could not be read; every read of it answers an empty value.
  explicit JsonValue(JsonState& state) : state_(&state) {}

  bool is_null() const { return kind_ == 'n'; }
  bool is_string() const { return kind_ == '"'; }
  bool is_object() const { return kind_ == '{'; }
  bool is_array() const { return kind_ == '['; }
  bool is_boolean() const { return kind_ == 't' || kind_ == 'f'; }
  bool is_number() const { return kind_ == '-' || (kind_ >= '0' && kind_ <= '9'); }

  std::string_view string() const;
  /// Of 64 bits; a number with a fraction or an exponent is none.
  std::int64_t integer() const;
  double number() const;
  bool boolean() const;
  /// A string, or an integer as it is written: for ids, which services type either way.
  std::string_view id() const;
  JsonObject object() const;
  /// The text of the value as it came, objects and arrays whole.
  std::string_view raw() const;
  /// The first error of the whole document.
  const absl::Status& status() const { return state_->status(); }

  /// Calls `read(JsonObject)` or `read(JsonValue)` for each element of this array. `read` returns nothing, or
  /// a status that ends the loop when it is not OK.
  template <class Read>
  [[nodiscard]] absl::Status for_each(Read&& read) const;

 private:
  void wrong_kind(std::string_view expected) const;

  JsonState* state_;
  std::uint32_t token_ = 0;
  /// First character; 0 for what could not be read.
  char kind_ = 0;
};

/// An object; its members are found by name.
class JsonObject {
 public:
  JsonObject(JsonState& state, std::uint32_t token) : state_(&state), token_(token), next_(token + 1) {}
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
  std::string_view id_or(std::string_view key, std::string_view fallback);

  /// `JsonValue::for_each` over the array at `key`, which must be there.
  template <class Read>
  [[nodiscard]] absl::Status for_each(std::string_view key, Read&& read) {
    return at(key).for_each(std::forward<Read>(read));
  }
  /// The same, doing nothing when it is absent or null.
  template <class Read>
  [[nodiscard]] absl::Status for_each_if_any(std::string_view key, Read&& read) {
    const std::optional<JsonValue> value = find(key);
    if (!value) return state_->status();
    return value->for_each(std::forward<Read>(read));
  }
  /// Calls `read(std::string_view key, JsonValue)` for each member in the order of the text.
  template <class Read>
  [[nodiscard]] absl::Status for_each_member(Read&& read);

  /// An error about this object in the words of the caller, at its place; sticks like any other.
  void fail(std::string_view what);
  /// The first error of the whole document.
  const absl::Status& status() const { return state_->status(); }

 private:
  /// The token of the member's value; 0, where no member can be, when there is none.
  std::uint32_t search(std::string_view key);

  JsonState* state_;
  /// Where the object begins.
  std::uint32_t token_ = 0;
  /// The key to look at first: the one behind the member found last. 0 for what could not be read.
  std::uint32_t next_ = 0;
};

/// The way from a document to its root.
class JsonReader {
 public:
  static JsonValue root_value(JsonDocument& document) { return JsonValue(*document.state_, 0); }
};
inline JsonValue json_root_value(JsonDocument& document) {
  return JsonReader::root_value(document);
}
inline JsonObject json_root(JsonDocument& document) {
  return JsonReader::root_value(document).object();
}

namespace json_detail {

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
absl::Status JsonValue::for_each(Read&& read) const {
  if (!is_array()) {
    wrong_kind("an array");
    return state_->status();
  }
  const std::uint32_t end = state_->closing(token_);
  for (std::uint32_t at = token_ + 1; at < end; at = state_->behind(at) + 1) {
    const JsonValue element(*state_, at);
    absl::Status result;
    if constexpr (std::is_invocable_v<Read&, JsonObject>) {
      result = json_detail::call(read, element.object());
    } else {
      result = json_detail::call(read, element);
    }
    if (!state_->status().ok()) return state_->status();
    if (!result.ok()) return result;
  }
  return state_->status();
}

template <class Read>
absl::Status JsonObject::for_each_member(Read&& read) {
  if (next_ == 0) return state_->status();
  const std::uint32_t end = state_->closing(token_);
  for (std::uint32_t at = token_ + 1; at < end; at = state_->behind(at + 2) + 1) {
    const absl::Status result =
        json_detail::call(read, state_->unescape(state_->inside(at)), JsonValue(*state_, at + 2));
    if (!state_->status().ok()) return state_->status();
    if (!result.ok()) return result;
  }
  return state_->status();
}

}  // namespace baton::http
