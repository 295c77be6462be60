#include "http/json_state.hpp"

#include <charconv>
#include <cstring>
#include <utility>

#include <simdjson.h>

#include "absl/strings/str_cat.h"
#include "http/json_path.hpp"

namespace baton::http {
namespace {

constexpr std::size_t kMaxDepth = 512;
constexpr char kWhiteSpace[] = " \t\r\n";

absl::string_view absl_view(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at;
}

/// RFC 8259 §6. Any size of number is good JSON; whether it fits shows when it is read.
bool is_number(std::string_view token) {
  const std::size_t first = token.starts_with('-') ? 1 : 0;
  std::size_t at = skip_digits(token, first);
  if (at == first || (token[first] == '0' && at > first + 1)) return false;
  if (at < token.size() && token[at] == '.') {
    const std::size_t fraction = at + 1;
    at = skip_digits(token, fraction);
    if (at == fraction) return false;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    std::size_t exponent = at + 1;
    if (exponent < token.size() && (token[exponent] == '+' || token[exponent] == '-')) ++exponent;
    at = skip_digits(token, exponent);
    if (at == exponent) return false;
  }
  return at == token.size();
}

bool is_scalar(std::string_view token) {
  switch (token.front()) {
    case 't':
      return token == "true";
    case 'f':
      return token == "false";
    case 'n':
      return token == "null";
    default:
      return is_number(token);
  }
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
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

/// simdjson's first stage: checks UTF-8 and finds all tokens with the widest vectors of the processor at
/// hand. Its second stage is not used: a walk over the token index checks the grammar without building
/// anything.
class JsonState::Indexer {
 public:
  simdjson::error_code run(std::string_view text) {
    if (!parser_) {
      if (const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
              text.size(), kMaxDepth, parser_)) {
        return error;
      }
    } else if (parser_->capacity() < text.size()) {
      if (const auto error = parser_->set_capacity(text.size())) return error;
    }
    return parser_->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                           simdjson::stage1_mode::regular);
  }

  const std::uint32_t* tokens() const { return parser_->structural_indexes.get(); }
  std::uint32_t count() const { return parser_->n_structural_indexes; }
  std::size_t capacity() const { return parser_ ? parser_->capacity() : 0; }

