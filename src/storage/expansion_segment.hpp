#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/database.hpp"
#include "storage/sync_store.hpp"

/// How an expansion's rows enter the database: a segment is written as a sorted table file, which is taken in
/// together with a one-row file for the family `run` that says the segment is done. No log, no memtable, no
/// compaction. Private to `storage/`.
namespace baton::storage {

/// All that the family `run` says about an expansion lies under this prefix.
inline constexpr std::string_view kExpansionPrefix = "expansion/";

/// The key of the row that says a segment is done; its value is the note.
std::string segment_key(std::uint32_t number);

/// `at` is when the rows are made, in nanoseconds since the epoch.
absl::StatusOr<std::unique_ptr<ExpansionSegment>> open_expansion_segment(std::shared_ptr<Database> database,
                                                                         std::uint32_t number,
                                                                         std::int64_t at);

/// Removes files of segments that were being written when a process ended.
absl::Status remove_segment_files(const std::string& directory);

}  // namespace baton::storage
