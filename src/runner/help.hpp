#pragma once

#include <string>
#include <vector>

#include "runner/run_connector.hpp"
#include "runner/settings.hpp"

namespace baton::runner {

/// What `--help` prints: all settings that are not hidden, the connector's own first, each with its variable
/// and default.
std::string help_text(const ConnectorProgram& program, const std::vector<FieldGroup>& common);

}  // namespace baton::runner
