#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "cli/options.hpp"
#include "cli/output.hpp"

namespace baton::cli {

/// The options that subcommands share.
enum class Flag : std::uint8_t {
  kSyncId,
  kResourceType,
  kResource,
  kEntitlement,
  kPrincipalType,
  kPrincipal,
  kWho,
  kWhat,
  kWhy,
  kLimit,
  kRowLimit,
  kDirect,
  kExpanded,
  kTimings,
  kCompared,
  kOut,
  kOutOrLatest,
  kOverwrite,
  kStorageEngine,
  kMode,
  kMaxRows,
  kDryRun,
  kReplay,
  kValidate,
  kPreserveSuspects,
  kWide,
  kCommon,
  kRows,
};

/// A subcommand: its name, where a blank parts a command from one of its own, its line in the help, the
/// options it takes and the function that it is.
class Command {
 public:
  std::string_view name;
  std::string_view summary;
  std::vector<Flag> flags;
  /// Writes nothing to the results when it fails.
  absl::Status (*run)(const Options& options, Output& output);
};

absl::Status run_access(const Options& options, Output& output);
absl::Status run_digest(const Options& options, Output& output);
absl::Status run_entitlements(const Options& options, Output& output);
absl::Status run_expand(const Options& options, Output& output);
absl::Status run_export(const Options& options, Output& output);
absl::Status run_export_c1z(const Options& options, Output& output);
absl::Status run_grants(const Options& options, Output& output);
absl::Status run_principals(const Options& options, Output& output);
absl::Status run_principals_compare(const Options& options, Output& output);
absl::Status run_resource_types(const Options& options, Output& output);
absl::Status run_resources(const Options& options, Output& output);
absl::Status run_rollback_expansion(const Options& options, Output& output);
absl::Status run_stats(const Options& options, Output& output);
absl::Status run_syncs(const Options& options, Output& output);
absl::Status run_to_pebble(const Options& options, Output& output);
absl::Status run_to_sqlite(const Options& options, Output& output);
absl::Status run_why(const Options& options, Output& output);

/// All subcommands in the order of the help.
std::span<const Command> commands();

/// For a command line that makes no sense; ends with the exit code of usage errors.
absl::Status usage_error(std::string_view message);

}  // namespace baton::cli
