#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace baton::c1z::v3 {

/// A table that belongs to the database, as the MANIFEST has it.
class TableEntry {
 public:
  TableEntry() = default;

  std::uint64_t level = 0;
  std::uint64_t number = 0;
  std::uint64_t size = 0;
  /// The first and last user key, range deletions included.
  std::string smallest;
  std::string largest;
  /// `largest` itself is outside.
  bool largest_is_outside = false;
  std::uint64_t smallest_sequence = 0;
  std::uint64_t largest_sequence = 0;
  /// Only the keys within the bounds are part of it; the file's name has `backing` for a number.
  bool is_virtual = false;
  std::uint64_t backing = 0;

  /// Of the file that its keys are in.
  std::uint64_t file_number() const { return is_virtual ? backing : number; }
  bool may_hold(std::string_view key) const {
    return key >= smallest && (largest_is_outside ? key < largest : key <= largest);
  }
};

/// Which tables are live once all edits have been made.
class TableSet {
 public:
  TableSet() = default;

  /// By smallest key.
  std::vector<TableEntry> tables;
  /// Sizes of the files behind virtual tables, as far as they are told.
  std::map<std::uint64_t, std::uint64_t> backing_sizes;
};

/// Replays a MANIFEST from its beginning. Errors tell the byte at which a record begins: DataLoss for damage,
/// Unimplemented for what upstream's SDK never writes (blob files, other comparers), ResourceExhausted for
/// more tables than any file has.
absl::StatusOr<TableSet> read_manifest(std::string_view manifest);

}  // namespace baton::c1z::v3
