#include "runner/command_line.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/redact.hpp"
#include "runner/config_file.hpp"
#include "runner/help.hpp"
#include "runner/unsupported.hpp"

namespace baton::runner {
namespace {

using sdk::Field;
using sdk::FieldKind;

absl::Status refuse(const std::string& place, std::string_view reason) {
  return absl::UnimplementedError(place + ": " + std::string(reason));
}

/// What ends a start because ours does not have it: upstream's flags, and the settings of the upstream
/// connector.
class Refusals {
 public:
  Refusals(const ConnectorProgram& program, const sdk::Schema& schema) : program_(program), schema_(schema) {}

  /// Why there is no such flag or key; nothing when nobody knows it, or when it is a setting of ours.
  std::optional<std::string_view> reason(std::string_view name) const {
    if (schema_.find(name) != nullptr) return std::nullopt;
    for (const UnsupportedField& field : program_.unsupported) {
      if (field.name == name) return field.reason;
    }
    return unsupported_flag(name);
  }

  /// All names that can be listed.
  std::vector<std::string_view> names() const {
    std::vector<std::string_view> names;
    for (const UnsupportedField& field : program_.unsupported) names.push_back(field.name);
    for (const std::string_view name : unsupported_flags()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    std::erase_if(names, [&](std::string_view name) { return schema_.find(name) != nullptr; });
    return names;
  }

 private:
  const ConnectorProgram& program_;
  const sdk::Schema& schema_;
};

const Field* field_with_letter(const sdk::Schema& schema, char letter) {
  for (const Field& field : schema.fields()) {
    if (field.short_letter() == letter) return &field;
  }
  return nullptr;
}

/// Splits the forms that CLI11 reads otherwise than Go's flag parser: `--name=` gives the empty value, and
/// `-x=value` is the value without the equals sign.
absl::StatusOr<std::vector<std::string>> normalised(const sdk::Schema& schema,
                                                    const std::vector<std::string>& arguments) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") {
      result.insert(result.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.end());
      break;
    }
    const std::size_t equals = argument.find('=');
    if (argument.starts_with("--") && equals + 1 == argument.size()) {
      const std::string name = argument.substr(2, equals - 2);
      if (const Field* field = schema.find(name)) {
        if (field->kind() == FieldKind::kBool) {
          return absl::UnknownError("--" + name + ": \"\" is not a boolean (true or false)");
        }
        result.push_back("--" + name);
        result.emplace_back();
        continue;
      }
    }
    if (argument.size() > 2 && argument[0] == '-' && argument[1] != '-' && argument[2] == '=' &&
        field_with_letter(schema, argument[1]) != nullptr) {
      result.push_back(argument.substr(0, 2));
      result.push_back(argument.substr(3));
      continue;
    }
    result.push_back(argument);
  }
  return result;
}

/// An argument that belongs to no flag.
absl::Status unknown_argument(const ConnectorProgram& program, const Refusals& refusals,
                              const std::string& argument) {
  if (argument.starts_with("--") && argument.size() > 2) {
    const std::string name = argument.substr(2, argument.find('=') - 2);
    if (const auto reason = refusals.reason(name)) return refuse("--" + scrub(name, 64), *reason);
    return absl::UnknownError("unknown flag: --" + scrub(name, 64));
  }
  if (argument.starts_with("-") && argument.size() > 1 && argument != "--") {
    return absl::UnknownError("unknown shorthand flag: " + scrub(argument.substr(0, 2), 8));
  }
  if (const auto reason = unsupported_command(argument)) return refuse(argument, *reason);
  // The word may be a secret whose flag was forgotten, so it is not repeated.
  return absl::UnknownError("an argument belongs to no flag; baton-" + program.name +
                            " --help lists the flags");
}

/// The command line as it was typed.
class Flags {
 public:
  Flags() = default;

  bool help = false;
  bool version = false;
  sdk::FlagValues values;
  /// Of upstream's, the first one given.
  std::string unsupported;
  std::vector<std::string> rest;
};

