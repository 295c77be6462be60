#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace baton::c1z::v3 {

/// Reads the records of a LevelDB log, which is what a MANIFEST is: blocks of 32 KiB, records cut into chunks
/// that have a checksum each. The bytes must outlive the reader.
class LogReader {
 public:
  explicit LogReader(std::string_view log) : log_(log) {}

  /// Replaces `record` by the next one; false at the end. DataLoss tells the byte.
  absl::StatusOr<bool> next(std::string& record);
  /// Where the record that was read last begins.
  std::uint64_t record_at() const { return record_at_; }

 private:
  std::string_view log_;
  std::size_t at_ = 0;
  std::size_t record_at_ = 0;
};

}  // namespace baton::c1z::v3
