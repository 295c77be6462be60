#pragma once

#include <cstddef>
#include <cstdint>

#include "tenant/rows.hpp"

namespace tenant {

/// Every row of one kind as JSON Lines, piece by piece and in constant memory. Rows look as on the pages;
/// members carry `"group":"g-…"` and assignments `"role":"r-…"` besides.
class TruthStream {
 public:
  /// Keeps a reference to the writer.
  TruthStream(const RowWriter& rows, Kind kind) : rows_(&rows), kind_(kind) {}

  /// Appends further lines until about `bytes` are in the buffer. False when no row is left to write.
  bool fill(JsonBuffer& out, std::size_t bytes);

 private:
  const RowWriter* rows_;
  Kind kind_;
  std::uint64_t row_ = 0;    // next row; of a list, within its owner
  std::uint64_t owner_ = 0;  // next group or role of a list
};

}  // namespace tenant
