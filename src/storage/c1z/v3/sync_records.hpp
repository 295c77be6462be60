#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "c1/c1z/v3/manifest.pb.h"
#include "c1/storage/v3/records.pb.h"
#include "storage/c1z/stats_count.hpp"
#include "storage/c1z/writer.hpp"

/// What a file of version 3 says about its one sync.
namespace baton::c1z::v3 {

/// What a type of sync is called in `SyncRunInfo::type`; empty for one that nobody knows.
std::string_view sync_type_name(c1::storage::v3::SyncType type);

/// InvalidArgument for a type that nobody knows.
absl::StatusOr<c1::storage::v3::SyncRunRecord> make_sync_run(const SyncRunInfo& run);
c1::storage::v3::SyncStatsRecord make_stats(const SyncRunInfo& run, const StatsCount& counted);

/// The head of the file; without `stats` when null.
c1::c1z::v3::C1ZManifestV3 make_head(const c1::storage::v3::SyncRunRecord& run,
                                     const c1::storage::v3::SyncStatsRecord* stats);

}  // namespace baton::c1z::v3
