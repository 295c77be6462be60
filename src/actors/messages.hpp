#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "actors/expansion_statistics.hpp"
#include "actors/shared.hpp"
#include "baton/store/v1/plan.pb.h"
#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "storage/encoded_rows.hpp"
#include "storage/sync_store.hpp"
#include "sync/admission.hpp"
#include "sync/plan.hpp"

/// What travels between actors. Everything is immutable behind `Shared`, or handed over once in a `Parcel`.
namespace baton::actors {

/// One page to ask for.
class FetchRequest {
 public:
  FetchRequest() = default;
  FetchRequest(storage::CursorKey key, sync::Cursor cursor,
               std::shared_ptr<const c1::connector::v2::Resource> resource)
      : key(key), cursor(std::move(cursor)), resource(std::move(resource)) {}

  storage::CursorKey key;
  sync::Cursor cursor;
  /// The stored resource that the page is about; null when there is none.
  std::shared_ptr<const c1::connector::v2::Resource> resource;
};

/// The answer to a `FetchRequest`: admitted and encoded, or an error.
class FetchedPage {
 public:
  FetchedPage() = default;

  absl::Status status;
  std::shared_ptr<const storage::EncodedRows> rows;
  /// Static entitlements: what the writer materialises for each resource of the cursor's type.
  std::vector<c1::connector::v2::Entitlement> templates;
  std::vector<sync::Cursor> planned;
  std::string next_token;
  /// `pages`, `rows_skipped_invalid` and the like of this page alone.
  baton::store::v1::RunCounters counters;
  /// What the page holds in memory until it is committed.
  std::size_t bytes = 0;
  /// How long the connector took.
  std::chrono::nanoseconds duration{0};
};

/// A page on its way into the store.
class CommitRequest {
 public:
  CommitRequest() = default;

  storage::PageCommit commit;
  std::vector<c1::connector::v2::Entitlement> templates;
  /// No page but a word on the cursor that must survive the process: how often its page was tried. It is not
  /// acknowledged.
  bool note = false;
};

/// What one group commit changed; the coordinator and the progress actor read it.
class CommitSummary {
 public:
  CommitSummary() = default;

  std::vector<storage::PlannedCount> planned;
  /// Per (phase, type): rows, pages, finished and planned cursors.
  std::vector<baton::store::v1::CounterEntry> entries;
  std::uint64_t pages = 0;
  std::uint64_t rows = 0;
  std::uint64_t cursors_done = 0;
  std::uint64_t warnings = 0;
  /// Rows that admission left out, and expandable descriptions that it took away.
  std::uint64_t skipped_invalid = 0;
  std::uint64_t dropped_by_filter = 0;
  std::uint64_t expansions_dropped = 0;
};

/// A cursor that waits before it asks for its page again.
class ParkNotice {
 public:
  ParkNotice() = default;

  storage::CursorKey key;
  std::chrono::milliseconds wait{0};
  /// The service asked for this wait, so that it is no sign of a service that is gone.
  bool announced = false;
  /// Which page, for a log line.
  std::string page;
  std::string error;
  std::uint32_t attempt = 0;
};

/// Rows made by expansion, and how it went.
class ExpansionResult {
 public:
  ExpansionResult() = default;

  absl::Status status;
  ExpansionStatistics statistics;
  std::chrono::nanoseconds duration{0};
};

/// External resources in the place of those that stood for them.
class ImportResult {
 public:
  ImportResult() = default;

  absl::Status status;
  std::uint64_t resources = 0;
  std::uint64_t grants_made = 0;
};

/// The artifact, and what is in it.
class ExportResult {
 public:
  ExportResult() = default;

  absl::Status status;
  /// `status` is the verdict on the rows: nothing was sealed or written.
  bool violated = false;
  std::string path;
  std::uint64_t bytes = 0;
  storage::FamilyCounts counts;
  std::vector<std::string> warnings;
  std::chrono::nanoseconds duration{0};
};

using SharedStatus = Shared<absl::Status>;
using SharedFetch = Shared<FetchRequest>;
using SharedPage = Shared<FetchedPage>;
using SharedCommit = Parcel<CommitRequest>;
using SharedSummary = Shared<CommitSummary>;
using SharedWork = Shared<absl::StatusOr<std::vector<storage::WorkItem>>>;
using SharedTypes = Shared<absl::StatusOr<std::vector<c1::connector::v2::ResourceType>>>;
using SharedCursors = Shared<std::vector<sync::Cursor>>;
using SharedPlanned = Shared<absl::StatusOr<std::vector<storage::PlannedCount>>>;
using SharedRules = Shared<sync::AdmissionRules>;
using SharedHeader = Shared<baton::store::v1::RunHeader>;
using SharedPark = Shared<ParkNotice>;
using SharedExpansion = Shared<ExpansionResult>;
using SharedImport = Shared<ImportResult>;
using SharedExport = Shared<ExportResult>;

}  // namespace baton::actors
