#include "sdk/config.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"
#include "sdk/json_text.hpp"

namespace baton::sdk {
namespace {

/// One value being read: the field, and the name of the source for errors.
class Origin {
 public:
  Origin(const Field& the_field, std::string source_name, ValueSource value_source)
      : field(the_field), name(std::move(source_name)), source(value_source) {}

  /// An error about this value. `what` must not hold the value; `shown` is repeated unless the field is
  /// secret.
  absl::Status error(const std::string& what, std::string_view shown) const {
    const std::string value = field.is_secret() ? "the value" : absl::StrCat("\"", scrub(shown, 64), "\"");
    return absl::UnknownError(absl::StrCat(name, ": ", value, " ", what));
  }
  /// An error that repeats nothing.
  absl::Status error(const std::string& what) const {
    return absl::UnknownError(absl::StrCat(name, ": ", what));
  }

  const Field& field;
  std::string name;
  ValueSource source;
};

template <class Value>
absl::Status store(FieldValue& value, Value&& found) {
  value = std::forward<Value>(found);
  return absl::OkStatus();
}

// The readers below write into `value` instead of returning a StatusOr of it: g++ 12 warns, wrongly, of
// uninitialised members in a StatusOr of a variant.

absl::Status read_bool(const Origin& origin, const std::string& text, FieldValue& value) {
  // What Go's flag parser takes, and in files the further words of YAML.
  for (const std::string_view word : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == word) return store(value, true);
  }
  for (const std::string_view word : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == word) return store(value, false);
  }
  if (origin.source == ValueSource::kFile) {
    for (const std::string_view word : {"yes", "Yes", "YES", "on", "On", "ON"}) {
      if (text == word) return store(value, true);
    }
    for (const std::string_view word : {"no", "No", "NO", "off", "Off", "OFF"}) {
      if (text == word) return store(value, false);
    }
  }
  return origin.error("is not a boolean (true or false)", text);
}

absl::Status read_int(const Origin& origin, const std::string& text, FieldValue& value) {
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error == std::errc::result_out_of_range) return origin.error("does not fit into 64 bits", text);
  if (error != std::errc() || end != digits.data() + digits.size() || text.starts_with("+-")) {
    return origin.error("is not an integer", text);
  }
  return store(value, number);
}

absl::Status read_select(const Origin& origin, const std::string& text, FieldValue& value) {
  const StringList& options = origin.field.options();
  if (std::find(options.begin(), options.end(), text) != options.end()) return store(value, text);
  std::string known;
  for (const std::string& option : options) absl::StrAppend(&known, known.empty() ? "" : ", ", option);
  return origin.error(absl::StrCat("is not one of ", known), text);
}

/// Splits one line of comma separated values; a value in double quotes may hold commas, and quotes doubled.
absl::StatusOr<StringList> split_csv(const Origin& origin, std::string_view text) {
  StringList values;
  if (text.empty()) return values;
  std::size_t at = 0;
  while (true) {
    std::string& value = values.emplace_back();
    if (at < text.size() && text[at] == '"') {
      for (++at;; ++at) {
        if (at >= text.size()) return origin.error("a quoted value in the list has no closing quote");
        if (text[at] == '"' && at + 1 < text.size() && text[at + 1] == '"') {
          ++at;
        } else if (text[at] == '"') {
          break;
        }
        value.push_back(text[at]);
      }
      ++at;
      if (at < text.size() && text[at] != ',') {
        return origin.error("a quoted value in the list is followed by something other than a comma");
      }
    } else {
      const std::size_t end = std::min(text.find(',', at), text.size());
      value.assign(text.substr(at, end - at));
      at = end;
    }
    if (at >= text.size()) return values;
    ++at;
  }
}

absl::Status add_pair(const Origin& origin, const std::string& pair, StringMap& map) {
  const std::size_t equals = pair.find('=');
  if (equals == std::string::npos || equals == 0) return origin.error("is not of the form key=value", pair);
  map[pair.substr(0, equals)] = pair.substr(equals + 1);
  return absl::OkStatus();
}

