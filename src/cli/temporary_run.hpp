#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/c1z/reader.hpp"
#include "storage/sync_store.hpp"

namespace baton::cli {

/// A run store of its own, readable by its owner only and gone with this object. It lies in
/// `c1z::temporary_folder()`; only a process that is killed leaves it there.
class TemporaryRun {
 public:
  static absl::StatusOr<TemporaryRun> create();
  TemporaryRun(TemporaryRun&&) noexcept = default;
  TemporaryRun& operator=(TemporaryRun&&) noexcept;
  ~TemporaryRun();

  storage::SyncStore& store() { return *store_; }

 private:
  TemporaryRun() = default;
  void remove();

  std::string folder_;
  std::unique_ptr<storage::SyncStore> store_;
};

/// Which rows of a file go into a run.
enum class LoadRule : std::uint8_t {
  /// All as they are.
  kAll,
  /// What the connector said, as far as the file tells: grants that expansion made stay out, and so do the
  /// sources that it added.
  kBaseRows,
  /// As upstream rolls back: grants with sources that do not name themselves stay out, all others lose
  /// theirs.
  kRollBack,
  /// The same, but grants that are not immutable stay with all their sources.
  kRollBackButSuspects,
};

/// What stayed out.
class LoadSummary {
 public:
  LoadSummary() = default;

  std::uint64_t grants = 0;
  /// Grants taken for expansion's.
  std::uint64_t deleted = 0;
  /// Of these, those whose origin is doubtful.
  std::uint64_t suspects_deleted = 0;
  std::uint64_t suspects_kept = 0;
  /// Grants that lost sources.
  std::uint64_t cleared = 0;
  /// Rows beyond the first of one identity; a run has each identity once.
  std::uint64_t folded = 0;
};

/// Copies the rows of the selected sync into the store. CANCELLED when the process is to end.
absl::StatusOr<LoadSummary> load(c1z::Reader& reader, LoadRule rule, storage::SyncStore& store);

/// What `load` would leave out, without a store. kBaseRows is not counted.
absl::StatusOr<LoadSummary> count_rollback(c1z::Reader& reader, LoadRule rule);

}  // namespace baton::cli
