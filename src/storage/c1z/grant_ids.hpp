#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "storage/c1z/sqlite.hpp"
#include "storage/c1z/writer.hpp"
#include "storage/row_source.hpp"

/// What to do when public ids clash, which v1 keys its rows by.
namespace baton::c1z {

/// Gives each public id of the sync's rows in `v1_grants` to one row: a grant whose own composed id it is
/// keeps it, else the one that is latest in structural order; the others get `<entitlement id>:<principal
/// type>:<principal id>`, in the column and in the blob. Counts them in `summary`. To be called when the
/// unique index could not be made; row ids must be the position of the row in `rows`, from 1, behind
/// `last_earlier`. Needs memory for the cache of the database only.
///
/// FailedPrecondition, naming both, when two grants have the same composed id.
absl::Status rename_clashing_grants(Database& database, const std::string& sync_id, std::int64_t last_earlier,
                                    storage::RowSource& rows, WriteSummary& summary);

/// FailedPrecondition that names two entitlements of one public id in the sync; Internal when there are none.
absl::Status describe_clashing_entitlements(Database& database, const std::string& sync_id);
/// The same for two resources whose `type:id` is the same text.
absl::Status describe_clashing_resources(Database& database, const std::string& sync_id);

}  // namespace baton::c1z