absl::Status read_json_map(const Origin& origin, const std::string& text, FieldValue& value) {
  StringMap map;
  JsonReader reader(text);
  bool first = true;
  std::string name;
  if (reader.begin_object()) {
    while (reader.next_member(first, name) && reader.read_scalar(map[name])) {
    }
  }
  if (!reader.finish()) {
    return origin.error(absl::StrCat("not a JSON object of strings: ", reader.error()));
  }
  return store(value, std::move(map));
}

absl::Status read_scalar(const Origin& origin, const std::string& text, FieldValue& value) {
  switch (origin.field.kind()) {
    case FieldKind::kBool:
      return read_bool(origin, text, value);
    case FieldKind::kInt:
      return read_int(origin, text, value);
    case FieldKind::kSelect:
      return read_select(origin, text, value);
    default:
      return store(value, text);
  }
}

/// Reads texts that stand for one value: several only for flags of list and map fields.
absl::Status read_texts(const Origin& origin, const std::vector<std::string>& texts, FieldValue& value) {
  const FieldKind kind = origin.field.kind();
  if (kind != FieldKind::kStringList && kind != FieldKind::kStringMap) {
    return read_scalar(origin, texts.empty() ? std::string() : texts.back(), value);
  }
  if (kind == FieldKind::kStringMap && origin.source == ValueSource::kEnvironment) {
    return read_json_map(origin, texts.front(), value);
  }
  StringList values;
  for (const std::string& text : texts) {
    absl::StatusOr<StringList> parts = split_csv(origin, text);
    if (!parts.ok()) return parts.status();
    std::move(parts->begin(), parts->end(), std::back_inserter(values));
  }
  if (kind == FieldKind::kStringList) return store(value, std::move(values));
  StringMap map;
  for (const std::string& pair : values) {
    absl::Status status = add_pair(origin, pair, map);
    if (!status.ok()) return status;
  }
  return store(value, std::move(map));
}

absl::Status read_file_value(const Origin& origin, const FileValue& entry, FieldValue& value) {
  const FieldKind kind = origin.field.kind();
  if (const auto* text = std::get_if<std::string>(&entry.content)) return read_texts(origin, {*text}, value);
  if (const auto* list = std::get_if<StringList>(&entry.content)) {
    if (kind == FieldKind::kStringList) return store(value, *list);
    return origin.error("a list is not expected here");
  }
  if (kind == FieldKind::kStringMap) return store(value, std::get<StringMap>(entry.content));
  return origin.error("a map is not expected here");
}

std::string file_place(const FileValues& file, const FileValue& value) {
  return value.line > 0 ? absl::StrCat(file.path, ":", value.line) : file.path;
}

bool is_empty_text(const FieldValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr && text->empty();
}

/// Names in the input that the schema does not have.
absl::Status check_names(const Schema& schema, const FlagValues& flags, const FileValues& file) {
  for (const auto& [name, texts] : flags) {
    if (schema.find(name) == nullptr) {
      return absl::UnknownError(absl::StrCat("unknown flag: --", scrub(name, 64)));
    }
  }
  for (const auto& [name, value] : file.entries) {
    if (schema.find(name) == nullptr) {
      return absl::UnknownError(
          absl::StrCat(file_place(file, value), ": unknown setting \"", scrub(name, 64), "\""));
    }
  }
  return absl::OkStatus();
}

[[noreturn]] void misuse(std::string_view field, const char* what) {
  std::fprintf(stderr, "bug: config field \"%.*s\" %s\n", static_cast<int>(field.size()), field.data(), what);
  std::abort();
}

/// A value as text that is equal only for equal values.
std::string canonical(const FieldValue& value) {
  std::string text;
  if (const auto* string = std::get_if<std::string>(&value)) {
    text = *string;
  } else if (const auto* boolean = std::get_if<bool>(&value)) {
    text = *boolean ? "true" : "false";
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    text = absl::StrCat(*number);
  } else if (const auto* list = std::get_if<StringList>(&value)) {
    for (const std::string& item : *list) {
      text.push_back(text.empty() ? '[' : ',');
      append_json_string(text, item);
    }
    text.append(text.empty() ? "[]" : "]");
  } else {
    for (const auto& [key, item] : std::get<StringMap>(value)) {
      text.push_back(text.empty() ? '{' : ',');
      append_json_string(text, key);
      text.push_back(':');
      append_json_string(text, item);
    }
    text.append(text.empty() ? "{}" : "}");
  }
  return text;
}

}  // namespace

