#include "http/headers.hpp"

namespace baton::http {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_token_char(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (lower(left[i]) != lower(right[i])) return false;
  }
  return true;
}

bool is_valid_field(std::string_view name, std::string_view value) {
  if (name.empty()) return false;
  for (const char c : name) {
    if (!is_token_char(c)) return false;
  }
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f) return false;
  }
  return true;
}

void Headers::add(std::string_view name, std::string_view value) {
  if (fields_.empty()) {
    text_.reserve(512);
    fields_.reserve(16);
  }
  fields_.emplace_back(static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()),
                       static_cast<std::uint32_t>(value.size()));
  text_.append(name).append(value);
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (equal_ignoring_case(name_at(i), name)) return value_at(i);
  }
  return std::nullopt;
}

std::string_view Headers::name_at(std::size_t index) const {
  const Field& field = fields_[index];
  return std::string_view(text_).substr(field.begin, field.name_size);
}

std::string_view Headers::value_at(std::size_t index) const {
  const Field& field = fields_[index];
  return std::string_view(text_).substr(field.begin + field.name_size, field.value_size);
}

void Headers::clear() {
  text_.clear();
  fields_.clear();
}

}  // namespace baton::http
