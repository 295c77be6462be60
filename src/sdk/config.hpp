#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "sdk/config_fields.hpp"

namespace baton::sdk {

/// Flags as they were typed: by name, one text for each time; a boolean flag without a value is "true".
using FlagValues = std::map<std::string, std::vector<std::string>, std::less<>>;

/// The environment: the value of a variable, or nothing.
using EnvLookup = std::function<std::optional<std::string>(const std::string& variable)>;

/// One entry of a config file; scalars as they are written.
class FileValue {
 public:
  using Content = std::variant<std::string, StringList, StringMap>;

  FileValue() = default;
  FileValue(Content entry, int line_number) : content(std::move(entry)), line(line_number) {}

  Content content;
  /// Counted from 1; 0 when unknown.
  int line = 0;
};

/// A config file, read by whoever knows its syntax.
class FileValues {
 public:
  FileValues() = default;
  explicit FileValues(std::string file) : path(std::move(file)) {}

  /// As messages name it.
  std::string path;
  std::map<std::string, FileValue, std::less<>> entries;
};

/// Where a value came from; a later one outranks the earlier ones, lists and maps included.
enum class ValueSource { kUnset, kDefault, kFile, kEnvironment, kFlag };

/// A field, by handle or by name.
class FieldName {
 public:
  FieldName(const Field& field) : text(field.name()) {}
  FieldName(std::string_view name) : text(name) {}
  FieldName(const std::string& name) : text(name) {}
  FieldName(const char* name) : text(name) {}

  std::string_view text;
};

/// The settings of one run. Immutable; safe to read from any thread.
///
/// Getters answer the zero value of the kind for a field that is unset. Asking for a field that the schema
/// does not have, or for another kind, is a bug of the program and ends it with a message.
class Config {
 public:
  Config() = default;

  const std::string& get_string(FieldName field) const;
  bool get_bool(FieldName field) const;
  std::int64_t get_int(FieldName field) const;
  const StringList& get_list(FieldName field) const;
  const StringMap& get_map(FieldName field) const;

  /// Whether any source, the default included, gave a value: tells an explicit zero from none.
  bool is_set(FieldName field) const { return source(field) != ValueSource::kUnset; }
  ValueSource source(FieldName field) const;

  /// What makes this run what it is: each field that is set and neither secret nor operational, with its
  /// value as canonical text. For the hash by which a resumed run is compared.
  std::map<std::string, std::string> identity() const;

 private:
  friend absl::StatusOr<Config> resolve(const Schema&, const FlagValues&, const EnvLookup&,
                                        const FileValues&);

  class Entry {
   public:
    Entry() = default;
    FieldValue value;
    ValueSource source = ValueSource::kUnset;
  };

  const Entry& entry(FieldName field) const;
  template <class Value>
  const Value& get(FieldName field, const char* kind) const;

  Schema schema_;
  std::map<std::string, Entry, std::less<>> entries_;
};

/// Takes every field of `schema` from the first source that has it: flag, environment, file, default.
///
/// Lists are comma separated on the command line and in the environment (quotes as in CSV) and repeatable as
/// flags; maps are `k=v,k=v` as flags and a JSON object in the environment. An empty variable counts as
/// unset. All errors have the code Unknown (exit 2) and name the source: `--x`, `BATON_X`, `<file>:<line>`;
/// the value is repeated unless the field is secret. A key of the file or a flag that the schema does not
/// have is an error.
absl::StatusOr<Config> resolve(const Schema& schema, const FlagValues& flags, const EnvLookup& environment,
                               const FileValues& file);

}  // namespace baton::sdk
