#include "sdk/config_fields.hpp"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"

namespace baton::sdk {
namespace {

bool is_flag_name(std::string_view name) {
  if (name.empty() || name.front() == '-' || name.back() == '-') return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

/// Whether the variant holds what the kind calls for.
bool fits(FieldKind kind, const FieldValue& value) {
  switch (kind) {
    case FieldKind::kString:
    case FieldKind::kSelect:
      return std::holds_alternative<std::string>(value);
    case FieldKind::kBool:
      return std::holds_alternative<bool>(value);
    case FieldKind::kInt:
      return std::holds_alternative<std::int64_t>(value);
    case FieldKind::kStringList:
      return std::holds_alternative<StringList>(value);
    case FieldKind::kStringMap:
      return std::holds_alternative<StringMap>(value);
  }
  return false;
}

absl::Status check(const Field& field) {
  const auto invalid = [&](const char* what) {
    return absl::InvalidArgumentError(absl::StrCat("config field \"", scrub(field.name(), 64), "\" ", what));
  };
  if (!is_flag_name(field.name())) return invalid("must be named in lower-case words joined by \"-\"");
  if (field.is_required() && field.kind() == FieldKind::kBool)
    return invalid("is a boolean and cannot be required");
  const std::optional<FieldValue>& fallback = field.default_or_none();
  if (fallback && field.is_required()) return invalid("is required and has a default; only one makes sense");
  if (fallback && !fits(field.kind(), *fallback)) return invalid("has a default of another kind");
  if (field.kind() != FieldKind::kSelect) return absl::OkStatus();
  if (field.options().empty()) return invalid("is a select without options");
  const bool known = !fallback || std::find(field.options().begin(), field.options().end(),
                                            std::get<std::string>(*fallback)) != field.options().end();
  return known ? absl::OkStatus() : invalid("has a default that is not one of its options");
}

}  // namespace

Field Field::select(std::string name, StringList options) {
  Field field(std::move(name), FieldKind::kSelect);
  field.options_ = std::move(options);
  return field;
}

Field& Field::required() {
  required_ = true;
  return *this;
}

Field& Field::secret() {
  secret_ = true;
  return *this;
}

Field& Field::hidden() {
  hidden_ = true;
  return *this;
}

Field& Field::operational() {
  operational_ = true;
  return *this;
}

Field& Field::description(std::string text) {
  description_ = std::move(text);
  return *this;
}

Field& Field::default_value(FieldValue value) {
  default_ = std::move(value);
  return *this;
}

Field& Field::short_flag(char letter) {
  short_flag_ = letter;
  return *this;
}

std::string Field::variable() const {
  std::string variable = "BATON_";
  for (const char c : name_) {
    if (c >= 'a' && c <= 'z') {
      variable.push_back(static_cast<char>(c - 'a' + 'A'));
    } else {
      variable.push_back(c == '-' ? '_' : c);
    }
  }
  return variable;
}

std::string Field::help() const {
  return absl::StrCat(required_ ? "required: " : "", description_, description_.empty() ? "" : " ", "($",
                      variable(), ")");
}

absl::StatusOr<Schema> Schema::make(std::vector<Field> fields) {
  Schema schema;
  schema.fields_.reserve(fields.size());
  for (Field& field : fields) {
    absl::Status status = check(field);
    if (!status.ok()) return status;
    if (schema.find(field.name()) != nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("config field \"", field.name(), "\" is declared twice"));
    }
    schema.fields_.push_back(std::move(field));
  }
  return schema;
}

const Field* Schema::find(std::string_view name) const {
  const auto found =
      std::find_if(fields_.begin(), fields_.end(), [&](const Field& field) { return field.name() == name; });
  return found == fields_.end() ? nullptr : &*found;
}

}  // namespace baton::sdk
