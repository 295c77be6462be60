#include "cli/command.hpp"

namespace baton::cli {

std::span<const Command> commands() {
  using enum Flag;
  static const std::vector<Command> kCommands{
      {"resource-types", "List resource types", {kRowLimit, kSyncId}, &run_resource_types},
      {"resources", "List resources", {kResourceType, kRowLimit, kSyncId}, &run_resources},
      {"entitlements", "List entitlements", {kResourceType, kRowLimit, kSyncId}, &run_entitlements},
      {"grants",
       "List grants: all of them, those on a resource or of an entitlement, or those a principal holds",
       {kResourceType, kResource, kEntitlement, kPrincipalType, kPrincipal, kDirect, kExpanded, kWide,
        kRowLimit, kSyncId},
       &run_grants},
      {"principals",
       "List who holds the grants on a resource or of an entitlement",
       {kResourceType, kResource, kEntitlement, kRowLimit, kSyncId},
       &run_principals},
      {"principals compare",
       "Compare who holds two entitlements, maybe of two files",
       {kEntitlement, kCompared},
       &run_principals_compare},
      {"access",
       "Show what one principal has access to, and why",
       {kResourceType, kResource, kWhy, kLimit, kSyncId},
       &run_access},
      {"why",
       "Show by which paths a principal holds an entitlement, and where paths are stopped",
       {kWho, kWhat, kLimit, kSyncId},
       &run_why},
      {"expand",
       "Write a copy of a sync with its grants expanded: who holds what through groups",
       {kOut, kOverwrite, kMode, kMaxRows, kSyncId},
       &run_expand},
      {"rollback-expansion",
       "Write a copy of a sync without what expansion made",
       {kOut, kOverwrite, kDryRun, kReplay, kValidate, kPreserveSuspects, kSyncId},
       &run_rollback_expansion},
      {"to-pebble",
       "Write a copy of a sync as a file of version 3, which upstream's releases since August 2026 write",
       {kOut, kOverwrite, kSyncId},
       &run_to_pebble},
      {"to-sqlite",
       "Write a copy of a sync as a file of version 1, a SQLite database that every release of upstream "
       "reads",
       {kOut, kOverwrite, kSyncId},
       &run_to_sqlite},
      {"export", "Write a sync in another form: baton export c1z", {}, &run_export},
      {"export c1z",
       "Write a copy of one sync as a file of the same version",
       {kOutOrLatest, kOverwrite, kStorageEngine, kSyncId},
       &run_export_c1z},
      {"stats", "Summarise a sync", {kTimings, kWide, kSyncId}, &run_stats},
      {"syncs", "List the syncs that the file holds", {kWide, kRowLimit}, &run_syncs},
      {"digest",
       "Print a SHA-256 over the content of a sync, for comparing files",
       {kCommon, kRows, kSyncId},
       &run_digest},
  };
  return kCommands;
}

absl::Status usage_error(std::string_view message) {
  return absl::UnknownError(absl::string_view(message.data(), message.size()));
}

}  // namespace baton::cli
