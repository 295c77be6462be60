#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.hpp"
#include "base/invariant_findings.hpp"
#include "baton/store/v1/plan.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "storage/encoded_rows.hpp"
#include "storage/invariant_checks.hpp"
#include "storage/record_source.hpp"
#include "storage/row_source.hpp"

namespace rocksdb {
class FileSystem;
}

namespace baton::storage {

/// Where a cursor waits in the plan: its phase, and whether it may start before the phase does. Work of one
/// lane is handed out in the order in which commits discovered it.
class Lane {
 public:
  constexpr Lane() = default;
  constexpr Lane(std::uint8_t phase, bool independent)
      : value_(static_cast<std::uint8_t>(phase | (independent ? 0x80 : 0))) {}

  constexpr std::uint8_t phase() const { return value_ & 0x7f; }
  constexpr bool independent() const { return (value_ & 0x80) != 0; }
  constexpr std::uint8_t value() const { return value_; }
  friend constexpr auto operator<=>(Lane, Lane) = default;

 private:
  std::uint8_t value_ = 0;
};

/// Names one cursor of the plan: its lane and its number in it. Stable over restarts.
class CursorKey {
 public:
  constexpr CursorKey() = default;
  constexpr CursorKey(Lane lane, std::uint64_t sequence) : lane(lane), sequence(sequence) {}
  friend constexpr auto operator<=>(const CursorKey&, const CursorKey&) = default;

  Lane lane;
  std::uint64_t sequence = 0;
};

/// A cursor handed out for walking.
class WorkItem {
 public:
  WorkItem() = default;

  CursorKey key;
  baton::store::v1::CursorRow cursor;
  /// The stored resource that an entitlement or grant cursor is about; empty for other operations, for
  /// type-scoped cursors, and when there is no such row.
  std::optional<c1::connector::v2::Resource> resource;
};

/// What one page changes: its rows, its cursor's advance, the work it discovered, warnings and counters.
class PageCommit {
 public:
  PageCommit() = default;

  CursorKey cursor_key;
  /// The cursor as it stands after this page; `done` when the page was its last.
  baton::store::v1::CursorRow cursor;
  /// May be null: a page without rows.
  std::shared_ptr<const EncodedRows> rows;
  /// Added to the plan unless a cursor of the same identity (`cursor_identity`) was planned before, in this
  /// run or in an earlier process of it.
  std::vector<baton::store::v1::CursorRow> planned;
  std::vector<baton::store::v1::WarningRow> warnings;
  /// Added to the run's counters: pages, rows, requests, bytes, what was skipped and dropped. What the store
  /// counts itself is ignored here: cursors planned, done and in flight, lanes, `next_sequence`, warnings,
  /// expandable grants.
  baton::store::v1::RunCounters counters;
};

/// How many cursors a commit really added to each lane.
class PlannedCount {
 public:
  PlannedCount() = default;
  PlannedCount(Lane lane, std::uint64_t count) : lane(lane), count(count) {}

  Lane lane;
  std::uint64_t count = 0;
};

/// A row that expansion made for one destination entitlement; see `ExpansionSegment`.
class ExpansionRow {
 public:
  ExpansionRow() = default;

  std::string_view principal_type_id;
  std::string_view principal_id;
  std::string_view principal_parent_type_id;
  std::string_view principal_parent_id;
  /// False: a base grant whose sources change. True: a grant that expansion made.
  bool synthesised = false;
  /// What `encode_sources` made, for a row of the same kind.
  std::string_view sources;
};

/// Appends the sources of a row as they are stored: (entitlement id, is direct), sorted by id, the complete
/// map after expansion. Many rows share one result.
void encode_sources(std::string& bytes, std::span<const std::pair<std::string_view, bool>> sources,
                    bool synthesised);

/// What an expansion is going to write. Two with the same fingerprint write the same rows in the same
/// segments.
class ExpansionPlan {
 public:
  ExpansionPlan() = default;

  std::uint64_t fingerprint = 0;
  std::uint32_t segments = 0;
};

/// Rows of one or more destinations on their way into the family `expanded`. Single owner; different segments
/// may be written by different threads at a time. Must not outlive its store. Destroyed before `commit`, it
/// leaves nothing behind.
class ExpansionSegment {
 public:
  virtual ~ExpansionSegment() = default;

