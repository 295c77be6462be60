#pragma once

#include <string>

#include "actors/engine.hpp"
#include "runner/run_connector.hpp"
#include "runner/settings.hpp"
#include "sdk/config.hpp"

/// The decisions of a process that a test wants to see.
namespace baton::runner {

/// What makes a run the one it is: the connector's name, its settings that are neither secret nor
/// operational, filters, skip flags and the mode of expansion.
sync::RunConfiguration run_configuration(const ConnectorProgram& program, const sdk::Config& config,
                                         const Settings& settings);

/// `<file>.sync`, or in the state folder `<name of the file>-<8 digits of the hash of its absolute
/// path>.sync`.
std::string run_directory(const Settings& settings);

}  // namespace baton::runner
