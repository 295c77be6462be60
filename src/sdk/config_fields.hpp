#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

/// What a connector can be configured with. Where values come from is in `sdk/config.hpp`.
namespace baton::sdk {

enum class FieldKind { kString, kBool, kInt, kStringList, kStringMap, kSelect };

using StringList = std::vector<std::string>;
using StringMap = std::map<std::string, std::string>;
/// A value of any kind; a select is a string.
using FieldValue = std::variant<std::string, bool, std::int64_t, StringList, StringMap>;

/// One setting: its name is that of the flag (`base-url`), from which that of the variable follows
/// (`BATON_BASE_URL`). Written as a chain:
///
///     const Field kToken = Field::string("token").required().secret().description("API token");
class Field {
 public:
  static Field string(std::string name) { return Field(std::move(name), FieldKind::kString); }
  static Field boolean(std::string name) { return Field(std::move(name), FieldKind::kBool); }
  static Field integer(std::string name) { return Field(std::move(name), FieldKind::kInt); }
  static Field string_list(std::string name) { return Field(std::move(name), FieldKind::kStringList); }
  static Field string_map(std::string name) { return Field(std::move(name), FieldKind::kStringMap); }
  /// A string that must be one of `options`.
  static Field select(std::string name, StringList options);

  /// Must be given, and not empty. Not for booleans, whose absence has a meaning, nor beside a default.
  Field& required();
  /// The value never appears in an error, a log or a help text.
  Field& secret();
  /// Works, but is not listed in the help text.
  Field& hidden();
  /// Says how to run, not what to sync (a log level, a number of workers); changing it does not make a run
  /// another one.
  Field& operational();
  Field& description(std::string text);
  Field& default_value(FieldValue value);
  /// The one-letter flag.
  Field& short_flag(char letter);

  const std::string& name() const { return name_; }
  FieldKind kind() const { return kind_; }
  bool is_required() const { return required_; }
  bool is_secret() const { return secret_; }
  bool is_hidden() const { return hidden_; }
  bool is_operational() const { return operational_; }
  const StringList& options() const { return options_; }
  const std::optional<FieldValue>& default_or_none() const { return default_; }
  /// 0 when there is none.
  char short_letter() const { return short_flag_; }

  /// The environment variable: `BATON_`, then the name in upper case with `_` for `-`.
  std::string variable() const;
  /// The flag's help: `required: ` where it is, the description, the variable as `($BATON_...)`.
  std::string help() const;

 private:
  Field(std::string name, FieldKind kind) : name_(std::move(name)), kind_(kind) {}

  std::string name_;
  FieldKind kind_;
  bool required_ = false;
  bool secret_ = false;
  bool hidden_ = false;
  bool operational_ = false;
  char short_flag_ = '\0';
  std::string description_;
  StringList options_;
  std::optional<FieldValue> default_;
};

/// All settings of a program, each name once. Immutable.
class Schema {
 public:
  /// No settings.
  Schema() = default;

  /// InvalidArgument for a name that is not lower-case words joined by `-`, one used twice, a required
  /// boolean, a required field with a default, a default of another kind, and a select without options or
  /// with a default that is none of them.
  static absl::StatusOr<Schema> make(std::vector<Field> fields);

  /// In the order given.
  const std::vector<Field>& fields() const { return fields_; }
  /// Null when there is no such field.
  const Field* find(std::string_view name) const;

 private:
  std::vector<Field> fields_;
};

}  // namespace baton::sdk
