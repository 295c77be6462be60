#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/log.hpp"
#include "sdk/config.hpp"
#include "sdk/config_fields.hpp"
#include "storage/c1z/writer.hpp"

namespace baton::runner {

/// Settings that the help text shows together.
class FieldGroup {
 public:
  FieldGroup(std::string heading, std::vector<sdk::Field> members)
      : title(std::move(heading)), fields(std::move(members)) {}

  std::string title;
  std::vector<sdk::Field> fields;
};

/// The settings that every connector program has beside its own. All are operational: what of them decides
/// the result of a sync enters its configuration by name (`process.cpp`), whatever the connector.
std::vector<FieldGroup> common_settings();

enum class LogFormat { kAutomatic, kConsole, kJson };

/// The values of the common settings, checked.
class Settings {
 public:
  Settings() = default;

  std::string file;
  std::vector<std::string> resource_types;
  bool skip_full_sync = false;
  bool skip_entitlements_and_grants = false;
  bool skip_grants = false;
  /// upstream, strict or off.
  std::string expansion = "upstream";
  /// 0 is no bound.
  std::uint64_t max_expanded_grants = 0;
  c1z::FileVersion file_version = c1z::FileVersion::kV1;
  c1z::WriteMethod write_method = c1z::WriteMethod::kPages;
  /// Of earlier syncs in the file; from variables of the environment, as upstream has it.
  c1z::Retention retention;
  /// A targeted sync; Baton identifiers, checked.
  std::vector<std::string> sync_resources;
  bool require_all_types = false;
  bool strict_invariants = false;
  /// Empty: none.
  std::string external_file;
  std::string external_entitlement;
  std::vector<std::string> external_traits;
  /// 0 is no bound.
  std::chrono::milliseconds run_duration{0};

  /// Cursors walked at a time; nothing leaves the choice to the engine.
  std::optional<std::size_t> workers;
  /// Requests in flight under one limit key.
  std::uint32_t max_concurrency = 0;
  /// 0 is no bound.
  double requests_per_second = 0;
  /// Empty: beside the file.
  std::string state_dir;
  bool restart = false;
  std::chrono::milliseconds resume_max_age{0};
  std::chrono::milliseconds give_up_after{0};
  std::chrono::milliseconds shutdown_grace{0};
  /// Empty: not written.
  std::string summary_json;

  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kAutomatic;
  /// Empty: stderr.
  std::vector<std::string> log_paths;
};

/// Reads the common settings out of a resolved configuration. Errors have the code Unknown and name the flag,
/// variable or line; a storage engine that we have not is Unimplemented.
absl::StatusOr<Settings> read_settings(const sdk::Config& config, const sdk::FileValues& file);

/// Where the value of a field came from, as messages name it: `--x`, `BATON_X`, `<file>:<line>: x`.
std::string place_of(const sdk::Field& field, sdk::ValueSource source, const sdk::FileValues& file);

}  // namespace baton::runner
