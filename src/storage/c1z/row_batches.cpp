#include "storage/c1z/row_batches.hpp"

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/c1z/wall_clock.hpp"

namespace baton::c1z {
namespace {

constexpr std::size_t kBatchBytes = std::size_t{512} << 10;

/// Appends one row of each kind as the columns that its table takes.
class ColumnWriter {
 public:
  ColumnWriter(absl::TimeZone zone, const std::string& sync_id, StatsCount& counted)
      : wall_clock_(zone), sync_id_(sync_id), counted_(counted) {}

  void add(RowBatch& batch, const storage::ResourceTypeRow& row) {
    counted_.add_resource_type(row.id);
    batch.add_text(row.id);
    add_common(batch, row.blob, row.discovered_at);
  }
  void add(RowBatch& batch, const storage::ResourceRow& row) {
    counted_.add_resource(row.type_id);
    batch.add_text(row.type_id);
    external_id_.assign(row.type_id).append(1, ':').append(row.id);
    batch.add_text(external_id_);
    if (row.has_parent) {
      batch.add_text(row.parent_type_id);
      batch.add_text(row.parent_id);
    } else {
      batch.add_null();
      batch.add_null();
    }
    add_common(batch, row.blob, row.discovered_at);
  }
  void add(RowBatch& batch, const storage::EntitlementRow& row) {
    counted_.add_entitlement(row.resource_type_id);
    batch.add_text(row.resource_type_id);
    batch.add_text(row.resource_id);
    batch.add_text(row.id);
    add_common(batch, row.blob, row.discovered_at);
  }
  void add(RowBatch& batch, const storage::GrantRow& row) {
    counted_.add_grant(row.resource_type_id);
    batch.add_text(row.resource_type_id);
    batch.add_text(row.resource_id);
    batch.add_text(row.entitlement_id);
    batch.add_text(row.principal_type_id);
    batch.add_text(row.principal_id);
    batch.add_text(row.id);
    if (row.expansion.empty()) {
      batch.add_null();
    } else {
      batch.add_blob(row.expansion);
    }
    batch.add_flag(row.needs_expansion);
    add_common(batch, row.blob, row.discovered_at);
  }

 private:
  /// The columns that end every row.
  void add_common(RowBatch& batch, std::string_view blob, std::int64_t discovered_at) {
    batch.add_blob(blob);
    batch.add_text(sync_id_);
    batch.add_text(wall_clock_.format(discovered_at));
  }

  WallClockText wall_clock_;
  const std::string& sync_id_;
  StatsCount& counted_;
  std::string external_id_;
};

}  // namespace

RowReader::RowReader(storage::RowSource& source, absl::TimeZone zone, std::string sync_id)
    : source_(source), zone_(zone), sync_id_(std::move(sync_id)) {
  for (RowBatch& batch : batches_) free_.push_back(&batch);
  thread_ = std::thread([this] { run(); });
}

RowReader::~RowReader() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

absl::StatusOr<const RowBatch*> RowReader::next() {
  std::unique_lock lock(mutex_);
  if (taken_ != nullptr) {
    free_.push_back(std::exchange(taken_, nullptr));
    changed_.notify_all();
  }
  changed_.wait(lock, [this] { return !full_.empty() || finished_; });
  if (!full_.empty()) {
    taken_ = full_.front();
    full_.pop_front();
    return taken_;
  }
  if (!result_.ok()) return result_;
  return nullptr;
}

void RowReader::run() {
  absl::Status result = read_all();
  const std::lock_guard lock(mutex_);
  result_ = std::move(result);
  finished_ = true;
  changed_.notify_all();
}

absl::Status RowReader::read_all() {
  using storage::RowSource;
  absl::Status status =
      read_table<storage::ResourceTypeRow>(Table::kResourceTypes, &RowSource::rewind_resource_types);
  if (status.ok()) status = read_table<storage::ResourceRow>(Table::kResources, &RowSource::rewind_resources);
  if (status.ok()) {
    status = read_table<storage::EntitlementRow>(Table::kEntitlements, &RowSource::rewind_entitlements);
  }
  if (status.ok()) status = read_table<storage::GrantRow>(Table::kGrants, &RowSource::rewind_grants);
  return status;
}

template <class Row>
absl::Status RowReader::read_table(Table table, absl::Status (storage::RowSource::*rewind)()) {
  if (absl::Status status = (source_.*rewind)(); !status.ok()) return status;
  ColumnWriter columns(zone_, sync_id_, counted_);
  Row row;
  RowBatch* batch = nullptr;
  while (true) {
    const absl::StatusOr<bool> more = source_.next(row);
    if (!more.ok()) return more.status();
    if (!*more) break;
    if (batch == nullptr) {
      batch = take_free();
      if (batch == nullptr) return absl::CancelledError("the reader of rows was stopped");
      batch->table = table;
    }
    columns.add(*batch, row);
    if (batch->bytes.size() >= kBatchBytes) hand_over(std::exchange(batch, nullptr));
  }
  if (batch != nullptr) hand_over(batch);
  return absl::OkStatus();
}

RowBatch* RowReader::take_free() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !free_.empty() || stopped_; });
  if (stopped_) return nullptr;
  RowBatch* batch = free_.back();
  free_.pop_back();
  batch->clear();
  return batch;
}

void RowReader::hand_over(RowBatch* batch) {
  const std::lock_guard lock(mutex_);
  full_.push_back(batch);
  changed_.notify_all();
}

}  // namespace baton::c1z
