#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Just enough JSON for page tokens and small settings; documents of services are the HTTP room's business.
namespace baton::sdk {

/// Appends `text` as a JSON string in the form that Go's encoder writes: `<`, `>`, `&`, U+2028 and U+2029 as
/// \u escapes, broken UTF-8 as \ufffd.
void append_json_string(std::string& target, std::string_view text);

/// Reads a small JSON text from front to back, strictly. Every call answers false after the first error,
/// which `error` describes; nesting beyond 32 levels is one. The text must outlive the reader.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  /// First character of the next value, 0 at the end.
  char peek();
  bool begin_object() { return take('{', "an object"); }
  bool begin_array() { return take('[', "an array"); }
  /// Moves to the next member of an object; false behind the last one. `first` is true before the first call.
  bool next_member(bool& first, std::string& name);
  /// Moves to the next element of an array; false behind the last one.
  bool next_element(bool& first) { return next_item(first, ']'); }
  bool read_string(std::string& value);
  /// Takes a `null` if one is next.
  bool try_null();
  /// Takes a string, number, boolean or null and gives its text.
  bool read_scalar(std::string& value);
  /// Skips a value of any kind.
  bool skip() { return skip_value(0); }
  /// True when nothing but white space is left.
  bool finish();

  bool failed() const { return !error_.empty(); }
  /// What was expected, and at which byte.
  const std::string& error() const { return error_; }

 private:
  bool fail(std::string_view expected);
  void skip_space();
  bool take(char wanted, std::string_view name);
  bool next_item(bool& first, char end);
  bool read_escape(std::string& value);
  bool read_hex(unsigned& code);
  bool skip_value(int depth);
  bool read_word(std::string& value);

  std::string_view text_;
  std::size_t at_ = 0;
  std::string error_;
};

}  // namespace baton::sdk
