#include "runner/help.hpp"

#include <string_view>
#include <utility>
#include <variant>

namespace baton::runner {
namespace {

using sdk::Field;
using sdk::FieldKind;

constexpr std::size_t kTextColumn = 34;
constexpr std::size_t kWidth = 100;

std::string kind_word(const Field& field) {
  switch (field.kind()) {
    case FieldKind::kBool:
      return "";
    case FieldKind::kInt:
      return " int";
    case FieldKind::kStringList:
      return " a,b,...";
    case FieldKind::kStringMap:
      return " k=v,...";
    case FieldKind::kSelect: {
      std::string word = " ";
      for (const std::string& option : field.options()) {
        if (word.size() > 1) word += "|";
        word += option;
      }
      return word;
    }
    case FieldKind::kString:
      break;
  }
  return " string";
}

std::string default_text(const Field& field) {
  if (!field.default_or_none() || field.is_secret()) return "";
  const sdk::FieldValue& value = *field.default_or_none();
  if (const auto* text = std::get_if<std::string>(&value)) {
    return text->empty() ? "" : " [default " + *text + "]";
  }
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return " [default " + std::to_string(*number) + "]";
  }
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? " [default true]" : "";
  std::string joined;
  if (const auto* list = std::get_if<sdk::StringList>(&value)) {
    for (const std::string& item : *list) joined += (joined.empty() ? "" : ",") + item;
  } else {
    for (const auto& [key, item] : std::get<sdk::StringMap>(value)) {
      joined += (joined.empty() ? "" : ",") + key + "=" + item;
    }
  }
  return joined.empty() ? "" : " [default " + joined + "]";
}

/// Ends with the variable, as the lines of upstream's help do.
std::string described(const Field& field) {
  std::string text = field.help();
  const std::string fallback = default_text(field);
  if (fallback.empty()) return text;
  const std::size_t variable_at = text.size() - field.variable().size() - 3;
  return text.insert(variable_at, fallback.substr(1) + " ");
}

/// Appends `text` from `kTextColumn` on, broken between words.
void append_wrapped(std::string& target, std::size_t column, std::string_view text) {
  bool first = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!first && column + 1 + word.size() > kWidth) {
      target += "\n";
      column = 0;
      first = true;
    }
    if (first && column < kTextColumn) {
      target.append(kTextColumn - column, ' ');
      column = kTextColumn;
    }
    if (!first) {
      target += ' ';
      ++column;
    }
    target += word;
    column += word.size();
    first = false;
  }
  target += '\n';
}

void append_flag(std::string& target, char letter, const std::string& name, std::string_view text) {
  std::string left = letter == '\0' ? "      --" : std::string("  -") + letter + ", --";
  left += name;
  if (left.size() + 2 > kTextColumn) {
    target += left + "\n";
    left.clear();
  }
  target += left;
  append_wrapped(target, left.size(), text);
}

void append_group(std::string& target, const std::string& title, const std::vector<Field>& fields) {
  bool any = false;
  for (const Field& field : fields) {
    if (field.is_hidden()) continue;
    if (!std::exchange(any, true)) target += "\n" + title + ":\n";
    append_flag(target, field.short_letter(), field.name() + kind_word(field), described(field));
  }
}

}  // namespace

std::string help_text(const ConnectorProgram& program, const std::vector<FieldGroup>& common) {
  const std::string binary = "baton-" + program.name;
  std::string text = binary + ": " + program.description + "\n\n";
  text += "Usage: " + binary + " [flags]\n";
  text += "       " + binary + " status [--json] [flags]   what an unfinished run holds\n\n";
  text +=
      "Reads everything that the service knows of users, groups, roles and grants, and writes one file.\n";
  text += "A sync that was interrupted goes on when the same command is given again.\n";
  append_group(text, "Connector", program.fields);
  for (const FieldGroup& group : common) append_group(text, group.title, group.fields);
  text += "\nOther:\n";
  append_flag(text, 'h', "help", "print this");
  append_flag(text, 'v', "version", "print the version");
  text +=
      "\nA flag beats its variable, a variable beats the configuration file (.baton.yaml here, or the one "
      "that\n"
      "BATON_CONFIG_PATH names; its keys are the names of the flags), the file beats the default.\n"
      "The exit code is 0 when the file is complete, else the gRPC code of the error; 1 after a signal.\n";
  return text;
}

}  // namespace baton::runner
