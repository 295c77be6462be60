#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "runner/environment.hpp"
#include "sdk/config.hpp"

namespace baton::runner {

/// Reads the YAML text of a configuration file: one mapping from flag names to scalars, lists of scalars or
/// mappings of scalars.
///
/// Anything else is an error "<path>:<line>: ...", code Unknown: what YAML does not allow, a key twice, a key
/// without a value, deeper nesting, anchors and aliases (which could blow a small file up), tags of types
/// that no setting has, a second document. Values are never repeated in errors. An empty text has no entries.
absl::StatusOr<sdk::FileValues> parse_config(std::string_view text, const std::string& path);

/// The file that `BATON_CONFIG_PATH` names, which must exist and be called .yaml or .yml, or else
/// `.baton.yaml` in `directory` if there is one. At most 1 MiB.
absl::StatusOr<sdk::FileValues> read_config_file(const Environment& environment,
                                                 const std::filesystem::path& directory);

}  // namespace baton::runner