/// All flags as CLI11 knows them.
class Parser {
 public:
  Parser(const sdk::Schema& schema, const Refusals& refusals) {
    app_.set_help_flag("");
    app_.allow_extras();
    for (const Field& field : schema.fields()) {
      std::string names = "--" + field.name();
      if (field.short_letter() != '\0') names += std::string(",-") + field.short_letter();
      CLI::Option* option = field.kind() == FieldKind::kBool ? app_.add_flag(names) : app_.add_option(names);
      options_.emplace(field.name(), option->take_all());
    }
    help_ = add_switch(schema, "help", 'h');
    version_ = add_switch(schema, "version", 'v');
    for (const std::string_view name : refusals.names()) {
      std::string names = "--" + std::string(name);
      if (name == "provisioning" && field_with_letter(schema, 'p') == nullptr) names += ",-p";
      unsupported_.emplace(name, app_.add_option(names)->expected(0, 1)->take_all());
    }
  }

  absl::StatusOr<Flags> parse(const std::vector<std::string>& arguments) {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
      app_.parse(std::move(reversed));
    } catch (const CLI::ArgumentMismatch&) {
      // Nothing is counted but values that are there, so the last flag lacks its own.
      return absl::UnknownError("flag needs an argument: " + scrub(arguments.back(), 64));
    } catch (const CLI::Error& error) {
      return absl::UnknownError("the flags cannot be read: " + scrub(error.get_name(), 64));
    }
    Flags flags;
    flags.help = help_ != nullptr && help_->count() > 0;
    flags.version = version_ != nullptr && version_->count() > 0;
    for (const auto& [name, option] : options_) {
      if (option->count() > 0) flags.values.emplace(name, option->results());
    }
    for (const auto& [name, option] : unsupported_) {
      if (option->count() > 0 && flags.unsupported.empty()) flags.unsupported = name;
    }
    flags.rest = app_.remaining();
    return flags;
  }

 private:
  /// `--help` and `--version`, unless the connector took the name or the letter for a setting of its own.
  CLI::Option* add_switch(const sdk::Schema& schema, const std::string& name, char letter) {
    if (schema.find(name) != nullptr) return nullptr;
    std::string names = "--" + name;
    if (field_with_letter(schema, letter) == nullptr) names += std::string(",-") + letter;
    return app_.add_flag(names)->take_all();
  }

  CLI::App app_;
  std::map<std::string, CLI::Option*, std::less<>> options_;
  std::map<std::string, CLI::Option*, std::less<>> unsupported_;
  CLI::Option* help_ = nullptr;
  CLI::Option* version_ = nullptr;
};

absl::Status check_environment(const sdk::Schema& schema, const Refusals& refusals,
                               const Environment& environment) {
  const auto is_ours = [&](std::string_view name) {
    return std::any_of(schema.fields().begin(), schema.fields().end(),
                       [&](const Field& field) { return field.variable() == name; });
  };
  for (const auto& [name, value] : environment) {
    if (value.empty() || !name.starts_with("BATON_") || is_ours(name)) continue;
    if (const auto reason = unsupported_variable(name)) return refuse(scrub(name, 64), *reason);
  }
  for (const std::string_view name : refusals.names()) {
    const std::string variable_name = Field::string(std::string(name)).variable();
    if (variable(environment, variable_name)) return refuse(variable_name, *refusals.reason(name));
  }
  return absl::OkStatus();
}

absl::Status check_file(const Refusals& refusals, const sdk::FileValues& file) {
  for (const auto& [name, value] : file.entries) {
    if (const auto reason = refusals.reason(name)) {
      return refuse(file.path + ":" + std::to_string(value.line) + ": " + scrub(name, 64), *reason);
    }
  }
  return absl::OkStatus();
}

/// Whether the words without a flag say `status`, and with `--json`. Anything else beside it is an error.
absl::StatusOr<bool> asks_for_status(const std::vector<std::string>& words, bool& json) {
  if (std::find(words.begin(), words.end(), "status") == words.end()) return false;
  for (const std::string& word : words) {
    if (word == "--json") {
      json = true;
    } else if (word != "status") {
      return absl::UnknownError("status takes --json and the flags that name the run: --file, --state-dir");
    }
  }
  return true;
}