 private:
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser_;
};

JsonState::JsonState() : indexer_(std::make_unique<Indexer>()) {}
JsonState::~JsonState() = default;

std::size_t JsonState::capacity() const {
  return indexer_->capacity();
}

void JsonState::clear() {
  body_ = Body();
  text_ = std::string_view();
  unescaped_.clear();
  status_ = absl::OkStatus();
}

absl::Status JsonState::not_json(std::size_t offset, std::string_view why) const {
  return absl::InternalError(absl::StrCat(origin_, ": malformed JSON at byte ", offset, " (",
                                          json_path_at(text_, offset), "): ", absl_view(why)));
}

absl::Status JsonState::load(Body body, std::string origin) {
  body_ = std::move(body);
  body_.seal();
  text_ = body_.view();
  if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  origin_ = std::move(origin);
  if (text_.find_first_not_of(kWhiteSpace) == std::string_view::npos) {
    return absl::InternalError(absl::StrCat(origin_, ": empty answer where JSON was expected"));
  }
  if (const auto error = indexer_->run(text_)) {
    return absl::InternalError(absl::StrCat(origin_, ": malformed JSON: ", simdjson::error_message(error)));
  }
  tokens_ = indexer_->tokens();
  token_count_ = indexer_->count();
  if (absl::Status status = check_grammar(); !status.ok()) return status;
  if (const char* bad = find_bad_escape()) {
    return not_json(static_cast<std::size_t>(bad - text_.data()), "invalid escape in a string");
  }
  return absl::OkStatus();
}

absl::Status JsonState::check_grammar() {
  // A token past the last one is the end of the text; its character is the padding's zero, which fits
  // nowhere.
  const char* const text = text_.data();
  const auto kind_at = [text, this](std::uint32_t token) { return text[tokens_[token]]; };
  closing_.resize(token_count_);
  open_.clear();
  if (kind_at(0) != '{' && kind_at(0) != '[') {
    return absl::InternalError(
        absl::StrCat(origin_, ": a bare value where a JSON object or array was expected"));
  }
  std::uint32_t i = 0;
  while (true) {
    // A value begins here.
    bool member_follows = false;
    bool value_ended = true;
    switch (kind_at(i)) {
      case '{':
      case '[':
        if (open_.size() == kMaxDepth) return not_json(tokens_[i], "nested deeper than 512 levels");
        open_.push_back(i);
        member_follows = kind_at(i) == '{' && kind_at(i + 1) != '}';
        value_ended = kind_at(i + 1) == (kind_at(i) == '{' ? '}' : ']');
        ++i;
        break;
      case '"':
        ++i;
        break;
      case '\0':
        return not_json(tokens_[i], "the text ends where a value was expected");
      default:
        if (!is_scalar(written(i))) return not_json(tokens_[i], "not a value");
        ++i;
    }
    // What ends here, and what follows: a member, an element, or the end of the text.
    while (value_ended) {
      if (open_.empty()) {
        if (i == token_count_) return absl::OkStatus();
        return not_json(tokens_[i], "more text behind the end");
      }
      const std::uint32_t opened = open_.back();
      const bool in_object = kind_at(opened) == '{';
      const char c = kind_at(i);
      if (c == (in_object ? '}' : ']')) {
        closing_[opened] = i++;
        open_.pop_back();
        continue;
      }
      // Right behind an opening token only the closing one leads here, so this is behind a value.
      if (c != ',') {
        return not_json(tokens_[i],
                        c == '\0' ? "the text ends too early" : "a comma or the end was expected");
      }
      member_follows = in_object;
      value_ended = false;
      ++i;
    }
    if (member_follows) {
      if (kind_at(i) != '"' || kind_at(i + 1) != ':') return not_json(tokens_[i], "a member was expected");
      i += 2;
    }
  }
}

const char* JsonState::find_bad_escape() const {
  // In well-formed tokens, a backslash can be in strings only.
  const char* at = text_.data();
  const char* const end = at + text_.size();
  while (at < end) {
    at = static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)));
    if (at == nullptr) return nullptr;
    if (end - at < 2) return at;
    if (at[1] == 'u') {
      for (int i = 2; i < 6; ++i) {
        if (end - at <= i || !is_hex(at[i])) return at;
      }
    } else if (std::memchr("\"\\/bfnrt", at[1], 8) == nullptr) {
      return at;
    }
    at += 2;
  }
  return nullptr;
}

std::string_view JsonState::written(std::uint32_t token) const {
  const std::size_t begin = tokens_[token];
  const char first = text_[begin];
  if (first == '{' || first == '[') return text_.substr(begin, tokens_[closing_[token]] + 1 - begin);
  std::size_t end = tokens_[token + 1];
  while (std::memchr(kWhiteSpace, text_[end - 1], 4) != nullptr) --end;
  return text_.substr(begin, end - begin);
}

std::string_view JsonState::inside(std::uint32_t token) const {
  const std::size_t begin = tokens_[token] + 1;
  std::size_t end = tokens_[token + 1] - 1;
  while (text_[end] != '"') --end;
  return text_.substr(begin, end - begin);
}

std::string_view JsonState::unescape(std::string_view inside) {
  if (inside.empty()) return inside;
  const char* at = inside.data();
  const char* const end = at + inside.size();
  const auto* escape = static_cast<const char*>(std::memchr(at, '\\', inside.size()));
  if (escape == nullptr) return inside;
  std::string& out = unescaped_.emplace_back();
  out.reserve(inside.size());
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

void JsonState::fail(std::uint32_t token, std::string_view key, std::string_view what) {
  if (!status_.ok()) return;
  std::string path = json_path_at(text_, tokens_[token]);
  if (!key.empty()) absl::StrAppend(&path, ".", absl_view(key));
  status_ = absl::InternalError(absl::StrCat(origin_, ": ", path, ": ", absl_view(what)));
}

}  // namespace baton::http
