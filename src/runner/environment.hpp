#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace baton::runner {

/// The environment of a process, taken once at its start: variable → value.
using Environment = std::map<std::string, std::string, std::less<>>;

Environment process_environment();

/// The value of a variable; one that is set but empty counts as unset.
std::optional<std::string> variable(const Environment& environment, std::string_view name);

}  // namespace baton::runner
