#include "sdk/profile.hpp"

#include <charconv>

#include "base/utf8.hpp"

namespace baton::sdk {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

void assign_text(std::string& target, std::string_view value) {
  if (is_valid_utf8(value)) {
    target.assign(value);
  } else {
    target = sanitize_utf8(value);
  }
}

std::string valid_key(std::string_view name) {
  return is_valid_utf8(name) ? std::string(name) : sanitize_utf8(name);
}

const Value* find(const Struct& profile, std::string_view name) {
  const auto found = profile.fields().find(std::string(name));
  return found == profile.fields().end() ? nullptr : &found->second;
}

}  // namespace

Value& Profile::value_of(std::string_view name) {
  return (*fields_->mutable_fields())[valid_key(name)];
}

Profile& Profile::text(std::string_view name, std::string_view value) {
  assign_text(*value_of(name).mutable_string_value(), value);
  return *this;
}

Profile& Profile::text_if_any(std::string_view name, std::string_view value) {
  return value.empty() ? *this : text(name, value);
}

Profile& Profile::number(std::string_view name, double value) {
  value_of(name).set_number_value(value);
  return *this;
}

Profile& Profile::boolean(std::string_view name, bool value) {
  value_of(name).set_bool_value(value);
  return *this;
}

Profile& Profile::null(std::string_view name) {
  value_of(name).set_null_value(google::protobuf::NULL_VALUE);
  return *this;
}

Profile& Profile::integer_text(std::string_view name, std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  return text(name, std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

Profile Profile::object(std::string_view name) {
  return Profile(*value_of(name).mutable_struct_value());
}

ProfileList Profile::list(std::string_view name) {
  return ProfileList(*value_of(name).mutable_list_value());
}

ProfileList& ProfileList::text(std::string_view value) {
  assign_text(*values_->add_values()->mutable_string_value(), value);
  return *this;
}

ProfileList& ProfileList::number(double value) {
  values_->add_values()->set_number_value(value);
  return *this;
}

ProfileList& ProfileList::boolean(bool value) {
  values_->add_values()->set_bool_value(value);
  return *this;
}

ProfileList& ProfileList::null() {
  values_->add_values()->set_null_value(google::protobuf::NULL_VALUE);
  return *this;
}

Profile ProfileList::object() {
  return Profile(*values_->add_values()->mutable_struct_value());
}

ProfileList ProfileList::list() {
  return ProfileList(*values_->add_values()->mutable_list_value());
}

std::string_view profile_text(const Struct& profile, std::string_view name, std::string_view otherwise) {
  const Value* value = find(profile, name);
  return value != nullptr && value->kind_case() == Value::kStringValue ? value->string_value() : otherwise;
}

std::int64_t profile_integer(const Struct& profile, std::string_view name, std::int64_t otherwise) {
  const Value* value = find(profile, name);
  if (value == nullptr || value->kind_case() != Value::kNumberValue) return otherwise;
  constexpr double kTwoTo63 = 9223372036854775808.0;
  const double number = value->number_value();
  // Written so that NaN fails, too.
  if (!(number >= -kTwoTo63 && number < kTwoTo63)) return otherwise;
  return static_cast<std::int64_t>(number);
}

SplitName::SplitName(std::string_view full_name) : given_name(full_name) {
  const std::size_t space = full_name.find(' ');
  if (space == std::string_view::npos) return;
  given_name = full_name.substr(0, space);
  family_name = full_name.substr(space + 1);
}

}  // namespace baton::sdk
