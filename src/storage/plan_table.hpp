#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/database.hpp"
#include "storage/sync_store.hpp"

namespace baton::storage {

/// The plan in its column family, and what a process knows about it: per lane, how many cursors are not done,
/// which were handed out, and from where to read on. Memory is bounded by what is handed out, not by the
/// plan.
///
///     'q' lane (1) sequence (8)             → CursorRow               the queue, one lane after another
///     'i' operation (1) type-scoped (1) identity tuple  → lane (1) sequence (8)   planned before?
///
/// Not thread-safe.
class PlanTable {
 public:
  explicit PlanTable(const Database& database) : database_(database) {}

  /// Reads the plan once. `next_sequence` is the least number that a new cursor may get.
  absl::Status load(std::uint64_t next_sequence);

  /// Hands out the oldest cursors of a lane that are neither done nor handed out.
  absl::StatusOr<std::vector<std::pair<CursorKey, baton::store::v1::CursorRow>>> take(Lane lane,
                                                                                      std::size_t n);

  /// Whether a cursor of this identity was ever planned.
  absl::StatusOr<bool> planned(const baton::store::v1::CursorRow& cursor) const;

  /// Cursors not done, by lane; lanes without any are left out.
  std::vector<PlannedCount> pending() const;
  std::uint64_t next_sequence() const { return next_sequence_; }

 private:
  class LaneState {
   public:
    std::uint64_t pending = 0;
    // Everything in front of it is done or handed out.
    std::uint64_t next = 0;
    std::set<std::uint64_t> handed_out;
  };

 public:
  /// What one write batch does to the plan. The table changes with `apply` only, once the batch is written.
  class Change {
   public:
    Change(PlanTable& plan, rocksdb::WriteBatch& batch) : plan_(plan), batch_(batch) {}

    /// Adds those cursors whose identity was not planned before, and says how many in each lane.
    absl::StatusOr<std::vector<PlannedCount>> add(std::span<const baton::store::v1::CursorRow> cursors);
    /// InvalidArgument unless the cursor was handed out and is not done.
    absl::Status advance(CursorKey key, const baton::store::v1::CursorRow& cursor);
    /// Writes what is still held back into the batch.
    void finish();
    void apply();

    std::uint64_t next_sequence() const { return plan_.next_sequence_ + added_.size(); }
    /// By (phase, resource type), for counters.
    const std::map<std::pair<std::uint32_t, std::string>, std::uint64_t>& added_by_type() const {
      return added_by_type_;
    }
    const std::map<std::pair<std::uint32_t, std::string>, std::uint64_t>& done_by_type() const {
      return done_by_type_;
    }
    std::uint64_t added() const { return added_.size(); }
    /// Siblings among the cursors that `add` left out.
    std::uint64_t repeated_siblings() const { return repeated_siblings_; }
    std::uint64_t done() const { return done_.size(); }
    /// Each lane as it will be.
    std::vector<baton::store::v1::LaneCount> lanes() const;
    /// Cursors handed out and not done.
    std::uint32_t in_flight() const;

   private:
    PlanTable& plan_;
    rocksdb::WriteBatch& batch_;
    absl::flat_hash_set<std::string> identities_;
    // Held back to go in sorted: the memtable finds the place of a neighbour much faster.
    std::vector<std::pair<std::string, std::string>> puts_;
    std::vector<Lane> added_;
    std::set<CursorKey> done_;
    std::map<std::pair<std::uint32_t, std::string>, std::uint64_t> added_by_type_;
    std::map<std::pair<std::uint32_t, std::string>, std::uint64_t> done_by_type_;
    std::uint64_t repeated_siblings_ = 0;
  };

 private:
  absl::StatusOr<bool> known(const std::string& index_key) const;

  const Database& database_;
  std::map<Lane, LaneState> lanes_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace baton::storage