  /// Rows of this destination follow. Destinations by ascending identity.
  virtual absl::Status begin(std::string_view resource_type_id, std::string_view resource_id,
                             std::string_view entitlement_id) = 0;
  /// By ascending principal type and id.
  virtual absl::Status add(const ExpansionRow& row) = 0;
  /// Enters the rows, and that the segment is done, atomically and durably. `note` comes back from
  /// `begin_expansion`. No call afterwards.
  virtual absl::Status commit(std::string_view note) = 0;
};

/// A grant as expansion reads it: identity, sources and the expandable description of a collected row.
class BaseGrant {
 public:
  BaseGrant() = default;

  std::string_view resource_type_id;
  std::string_view resource_id;
  std::string_view entitlement_id;
  std::string_view principal_type_id;
  std::string_view principal_id;
  std::string_view principal_parent_type_id;
  std::string_view principal_parent_id;
  std::vector<std::pair<std::string_view, bool>> sources;
  bool needs_expansion = false;
  std::vector<std::string_view> expandable_entitlement_ids;
  bool shallow = false;
  std::vector<std::string_view> expandable_resource_type_ids;
};

class StoreOptions {
 public:
  StoreOptions() = default;

  /// The run directory; created (mode 0700) when it does not exist.
  std::string directory;
  /// Refuse to create: opening for `status` or tests.
  bool must_exist = false;
  /// Only look: no lock is taken and nothing is written, so that a run may be looked at while it goes on.
  /// Implies `must_exist`.
  bool read_only = false;
  /// Through which the files are read and written; the system's when null. For tests that make it fail.
  std::shared_ptr<rocksdb::FileSystem> file_system;
  /// Of one family's memtable; all of them together stay below 48 MiB.
  std::size_t memtable_bytes = 16u << 20;
  /// Says when a commit was written and when expansion made a grant; the system's when null. Outlives the
  /// store.
  const Clock* clock = nullptr;
};

/// Everything an unfinished sync knows, in one RocksDB directory: run header, plan, rows of each family, what
/// expansion made, warnings, sessions.
///
/// One page commit is one atomic batch, so that at whatever instant the process dies the directory holds a
/// consistent plan and exactly the rows that belong to it. Writes go to the write-ahead log and survive the
/// death of the process at once; `sync_log` makes them survive the machine's.
///
/// Not thread-safe but for `RowSource`s and `for_each_base_grant`, which read a snapshot and may run on other
/// threads while nothing writes. A second process that opens the same directory gets FailedPrecondition.
/// Corruption is DataLoss and names the file; a full disk is ResourceExhausted; everything committed stays.
class SyncStore {
 public:
  static absl::StatusOr<std::unique_ptr<SyncStore>> open(const StoreOptions& options);
  virtual ~SyncStore() = default;

  /// The run that the directory holds; nullopt in a fresh directory. `last_commit_at`, `needs_expansion` and
  /// `format` are the store's own and agree with the last commit.
  virtual std::optional<baton::store::v1::RunHeader> header() const = 0;
  /// Writes the header and syncs it to disk.
  virtual absl::Status put_header(const baton::store::v1::RunHeader& header) = 0;

  /// Plans cursors outside a page, atomically: the first cursors of a run, or of a phase. `marker` is written
  /// with them: once it is there, a second call with the same marker changes nothing.
  virtual absl::StatusOr<std::vector<PlannedCount>> plan(
      const std::string& marker, std::span<const baton::store::v1::CursorRow> cursors) = 0;

  /// Commits pages in order, in one batch; all or nothing. One `PlannedCount` list per page. InvalidArgument
  /// for a cursor that `next_work` did not hand out, or that is done.
  virtual absl::StatusOr<std::vector<std::vector<PlannedCount>>> commit(
      std::span<const PageCommit> pages) = 0;

  /// Writes rows outside a page; harmless to repeat. For rows that the engine derives, before the page that
  /// says so.
  virtual absl::Status add_rows(const EncodedRows& rows) = 0;

