#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What upstream's connectors (SDK v0.25.0) know and ours do not yet: none of it is ever ignored, since a
/// sync that quietly did something else is worse than none. The table is `docs/flags.md`.
namespace baton::runner {

/// Names of upstream's flags that end a start, without dashes; those whose name only begins a family, and
/// which therefore cannot be listed, are left out.
std::vector<std::string_view> unsupported_flags();

/// Why there is no such flag or key, and what to do instead; nothing when upstream has none of that name
/// either.
std::optional<std::string_view> unsupported_flag(std::string_view name);

/// The same for variables that are no flag's.
std::optional<std::string_view> unsupported_variable(std::string_view name);

/// The same for the word after the program's name.
std::optional<std::string_view> unsupported_command(std::string_view word);

}  // namespace baton::runner
