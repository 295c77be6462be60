#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <zstd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/c1z/artifact_file.hpp"
#include "storage/c1z/envelope_stream.hpp"
#include "storage/c1z/id_clash.hpp"
#include "storage/c1z/pages/directory_tables.hpp"
#include "storage/c1z/pages/grant_clashes.hpp"
#include "storage/c1z/pages/grants_table.hpp"
#include "storage/c1z/pages/page_output.hpp"
#include "storage/c1z/pages/row_values.hpp"
#include "storage/c1z/pages/schema_page.hpp"
#include "storage/c1z/row_batches.hpp"
#include "storage/c1z/run_row.hpp"
#include "storage/c1z/v1_schema.hpp"
#include "storage/c1z/write_method.hpp"

namespace baton::c1z {
namespace {

/// Room for the compressed page 1, which is nearly the same in every file and takes 1.3 to 1.6 kB.
constexpr std::size_t kHeadRoom = 2048;

/// What the source has two of under one public id.
class Clash {
 public:
  Table table;
  RowPair rows;
};

/// One try: a new file, from the first row to the last page.
class Attempt {
 public:
  Attempt(const WriteOptions& options, const SyncRunInfo& run, storage::RowSource& rows,
          const std::string& folder, const RenamedGrants& renamed, ArtifactFile& artifact,
          std::size_t head_room, EarlierSyncs* earlier)
      : options_(options),
        run_(run),
        rows_(rows),
        artifact_(artifact),
        envelope_(artifact.file(), head_room, compression(options)),
        pages_(static_cast<std::size_t>(options.page_bytes),
               [this](std::span<const std::byte> page) { return envelope_.append(page); }),
        output_{pages_, roots_, folder, earlier},
        renamed_(renamed) {}

  absl::Status write(WriteSummary& summary) {
    const absl::Time start = absl::Now();
    absl::Status status = envelope_.begin();
    if (status.ok()) status = carry_over();
    if (status.ok()) status = write_rows();
    // All that is written with rows; the indexes over grants are the work that is left.
    const absl::Time rows_done = absl::Now();
    if (status.ok()) status = write_indexes();
    const absl::Time indexes_done = absl::Now();
    if (status.ok()) status = complete(summary);
    summary.rows_time = rows_done - start;
    summary.indexes_time = indexes_done - rows_done;
    summary.compression_time = absl::Now() - indexes_done;
    return status;
  }

  const std::optional<Clash>& clash() const { return clash_; }
  bool grants_clash() const { return grants_clash_; }
  bool head_too_large() const { return head_too_large_; }
  GrantKeys& grant_keys() { return grants_.keys(); }

 private:
  static CompressOptions compression(const WriteOptions& options) {
    CompressOptions compression;
    compression.level = options.level;
    compression.workers = options.workers;
    return compression;
  }

  absl::Status carry_over() {
    absl::Status status = types_.carry_over();
    if (status.ok()) status = resources_.carry_over();
    if (status.ok()) status = entitlements_.carry_over();
    if (status.ok()) status = grants_.carry_over();
    return status;
  }

  absl::Status write_rows() {
    RowReader reader(rows_, options_.time_zone, run_.sync_id);
    Table table = Table::kResourceTypes;
    while (true) {
      const absl::StatusOr<const RowBatch*> batch = reader.next();
      if (!batch.ok()) return batch.status();
      const Table next = *batch == nullptr ? Table::kGrants : (*batch)->table;
      absl::Status status = finish_tables(table, next);
      if (!status.ok() || *batch == nullptr) {
        counted_ = reader.counted();
        return status;
      }
      table = next;
      status = add_rows(**batch);
      if (status.ok()) status = report(WriteStep::kRows, rows(), 0);
      if (!status.ok()) return status;
    }
  }

  std::uint64_t rows() const {
    return static_cast<std::uint64_t>(types_.rows() + resources_.rows() + entitlements_.rows() +
                                      grants_.rows());
  }