  /// Cursors of `lane` not yet handed out by this process and not done, oldest first, at most `n`.
  virtual absl::StatusOr<std::vector<WorkItem>> next_work(Lane lane, std::size_t n) = 0;

  /// Cursors not done, handed out or not, by lane, as of the last commit.
  virtual std::vector<PlannedCount> pending() const = 0;

  /// Counters since the run began, over all its processes.
  virtual const baton::store::v1::RunCounters& counters() const = 0;

  /// Makes everything committed so far durable against loss of power.
  virtual absl::Status sync_log() = 0;
  /// Bytes committed since the last `sync_log`.
  virtual std::size_t unsynced_bytes() const = 0;

  virtual absl::StatusOr<std::vector<c1::connector::v2::ResourceType>> resource_types() const = 0;
  virtual absl::StatusOr<std::vector<baton::store::v1::WarningRow>> warnings() const = 0;
  virtual absl::Status for_each_resource(
      const std::string& type_id,
      const std::function<absl::Status(const c1::connector::v2::Resource&)>& visit) const = 0;

  /// Collected grants only (never what expansion made), in identity order, conflicts resolved.
  virtual absl::Status for_each_base_grant(
      const std::function<absl::Status(const BaseGrant&)>& visit) const = 0;
  /// Entitlements in identity order: (resource type, resource id, entitlement id).
  virtual absl::Status for_each_entitlement(
      const std::function<absl::Status(std::string_view, std::string_view, std::string_view)>& visit)
      const = 0;

  /// Forgets what an earlier expansion made.
  virtual absl::Status clear_expansion() = 0;
  /// Goes on with the plan if it was begun before, else forgets what an earlier expansion made. Answers for
  /// each segment with the note that it was committed with, or nothing.
  virtual absl::StatusOr<std::vector<std::optional<std::string>>> begin_expansion(
      const ExpansionPlan& plan) = 0;
  /// Opens a segment of the plan that is not committed yet, by number from 0. Thread-safe, but nothing else
  /// may use the store meanwhile.
  virtual absl::StatusOr<std::unique_ptr<ExpansionSegment>> expansion_segment(std::uint32_t number) = 0;

  /// Checks the references between collected rows, and that no cursor is open.
  virtual absl::StatusOr<InvariantFindings> check_invariants(const InvariantChecks& checks) const = 0;

  /// Grants whose principal stands for external resources, in identity order, with the key to remove them by.
  virtual absl::Status for_each_external_match(
      const std::function<absl::Status(const std::string& key, const c1::connector::v2::Grant&)>& visit)
      const = 0;
  /// Removes collected grants by key; harmless to repeat.
  virtual absl::Status remove_grants(std::span<const std::string> keys) = 0;
  /// Whether this entitlement was collected.
  virtual absl::StatusOr<bool> has_entitlement(std::string_view resource_type_id,
                                               std::string_view resource_id,
                                               std::string_view entitlement_id) const = 0;

  /// Counts conflicts (equal identities with different content) and rows by family and type, in one pass.
  virtual absl::StatusOr<FamilyCounts> count_rows() const = 0;

  /// The merged, sorted rows, for an exporter. The source reads a snapshot and keeps it alive.
  virtual absl::StatusOr<std::unique_ptr<RowSource>> rows() const = 0;
  /// The same as records of version 3.
  virtual absl::StatusOr<std::unique_ptr<RecordSource>> records() const = 0;

  /// Makes everything durable and closes; the object is unusable afterwards. FailedPrecondition while a
  /// `RowSource` or `RecordSource` is alive. Called by the destructor too, which cannot report.
  virtual absl::Status close() = 0;
};

/// Whether another process holds the run directory at this moment. False when there is none. Not for a
/// process that has it open itself, which would lose its lock.
bool is_in_use(const std::string& directory);

/// Removes a run directory that is no longer needed; refuses a directory that holds anything a store does not
/// write.
absl::Status remove_store(const std::string& directory);

/// The identity under which a cursor is planned once: operation, type-scoped, type, resource, parent, sibling
/// token. 16 bytes.
std::string cursor_identity(const baton::store::v1::CursorRow& cursor);

}  // namespace baton::storage