absl::StatusOr<Config> resolve(const Schema& schema, const FlagValues& flags, const EnvLookup& environment,
                               const FileValues& file) {
  absl::Status names = check_names(schema, flags, file);
  if (!names.ok()) return names;

  Config config;
  config.schema_ = schema;
  std::string missing;
  std::string empty_variables;
  for (const Field& field : schema.fields()) {
    const auto flag = flags.find(field.name());
    const std::string variable = field.variable();
    const std::optional<std::string> env_text = environment ? environment(variable) : std::nullopt;
    const auto entry = file.entries.find(field.name());

    Config::Entry& result = config.entries_[field.name()];
    absl::Status status;
    std::string place;
    if (flag != flags.end()) {
      const Origin origin(field, absl::StrCat("--", field.name()), ValueSource::kFlag);
      result.source = origin.source;
      place = origin.name;
      status = read_texts(origin, flag->second, result.value);
    } else if (env_text && !env_text->empty()) {
      const Origin origin(field, variable, ValueSource::kEnvironment);
      result.source = origin.source;
      status = read_texts(origin, {*env_text}, result.value);
    } else if (entry != file.entries.end()) {
      const Origin origin(field, absl::StrCat(file_place(file, entry->second), ": ", field.name()),
                          ValueSource::kFile);
      result.source = origin.source;
      place = origin.name;
      status = read_file_value(origin, entry->second, result.value);
    } else if (field.default_or_none()) {
      result.source = ValueSource::kDefault;
      result.value = *field.default_or_none();
    } else if (field.is_required()) {
      absl::StrAppend(&missing, missing.empty() ? "" : ", ", "\"", field.name(), "\"");
      if (env_text) {
        absl::StrAppend(&empty_variables, empty_variables.empty() ? "" : ", ", variable);
      }
    }
    if (!status.ok()) return status;
    if (field.is_required() && result.source != ValueSource::kUnset && is_empty_text(result.value)) {
      return absl::UnknownError(absl::StrCat(place, ": the required value is empty"));
    }
  }
  if (!missing.empty()) {
    return absl::UnknownError(absl::StrCat(
        "required flag(s) ", missing, " not set",
        empty_variables.empty() ? "" : absl::StrCat(" (empty in the environment: ", empty_variables, ")")));
  }
  return config;
}

const Config::Entry& Config::entry(FieldName field) const {
  const auto found = entries_.find(field.text);
  if (found == entries_.end()) misuse(field.text, "is not part of the schema");
  return found->second;
}

template <class Value>
const Value& Config::get(FieldName field, const char* kind) const {
  static const Value kZero{};
  const Entry& found = entry(field);
  if (found.source == ValueSource::kUnset) return kZero;
  const Value* value = std::get_if<Value>(&found.value);
  if (value == nullptr) misuse(field.text, kind);
  return *value;
}

const std::string& Config::get_string(FieldName field) const {
  return get<std::string>(field, "is not a string");
}

bool Config::get_bool(FieldName field) const {
  return get<bool>(field, "is not a boolean");
}

std::int64_t Config::get_int(FieldName field) const {
  return get<std::int64_t>(field, "is not an integer");
}

const StringList& Config::get_list(FieldName field) const {
  return get<StringList>(field, "is not a list");
}

const StringMap& Config::get_map(FieldName field) const {
  return get<StringMap>(field, "is not a map");
}

ValueSource Config::source(FieldName field) const {
  return entry(field).source;
}

std::map<std::string, std::string> Config::identity() const {
  std::map<std::string, std::string> identity;
  for (const Field& field : schema_.fields()) {
    if (field.is_secret() || field.is_operational()) continue;
    const Entry& found = entry(field);
    if (found.source != ValueSource::kUnset) identity.emplace(field.name(), canonical(found.value));
  }
  return identity;
}

}  // namespace baton::sdk