  absl::Status add_rows(const RowBatch& batch) {
    if (batch.table == Table::kGrants) return grants_.add(batch);
    const auto columns = static_cast<std::size_t>(RowReader::columns(batch.table));
    const std::span<const RowBatch::Cell> cells(batch.cells);
    for (std::size_t at = 0; at < cells.size(); at += columns) {
      const RowValues row(batch, cells.subspan(at, columns));
      if (absl::Status status = add_row(batch.table, row); !status.ok()) return status;
    }
    return absl::OkStatus();
  }
  absl::Status add_row(Table table, const RowValues& row) {
    switch (table) {
      case Table::kResourceTypes:
        return types_.add(row);
      case Table::kResources:
        return resources_.add(row);
      case Table::kEntitlements:
        return entitlements_.add(row);
      case Table::kGrants:
        break;
    }
    return absl::InternalError("grants are added by the batch");
  }

  /// Ends the tables from `from` on that stand before `to`.
  absl::Status finish_tables(Table from, Table to) {
    absl::Status status;
    for (Table table = from; table < to && status.ok();
         table = static_cast<Table>(static_cast<int>(table) + 1)) {
      if (table == Table::kResourceTypes) status = types_.finish();
      if (table == Table::kResources) status = check(table, resources_.finish(), resources_.clash());
      if (table == Table::kEntitlements) status = check(table, entitlements_.finish(), entitlements_.clash());
    }
    return status;
  }
  absl::Status check(Table table, absl::Status status, const std::optional<RowPair>& rows) {
    if (rows.has_value()) clash_ = Clash{table, *rows};
    return status;
  }

  absl::Status write_indexes() {
    absl::Status status = grants_.finish_rows();
    if (status.ok()) status = report_indexes(12);
    if (status.ok()) {
      // First of all: when ids clash, nothing more of this file is worth writing.
      status = grants_.write_ids();
      grants_clash_ = absl::IsAlreadyExists(status);
    }
    if (status.ok()) status = report_indexes(13);
    if (status.ok()) status = grants_.write_principals();
    if (status.ok()) status = report_indexes(14);
    if (status.ok()) status = grants_.write_entitlements_and_principals();
    if (status.ok()) status = report_indexes(15);
    if (status.ok()) status = grants_.write_entitlements();
    if (status.ok()) status = report_indexes(16);
    return status;
  }
  absl::Status report_indexes(std::uint64_t done) {
    return report(WriteStep::kIndexes, done, v1_indexes().size());
  }

  absl::Status write_run() {
    TableOutput table(output_, "v1_sync_runs");
    IndexOutput by_sync_id(output_, "idx_sync_runs_sync_id_v1");
    const RunRow row(run_, counted_, options_.time_zone);
    absl::Status status = table.carry_over();
    if (status.ok()) status = table.add(table.row_id(1), row.values());
    if (status.ok()) status = by_sync_id.add({Value::text(run_.sync_id), Value::integer(table.row_id(1))});
    if (status.ok()) status = table.finish();
    if (status.ok()) status = by_sync_id.finish();
    return status;
  }

  /// Tables in which a sync of ours has no rows.
  absl::Status write_other_tables() {
    absl::Status status;
    for (const std::string_view name : {"v1_assets", "v1_connector_sessions"}) {
      TableOutput table(output_, name);
      if (status.ok()) status = table.carry_over();
      if (status.ok()) status = table.finish();
    }
    for (const std::string_view index : {"idx_assets_external_sync_v1", "idx_session_store_sync_key_v1"}) {
      if (status.ok()) status = IndexOutput(output_, index).finish();
    }
    return status;
  }

  absl::Status complete(WriteSummary& summary) {
    absl::Status status = write_run();
    if (status.ok()) status = write_other_tables();
    if (!status.ok()) return status;
    const absl::StatusOr<std::vector<std::byte>> first_page = make_first_page(pages_, roots_);
    if (!first_page.ok()) return first_page.status();
    status = report(WriteStep::kCompression, pages_.bytes(), pages_.bytes());
    if (!status.ok()) return status;
    const absl::StatusOr<std::uint64_t> written = envelope_.finish(*first_page);
    head_too_large_ = absl::IsOutOfRange(written.status());
    if (!written.ok()) return written.status();
    summary.database_bytes = pages_.bytes();
    summary.file_bytes = *written;
    summary.resource_types = static_cast<std::uint64_t>(types_.rows());
    summary.resources = static_cast<std::uint64_t>(resources_.rows());
    summary.entitlements = static_cast<std::uint64_t>(entitlements_.rows());
    summary.grants = static_cast<std::uint64_t>(grants_.rows());
    return artifact_.commit();
  }

