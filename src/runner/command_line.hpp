#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "runner/environment.hpp"
#include "runner/run_connector.hpp"
#include "runner/settings.hpp"
#include "sdk/config.hpp"

namespace baton::runner {

/// What a start asks for.
class Invocation {
 public:
  enum class Kind { kSync, kStatus, kHelp, kVersion };

  Invocation() = default;

  Kind kind = Kind::kSync;
  /// What help or version print, with its newline.
  std::string text;
  /// `status --json`.
  bool json = false;
  /// All settings, the connector's and the common ones.
  sdk::Config config;
  Settings settings;
};

/// Reads flags, environment and configuration file, in this order of rank.
///
/// `status` needs none of the connector's settings, and has only the common ones.
///
/// Errors are one line. Unimplemented for what upstream's connectors know and ours do not, whichever way it
/// is given; otherwise Unknown: an unknown flag, a flag without its value, a missing or impossible setting, a
/// bad file. Values of secrets never show.
///
/// `arguments` are those after the program's name; `directory` is where `.baton.yaml` is looked for.
absl::StatusOr<Invocation> read_command_line(const ConnectorProgram& program,
                                             const std::vector<std::string>& arguments,
                                             const Environment& environment,
                                             const std::filesystem::path& directory);

}  // namespace baton::runner
