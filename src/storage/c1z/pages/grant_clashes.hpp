#pragma once

#include "absl/status/status.h"
#include "storage/c1z/pages/grant_keys.hpp"
#include "storage/c1z/pages/grants_table.hpp"
#include "storage/c1z/writer.hpp"
#include "storage/row_source.hpp"

namespace baton::c1z {

/// Gives each public id to one grant: the one whose composed id it is keeps it, else the one that is latest
/// in structural order; the others are marked in `renamed` and counted in `summary`. Changes `keys`
/// accordingly, and reads the grants of `rows` again, which nobody else may be reading.
///
/// FailedPrecondition, naming the id, when two grants have the same composed one.
absl::Status resolve_clashing_grants(GrantKeys& keys, storage::RowSource& rows, RenamedGrants& renamed,
                                     WriteSummary& summary);

}  // namespace baton::c1z