/// Takes away what belongs to the connector: to look at a run, no secret is needed.
template <class Entries>
Entries only_common(const sdk::Schema& common, Entries entries) {
  std::erase_if(entries, [&](const auto& entry) { return common.find(entry.first) == nullptr; });
  return entries;
}

absl::StatusOr<sdk::Schema> make_schema(const ConnectorProgram& program,
                                        const std::vector<FieldGroup>& common) {
  std::vector<Field> fields = program.fields;
  for (const FieldGroup& group : common) {
    fields.insert(fields.end(), group.fields.begin(), group.fields.end());
  }
  std::map<char, std::string> letters;
  for (const Field& field : fields) {
    if (field.short_letter() == '\0') continue;
    const auto [other, fresh] = letters.emplace(field.short_letter(), field.name());
    if (!fresh) {
      return absl::InvalidArgumentError("config fields \"" + other->second + "\" and \"" + field.name() +
                                        "\" have the same one-letter flag");
    }
  }
  return sdk::Schema::make(std::move(fields));
}

}  // namespace

absl::StatusOr<Invocation> read_command_line(const ConnectorProgram& program,
                                             const std::vector<std::string>& arguments,
                                             const Environment& environment,
                                             const std::filesystem::path& directory) {
  const std::vector<FieldGroup> common = common_settings();
  const absl::StatusOr<sdk::Schema> schema = make_schema(program, common);
  if (!schema.ok()) return schema.status();
  const absl::StatusOr<std::vector<std::string>> words = normalised(*schema, arguments);
  if (!words.ok()) return words.status();
  const Refusals refusals(program, *schema);
  const absl::StatusOr<Flags> flags = Parser(*schema, refusals).parse(*words);
  if (!flags.ok()) return flags.status();

  Invocation invocation;
  if (flags->help || (!flags->rest.empty() && flags->rest.front() == "help")) {
    invocation.kind = Invocation::Kind::kHelp;
    invocation.text = help_text(program, common);
    return invocation;
  }
  if (flags->version) {
    invocation.kind = Invocation::Kind::kVersion;
    invocation.text = "baton-" + program.name + " version " + program.version + "\n";
    return invocation;
  }
  if (!flags->unsupported.empty()) {
    return refuse("--" + flags->unsupported, *refusals.reason(flags->unsupported));
  }
  const absl::StatusOr<bool> status_asked = asks_for_status(flags->rest, invocation.json);
  if (!status_asked.ok()) return status_asked.status();
  if (*status_asked) invocation.kind = Invocation::Kind::kStatus;
  if (!*status_asked && !flags->rest.empty()) return unknown_argument(program, refusals, flags->rest.front());
  if (absl::Status status = check_environment(*schema, refusals, environment); !status.ok()) return status;

  const absl::StatusOr<sdk::FileValues> file = read_config_file(environment, directory);
  if (!file.ok()) return file.status();
  if (absl::Status status = check_file(refusals, *file); !status.ok()) return status;

  const auto lookup = [&environment](const std::string& name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    if (found == environment.end()) return std::nullopt;
    return found->second;
  };
  ConnectorProgram nobody;
  const absl::StatusOr<sdk::Schema> common_schema = make_schema(nobody, common);
  if (!common_schema.ok()) return common_schema.status();
  sdk::FileValues common_file = *file;
  common_file.entries = only_common(*common_schema, common_file.entries);
  absl::StatusOr<sdk::Config> config =
      *status_asked
          ? sdk::resolve(*common_schema, only_common(*common_schema, flags->values), lookup, common_file)
          : sdk::resolve(*schema, flags->values, lookup, *file);
  if (!config.ok()) return config.status();
  absl::StatusOr<Settings> settings = read_settings(*config, *file);
  if (!settings.ok()) return settings.status();
  const absl::StatusOr<c1z::Retention> retention =
      c1z::Retention::parse(variable(environment, "BATON_KEEP_SYNC_COUNT").value_or(""),
                            variable(environment, "BATON_SKIP_CLEANUP").value_or(""));
  if (!retention.ok()) return absl::UnknownError(retention.status().message());
  invocation.config = *std::move(config);
  invocation.settings = *std::move(settings);
  invocation.settings.retention = *retention;
  return invocation;
}

}  // namespace baton::runner
