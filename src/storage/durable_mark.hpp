#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace baton::storage {

/// Remembers, beside the write-ahead log, the number of the last commit known to be on disk. RocksDB ends its
/// replay at the first record it cannot read; with the mark the store can tell a tail that power loss tore
/// off (fewer commits than written, none of them promised) from a log damaged in its middle (promised commits
/// gone).
///
/// The mark itself is written without a sync: a stale one only notices less, and never raises a false alarm.
/// File: number (8 bytes, high byte first), xxHash64 of those (8 bytes). One owner, not thread-safe.
class DurableMark {
 public:
  static constexpr const char* kFileName = "DURABLE";

  /// Opens or creates the file in `directory`; `read_only`: only reads it, where it is.
  static absl::StatusOr<DurableMark> open(const std::string& directory, bool read_only = false);
  ~DurableMark();
  DurableMark(DurableMark&& other) noexcept;
  DurableMark& operator=(DurableMark&&) = delete;

  /// The number in the file when it was opened; 0 for a new or unreadable one.
  std::uint64_t recorded() const { return recorded_; }
  /// Call once commit `number` is on disk. A failure to write loses nothing but the check.
  void record(std::uint64_t number);

 private:
  DurableMark(int file, std::uint64_t recorded) : file_(file), recorded_(recorded) {}

  int file_;
  std::uint64_t recorded_;
};

}  // namespace baton::storage