  absl::Status report(WriteStep step, std::uint64_t done, std::uint64_t total) {
    return options_.progress ? options_.progress(WriteProgress{step, done, total}) : absl::OkStatus();
  }

  const WriteOptions& options_;
  const SyncRunInfo& run_;
  storage::RowSource& rows_;
  ArtifactFile& artifact_;
  EnvelopeStream envelope_;
  PageStream pages_;
  Roots roots_;
  PageOutput output_;
  const RenamedGrants& renamed_;
  ResourceTypesTable types_{output_};
  ResourcesTable resources_{output_};
  EntitlementsTable entitlements_{output_};
  GrantsTable grants_{output_, renamed_};
  StatsCount counted_;
  std::optional<Clash> clash_;
  bool grants_clash_ = false;
  bool head_too_large_ = false;
};

template <class Row>
absl::StatusOr<Row> row_at(storage::RowSource& rows, std::int64_t position) {
  Row row;
  for (std::int64_t i = 0; i < position; ++i) {
    const absl::StatusOr<bool> more = rows.next(row);
    if (!more.ok()) return more.status();
    if (!*more) return absl::InternalError("the rows ended earlier when they were read again");
  }
  return row;
}

/// Reads the two rows again and says which they are.
absl::Status describe(const Clash& clash, storage::RowSource& rows) {
  if (clash.table == Table::kResources) {
    if (absl::Status status = rows.rewind_resources(); !status.ok()) return status;
    const auto a = row_at<storage::ResourceRow>(rows, clash.rows.first);
    if (!a.ok()) return a.status();
    const std::string type(a->type_id);
    const std::string id(a->id);
    const auto b = row_at<storage::ResourceRow>(rows, clash.rows.second - clash.rows.first);
    if (!b.ok()) return b.status();
    return resources_clash(absl::StrCat(type, ":", id), type, id, b->type_id, b->id);
  }
  if (absl::Status status = rows.rewind_entitlements(); !status.ok()) return status;
  const auto a = row_at<storage::EntitlementRow>(rows, clash.rows.first);
  if (!a.ok()) return a.status();
  const std::string type(a->resource_type_id);
  const std::string resource(a->resource_id);
  const auto b = row_at<storage::EntitlementRow>(rows, clash.rows.second - clash.rows.first);
  if (!b.ok()) return b.status();
  return entitlements_clash(b->id, type, resource, b->resource_type_id, b->resource_id);
}

absl::Status write_attempts(const WriteOptions& options, const SyncRunInfo& run, storage::RowSource& rows,
                            EarlierSyncs* earlier, WriteSummary& summary) {
  const std::string folder =
      options.temporary_folder.empty() ? folder_of(options.path) : options.temporary_folder;
  RenamedGrants renamed;
  std::size_t head_room = kHeadRoom;
  // Ids that clash are the exception and are found when the rows have been written once. Then it is decided
  // who keeps which, the begun file is dropped, and the next one begins with that knowledge.
  while (true) {
    absl::StatusOr<ArtifactFile> artifact = ArtifactFile::create(options.path, options.before_step);
    if (!artifact.ok()) return artifact.status();
    Attempt attempt(options, run, rows, folder, renamed, *artifact, head_room, earlier);
    absl::Status status = attempt.write(summary);
    if (status.ok()) return status;
    if (attempt.clash().has_value()) return describe(*attempt.clash(), rows);
    if (attempt.grants_clash() && renamed.empty()) {
      status = resolve_clashing_grants(attempt.grant_keys(), rows, renamed, summary);
      if (!status.ok()) return status;
    } else if (attempt.head_too_large() && head_room == kHeadRoom) {
      head_room = ZSTD_compressBound(static_cast<std::size_t>(options.page_bytes)) + kHeadRoom;
    } else {
      return status;
    }
  }
}

}  // namespace

absl::Status write_pages(const WriteOptions& options, const SyncRunInfo& run, storage::RowSource& rows,
                         EarlierSyncs* earlier, WriteSummary& summary) {
  return while_writing(write_attempts(options, run, rows, earlier, summary),
                       absl::StrCat("writing ", options.path));
}

}  // namespace baton::c1z
