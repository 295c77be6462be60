#include "sdk/json_text.hpp"

#include "absl/strings/str_cat.h"
#include "base/utf8.hpp"

namespace baton::sdk {
namespace {

constexpr int kMaxDepth = 32;
constexpr std::string_view kHex = "0123456789abcdef";

void append_utf8(std::string& target, unsigned code) {
  if (code < 0x80) {
    target.push_back(static_cast<char>(code));
    return;
  }
  const auto continuation = [&](int shift) {
    target.push_back(static_cast<char>(0x80 | ((code >> shift) & 0x3f)));
  };
  if (code < 0x800) {
    target.push_back(static_cast<char>(0xc0 | (code >> 6)));
  } else if (code < 0x10000) {
    target.push_back(static_cast<char>(0xe0 | (code >> 12)));
    continuation(6);
  } else {
    target.push_back(static_cast<char>(0xf0 | (code >> 18)));
    continuation(12);
    continuation(6);
  }
  continuation(0);
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Whether `word` is a number as JSON writes it.
bool is_json_number(std::string_view word) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t start = at;
    while (at < word.size() && word[at] >= '0' && word[at] <= '9') ++at;
    return at > start;
  };
  if (at < word.size() && word[at] == '-') ++at;
  const bool zero = at < word.size() && word[at] == '0';
  const std::size_t start = at;
  if (!digits() || (zero && at - start > 1)) return false;
  if (at < word.size() && word[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < word.size() && (word[at] == 'e' || word[at] == 'E')) {
    ++at;
    if (at < word.size() && (word[at] == '+' || word[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == word.size();
}

}  // namespace

void append_json_string(std::string& target, std::string_view text) {
  target.push_back('"');
  const bool valid = is_valid_utf8(text);
  const std::string mended = valid ? std::string() : sanitize_utf8(text);
  std::string_view rest = valid ? text : std::string_view(mended);
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    switch (c) {
      case '"':
        target.append("\\\"");
        break;
      case '\\':
        target.append("\\\\");
        break;
      case '\b':
        target.append("\\b");
        break;
      case '\f':
        target.append("\\f");
        break;
      case '\n':
        target.append("\\n");
        break;
      case '\r':
        target.append("\\r");
        break;
      case '\t':
        target.append("\\t");
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == '<' || c == '>' || c == '&') {
          target.append("\\u00").append(1, kHex[(c >> 4) & 0xf]).append(1, kHex[c & 0xf]);
        } else if (rest.substr(i, 3) == "\xe2\x80\xa8" || rest.substr(i, 3) == "\xe2\x80\xa9") {
          target.append(rest[i + 2] == '\xa8' ? "\\u2028" : "\\u2029");
          i += 2;
        } else {
          target.push_back(c);
        }
    }
  }
  target.push_back('"');
}

bool JsonReader::fail(std::string_view expected) {
  if (error_.empty()) {
    error_ = absl::StrCat("expected ", absl::string_view(expected.data(), expected.size()), " at byte ", at_);
  }
  return false;
}

void JsonReader::skip_space() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
}

char JsonReader::peek() {
  skip_space();
  return at_ < text_.size() && error_.empty() ? text_[at_] : '\0';
}

bool JsonReader::take(char wanted, std::string_view name) {
  if (peek() != wanted) return fail(name);
  ++at_;
  return true;
}

bool JsonReader::next_item(bool& first, char end) {
  const char next = peek();
  if (next == end) {
    ++at_;
    return false;
  }
  if (!first && !take(',', "a comma")) return false;
  first = false;
  return !failed() && (peek() != end || fail("a value"));
}

bool JsonReader::next_member(bool& first, std::string& name) {
  return next_item(first, '}') && read_string(name) && take(':', "a colon");
}

bool JsonReader::read_hex(unsigned& code) {
  code = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    unsigned digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<unsigned>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<unsigned>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<unsigned>(c - 'A' + 10);
    } else {
      return fail("a hexadecimal digit");
    }
    code = code * 16 + digit;
  }
  return true;
}

bool JsonReader::read_escape(std::string& value) {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
  const char c = at_ < text_.size() ? text_[at_] : '\0';
  const std::size_t simple = kNames.find(c);
  if (c != '\0' && simple != std::string_view::npos) {
    ++at_;
    value.push_back(kValues[simple]);
    return true;
  }
  if (c != 'u') return fail("an escape");
  ++at_;
  unsigned code = 0;
  if (!read_hex(code)) return false;
  if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_, 2) == "\\u") {
    const std::size_t second = at_;
    at_ += 2;
    unsigned low = 0;
    if (!read_hex(low)) return false;
    if (low >= 0xdc00 && low < 0xe000) {
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else {
      at_ = second;  // not the other half: it is read on its own
    }
  }
  // A lone half of a pair has no meaning; U+FFFD is what other readers make of it.
  append_utf8(value, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
  return true;
}

bool JsonReader::read_string(std::string& value) {
  value.clear();
  if (!take('"', "a string")) return false;
  while (true) {
    const std::size_t plain = at_;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
           static_cast<unsigned char>(text_[at_]) >= 0x20) {
      ++at_;
    }
    value.append(text_.substr(plain, at_ - plain));
    if (at_ == text_.size()) return fail("the end of a string");
    if (text_[at_] == '"') {
      ++at_;
      return is_valid_utf8(value) || fail("UTF-8 before this");
    }
    if (text_[at_] != '\\') return fail("an escaped control character");
    ++at_;
    if (!read_escape(value)) return false;
  }
}

bool JsonReader::read_word(std::string& value) {
  const std::size_t start = at_;
  while (at_ < text_.size() && !is_space(text_[at_]) &&
         std::string_view(",]}:\"[{").find(text_[at_]) == std::string_view::npos) {
    ++at_;
  }
  value.assign(text_.substr(start, at_ - start));
  if (value == "true" || value == "false" || value == "null" || is_json_number(value)) return true;
  at_ = start;
  return fail("a value");
}

bool JsonReader::try_null() {
  if (peek() != 'n') return false;
  std::string word;
  return read_word(word);
}

bool JsonReader::read_scalar(std::string& value) {
  const char next = peek();
  if (next == '"') return read_string(value);
  if (next == '{' || next == '[' || failed()) return fail("a string, number or boolean");
  return read_word(value);
}

bool JsonReader::skip_value(int depth) {
  if (depth > kMaxDepth) return fail("fewer levels of nesting");
  std::string text;
  bool first = true;
  switch (peek()) {
    case '{':
      begin_object();
      while (next_member(first, text)) {
        if (!skip_value(depth + 1)) return false;
      }
      return !failed();
    case '[':
      begin_array();
      while (next_element(first)) {
        if (!skip_value(depth + 1)) return false;
      }
      return !failed();
    default:
      return read_scalar(text);
  }
}

bool JsonReader::finish() {
  if (failed()) return false;
  skip_space();
  return at_ == text_.size() || fail("the end of the text");
}

}  // namespace baton::sdk
