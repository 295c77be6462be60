#include "storage/sync_store.hpp"

#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/operation.hpp"
#include "base/tuple_key.hpp"
#include "c1/connector/v2/annotation_baton_id.pb.h"
#include "storage/database.hpp"
#include "storage/durable_mark.hpp"
#include "storage/expansion_segment.hpp"
#include "storage/invariant_pass.hpp"
#include "storage/plan_table.hpp"
#include "storage/record_decoder.hpp"
#include "storage/rocks_record_source.hpp"
#include "storage/rocks_row_source.hpp"
#include "storage/row_count.hpp"
#include "storage/row_stream.hpp"
#include "storage/totals.hpp"

namespace baton::storage {
namespace {

namespace v2 = c1::connector::v2;
using baton::store::v1::CursorRow;
using baton::store::v1::RunCounters;
using baton::store::v1::RunHeader;
using baton::store::v1::WarningRow;

/// The layout that this code reads and writes.
constexpr std::uint32_t kFormat = 1;

// Rows of the family `run`.
constexpr std::string_view kHeaderKey = "header";
constexpr std::string_view kCountersKey = "counters";
/// Number of the last commit (8 bytes), when it was written (8 bytes, nanoseconds since the epoch).
constexpr std::string_view kCommitKey = "commit";
constexpr std::string_view kMarkerPrefix = "marker/";
constexpr std::size_t kCommitBytes = 16;
/// The plan of the expansion: fingerprint (8 bytes), segments (4), the moment its rows are made at (8).
constexpr std::string_view kExpansionPlanKey = "expansion/plan";
constexpr std::size_t kExpansionPlanBytes = 20;

Table table_of(Family family) {
  switch (family) {
    case Family::kResourceTypes:
      return Table::kResourceTypes;
    case Family::kResources:
      return Table::kResources;
    case Family::kEntitlements:
      return Table::kEntitlements;
    case Family::kGrants:
      break;
  }
  return Table::kGrants;
}

void set_timestamp(google::protobuf::Timestamp& timestamp, std::int64_t nanoseconds) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  timestamp.set_seconds(nanoseconds / kSecond);
  timestamp.set_nanos(static_cast<std::int32_t>(nanoseconds % kSecond));
}

/// Whether an operation asks about one resource.
bool about_resource(const CursorRow& cursor) {
  const auto operation = static_cast<Operation>(cursor.operation());
  return (operation == Operation::kListEntitlements || operation == Operation::kListGrants ||
          operation == Operation::kRelatedResource) &&
         !cursor.type_scoped() && !cursor.resource_id().empty();
}

void split_sources(const GrantView& view, BaseGrant& grant) {
  grant.sources.clear();
  for (const SourceView& source : view.sources)
    grant.sources.emplace_back(source.entitlement_id, source.is_direct);
}

class RocksSyncStore final : public SyncStore {
 public:
  RocksSyncStore(std::shared_ptr<Database> database, DurableMark mark, const Clock* clock)
      : database_(std::move(database)),
        mark_(std::move(mark)),
        clock_(clock != nullptr ? clock : &system_clock_),
        plan_(*database_) {}

  ~RocksSyncStore() override {
    const absl::Status ignored = close();
    static_cast<void>(ignored);
  }

  absl::Status load();

  std::optional<RunHeader> header() const override;
  absl::Status put_header(const RunHeader& header) override;
  absl::StatusOr<std::vector<PlannedCount>> plan(const std::string& marker,
                                                 std::span<const CursorRow> cursors) override;
  absl::StatusOr<std::vector<std::vector<PlannedCount>>> commit(std::span<const PageCommit> pages) override;
  absl::Status add_rows(const EncodedRows& rows) override;
  absl::StatusOr<std::vector<WorkItem>> next_work(Lane lane, std::size_t n) override;
  std::vector<PlannedCount> pending() const override { return plan_.pending(); }
  const RunCounters& counters() const override { return counters_; }
  absl::Status sync_log() override;
  std::size_t unsynced_bytes() const override { return unsynced_bytes_; }
  absl::StatusOr<std::vector<v2::ResourceType>> resource_types() const override;
  absl::StatusOr<std::vector<WarningRow>> warnings() const override;
  absl::Status for_each_resource(
      const std::string& type_id,
      const std::function<absl::Status(const v2::Resource&)>& visit) const override;
  absl::Status for_each_base_grant(const std::function<absl::Status(const BaseGrant&)>& visit) const override;
  absl::Status for_each_entitlement(
      const std::function<absl::Status(std::string_view, std::string_view, std::string_view)>& visit)
      const override;
  absl::Status clear_expansion() override;
  absl::StatusOr<std::vector<std::optional<std::string>>> begin_expansion(const ExpansionPlan& plan) override;
  absl::StatusOr<std::unique_ptr<ExpansionSegment>> expansion_segment(std::uint32_t number) override;
  absl::StatusOr<InvariantFindings> check_invariants(const InvariantChecks& checks) const override;
  absl::Status for_each_external_match(
      const std::function<absl::Status(const std::string&, const v2::Grant&)>& visit) const override;
  absl::Status remove_grants(std::span<const std::string> keys) override;
  absl::StatusOr<bool> has_entitlement(std::string_view resource_type_id, std::string_view resource_id,
                                       std::string_view entitlement_id) const override;
  absl::StatusOr<FamilyCounts> count_rows() const override;
  absl::StatusOr<std::unique_ptr<RowSource>> rows() const override;
  absl::StatusOr<std::unique_ptr<RecordSource>> records() const override;
  absl::Status close() override;

 private:
  std::int64_t now() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(clock_->now().time_since_epoch()).count();
  }
  absl::Status closed() const { return absl::FailedPreconditionError("the run store is closed"); }
  absl::Status damaged(std::string_view what) const {
    return absl::DataLossError(absl::StrCat("the ", absl::string_view(what.data(), what.size()),
                                            " of the run directory ", database_->directory(),
                                            " cannot be read; start over with --restart"));
  }
  rocksdb::ColumnFamilyHandle* handle(Table table) const { return database_->handle(table); }

  absl::Status load_header();
  absl::Status load_commit();
  absl::Status load_warnings();
  void put_rows(const EncodedRows& rows);
  absl::Status put_message(Table table, std::string_view key, const google::protobuf::MessageLite& message);
  absl::Status write(std::int64_t at, bool sync);
  void synced();

  const SystemClock system_clock_;
  std::shared_ptr<Database> database_;
  DurableMark mark_;
  const Clock* clock_;
  PlanTable plan_;
  std::optional<RunHeader> header_;
  RunCounters counters_;
  std::uint64_t commit_number_ = 0;
  std::int64_t last_commit_at_ = 0;
  std::uint64_t next_warning_ = 0;
  /// When the rows of the expansion that was begun are made, in nanoseconds since the epoch.
  std::int64_t expansion_at_ = 0;
  std::size_t unsynced_bytes_ = 0;
  // Kept for their memory.
  rocksdb::WriteBatch batch_;
  std::string bytes_;
};

absl::Status RocksSyncStore::load() {
  absl::Status status = load_header();
  if (status.ok()) status = load_commit();
  if (!status.ok()) return status;
  const absl::StatusOr<bool> found = database_->get(Table::kRun, kCountersKey, bytes_);
  if (!found.ok()) return found.status();
  if (*found && !counters_.ParseFromString(bytes_)) return damaged("counters");
  status = load_warnings();
  if (status.ok()) status = plan_.load(counters_.next_sequence());
  return status;
}

absl::Status RocksSyncStore::load_header() {
  const absl::StatusOr<bool> found = database_->get(Table::kRun, kHeaderKey, bytes_);
  if (!found.ok()) return found.status();
  if (!*found) return absl::OkStatus();
  RunHeader header;
  if (!header.ParseFromString(bytes_)) return damaged("header");
  if (header.format() != kFormat) {
    return absl::FailedPreconditionError(
        absl::StrCat("the run directory ", database_->directory(), " has format ", header.format(),
                     "; this version knows format ", kFormat,
                     ". Go on with the version that made it, or start over with --restart"));
  }
  header_ = std::move(header);
  return absl::OkStatus();
}

absl::Status RocksSyncStore::load_commit() {
  const absl::StatusOr<bool> found = database_->get(Table::kRun, kCommitKey, bytes_);
  if (!found.ok()) return found.status();
  if (*found) {
    if (bytes_.size() != kCommitBytes) return damaged("last commit");
    commit_number_ = load_be64(bytes_.data());
    last_commit_at_ = static_cast<std::int64_t>(load_be64(bytes_.data() + 8));
  }
  if (commit_number_ < mark_.recorded()) {
    return absl::DataLossError(absl::StrCat("the write-ahead log of the run directory ",
                                            database_->directory(), " is damaged: it ends at commit ",
                                            commit_number_, ", but commit ", mark_.recorded(),
                                            " was on disk already; start over with --restart"));
  }
  return absl::OkStatus();
}

absl::Status RocksSyncStore::load_warnings() {
  const std::unique_ptr<rocksdb::Iterator> rows = database_->iterator(Table::kWarnings);
  rows->SeekToLast();
  if (rows->Valid()) {
    if (rows->key().size() != sizeof(std::uint64_t)) return damaged("warnings");
    next_warning_ = load_be64(rows->key().data()) + 1;
  }
  return database_->status(rows->status());
}

std::optional<RunHeader> RocksSyncStore::header() const {
  if (!header_.has_value()) return std::nullopt;
  RunHeader header = *header_;
  if (last_commit_at_ != 0) set_timestamp(*header.mutable_last_commit_at(), last_commit_at_);
  if (counters_.expandable_grants() != 0) header.set_needs_expansion(true);
  return header;
}

absl::Status RocksSyncStore::put_message(Table table, std::string_view key,
                                         const google::protobuf::MessageLite& message) {
  serialize_deterministic(message, bytes_);
  return database_->status(batch_.Put(handle(table), slice(key), bytes_));
}

/// Writes `batch_` with the row that numbers it, `at` being the moment to remember as that of the last
/// commit.
absl::Status RocksSyncStore::write(std::int64_t at, bool sync) {
  bytes_.clear();
  append_be64(bytes_, commit_number_ + 1);
  append_be64(bytes_, static_cast<std::uint64_t>(at));
  absl::Status status = database_->status(batch_.Put(handle(Table::kRun), slice(kCommitKey), bytes_));
  if (status.ok()) status = database_->write(batch_, sync);
  if (!status.ok()) return status;
  ++commit_number_;
  last_commit_at_ = at;
  if (sync) {
    synced();
  } else {
    unsynced_bytes_ += batch_.GetDataSize();
  }
  return absl::OkStatus();
}

void RocksSyncStore::synced() {
  unsynced_bytes_ = 0;
  mark_.record(commit_number_);
}

absl::Status RocksSyncStore::put_header(const RunHeader& header) {
  if (database_ == nullptr) return closed();
  RunHeader stored = header;
  stored.set_format(kFormat);
  batch_.Clear();
  absl::Status status = put_message(Table::kRun, kHeaderKey, stored);
  if (status.ok()) status = write(last_commit_at_, true);
  if (status.ok()) header_ = std::move(stored);
  return status;
}

absl::StatusOr<std::vector<PlannedCount>> RocksSyncStore::plan(const std::string& marker,
                                                               std::span<const CursorRow> cursors) {
  if (database_ == nullptr) return closed();
  const std::string key = absl::StrCat(absl::string_view(kMarkerPrefix.data(), kMarkerPrefix.size()), marker);
  const absl::StatusOr<bool> planned = database_->get(Table::kRun, key, bytes_);
  if (!planned.ok()) return planned.status();
  if (*planned) return std::vector<PlannedCount>();

  batch_.Clear();
  PlanTable::Change change(plan_, batch_);
  absl::StatusOr<std::vector<PlannedCount>> counts = change.add(cursors);
  if (!counts.ok()) return counts;
  change.finish();
  RunCounters totals = counters_;
  add_planned(totals, change);
  absl::Status status = database_->status(batch_.Put(handle(Table::kRun), key, rocksdb::Slice()));
  if (status.ok()) status = put_message(Table::kRun, kCountersKey, totals);
  if (status.ok()) status = write(now(), false);
  if (!status.ok()) return status;
  change.apply();
  counters_ = std::move(totals);
  return counts;
}

void RocksSyncStore::put_rows(const EncodedRows& rows) {
  for (const EncodedRows::Entry& entry : rows.entries()) {
    batch_.Put(handle(table_of(entry.family)), slice(rows.key(entry)), slice(rows.value(entry)));
  }
}

absl::StatusOr<std::vector<std::vector<PlannedCount>>> RocksSyncStore::commit(
    std::span<const PageCommit> pages) {
  if (database_ == nullptr) return closed();
  std::vector<std::vector<PlannedCount>> planned;
  if (pages.empty()) return planned;
  planned.reserve(pages.size());
  const std::int64_t at = now();
  batch_.Clear();
  PlanTable::Change change(plan_, batch_);
  RunCounters totals = counters_;
  std::uint64_t next_warning = next_warning_;
  for (const PageCommit& page : pages) {
    if (page.rows != nullptr) {
      put_rows(*page.rows);
      totals.set_expandable_grants(totals.expandable_grants() + page.rows->expandable_grants());
    }
    absl::Status status = change.advance(page.cursor_key, page.cursor);
    if (!status.ok()) return status;
    absl::StatusOr<std::vector<PlannedCount>> added = change.add(page.planned);
    if (!added.ok()) return added.status();
    planned.push_back(*std::move(added));
    for (const WarningRow& warning : page.warnings) {
      std::string key;
      append_be64(key, next_warning++);
      status = put_message(Table::kWarnings, key, warning);
      if (!status.ok()) return status;
    }
    totals.set_warnings(totals.warnings() + page.warnings.size());
    add_counted(totals, page.counters);
  }
  change.finish();
  add_planned(totals, change);
  totals.set_siblings_repeated(totals.siblings_repeated() + change.repeated_siblings());
  absl::Status status = put_message(Table::kRun, kCountersKey, totals);
  if (status.ok()) status = write(at, false);
  if (!status.ok()) return status;
  change.apply();
  counters_ = std::move(totals);
  next_warning_ = next_warning;
  return planned;
}

absl::Status RocksSyncStore::add_rows(const EncodedRows& rows) {
  if (database_ == nullptr) return closed();
  batch_.Clear();
  put_rows(rows);
  return write(now(), false);
}

absl::StatusOr<std::vector<WorkItem>> RocksSyncStore::next_work(Lane lane, std::size_t n) {
  if (database_ == nullptr) return closed();
  auto taken = plan_.take(lane, n);
  if (!taken.ok()) return taken.status();
  std::vector<WorkItem> items;
  items.reserve(taken->size());
  std::unique_ptr<rocksdb::Iterator> resources;
  std::string identity;
  for (auto& [key, cursor] : *taken) {
    WorkItem& item = items.emplace_back();
    item.key = key;
    item.cursor = std::move(cursor);
    if (!about_resource(item.cursor)) continue;
    if (resources == nullptr) resources = database_->iterator(Table::kResources);
    identity.clear();
    append_tuple(identity, item.cursor.resource_type_id(), item.cursor.resource_id());
    StoredValue value;
    const absl::StatusOr<bool> found = find_latest(*database_, *resources, identity, bytes_, value);
    if (!found.ok()) return found.status();
    if (!*found) continue;
    absl::Status status = decode_value(value, item.resource.emplace());
    if (!status.ok()) return status;
  }
  return items;
}

absl::Status RocksSyncStore::sync_log() {
  if (database_ == nullptr) return closed();
  if (unsynced_bytes_ == 0) return absl::OkStatus();
  absl::Status status = database_->sync_log();
  if (status.ok()) synced();
  return status;
}

absl::StatusOr<std::vector<v2::ResourceType>> RocksSyncStore::resource_types() const {
  if (database_ == nullptr) return closed();
  std::vector<v2::ResourceType> types;
  const Snapshot snapshot(database_);
  FamilyStream stream(snapshot, Family::kResourceTypes);
  while (true) {
    const absl::StatusOr<bool> more = stream.next();
    if (!more.ok()) return more.status();
    if (!*more) return types;
    absl::Status status = decode_value(stream.value(), types.emplace_back());
    if (!status.ok()) return status;
  }
}

absl::StatusOr<std::vector<WarningRow>> RocksSyncStore::warnings() const {
  if (database_ == nullptr) return closed();
  std::vector<WarningRow> warnings;
  const std::unique_ptr<rocksdb::Iterator> rows = database_->iterator(Table::kWarnings);
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    if (!warnings.emplace_back().ParseFromArray(rows->value().data(),
                                                static_cast<int>(rows->value().size()))) {
      return damaged("warnings");
    }
  }
  absl::Status status = database_->status(rows->status());
  if (!status.ok()) return status;
  return warnings;
}

absl::Status RocksSyncStore::for_each_resource(
    const std::string& type_id, const std::function<absl::Status(const v2::Resource&)>& visit) const {
  if (database_ == nullptr) return closed();
  const Snapshot snapshot(database_);
  FamilyStream stream(snapshot, Family::kResources);
  std::string prefix;
  append_tuple(prefix, type_id);
  prefix.push_back('\0');
  stream.seek(prefix);
  v2::Resource resource;
  while (true) {
    const absl::StatusOr<bool> more = stream.next();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    absl::Status status = decode_value(stream.value(), resource);
    if (status.ok()) status = visit(resource);
    if (!status.ok()) return status;
  }
}

absl::Status RocksSyncStore::for_each_base_grant(
    const std::function<absl::Status(const BaseGrant&)>& visit) const {
  if (database_ == nullptr) return closed();
  const Snapshot snapshot(database_);
  FamilyStream stream(snapshot, Family::kGrants);
  GrantView view;
  ExpansionView expansion;
  BaseGrant grant;
  while (true) {
    const absl::StatusOr<bool> more = stream.next();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    if (!view.parse(stream.value().record) || !expansion.parse(view.expansion)) return damaged("grants");
    grant.resource_type_id = view.resource_type_id;
    grant.resource_id = view.resource_id;
    grant.entitlement_id = view.entitlement_id;
    grant.principal_type_id = view.principal_type_id;
    grant.principal_id = view.principal_id;
    grant.principal_parent_type_id = view.principal_parent_type_id;
    grant.principal_parent_id = view.principal_parent_id;
    split_sources(view, grant);
    grant.needs_expansion = stream.value().has(flag::kNeedsExpansion);
    grant.expandable_entitlement_ids = expansion.entitlement_ids;
    grant.shallow = expansion.shallow;
    grant.expandable_resource_type_ids = expansion.resource_type_ids;
    absl::Status status = visit(grant);
    if (!status.ok()) return status;
  }
}

absl::Status RocksSyncStore::for_each_entitlement(
    const std::function<absl::Status(std::string_view, std::string_view, std::string_view)>& visit) const {
  if (database_ == nullptr) return closed();
  const Snapshot snapshot(database_);
  FamilyStream stream(snapshot, Family::kEntitlements);
  EntitlementView view;
  while (true) {
    const absl::StatusOr<bool> more = stream.next();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    if (!view.parse(stream.value().record)) return damaged("entitlements");
    absl::Status status = visit(view.resource_type_id, view.resource_id, view.id);
    if (!status.ok()) return status;
  }
}

absl::Status RocksSyncStore::clear_expansion() {
  if (database_ == nullptr) return closed();
  // First the rows that say what is there, so that a plan on disk always speaks of the rows beside it.
  batch_.Clear();
  std::unique_ptr<rocksdb::Iterator> rows = database_->iterator(Table::kRun);
  for (rows->Seek(slice(kExpansionPrefix)); rows->Valid() && view(rows->key()).starts_with(kExpansionPrefix);
       rows->Next()) {
    batch_.Delete(handle(Table::kRun), rows->key());
  }
  absl::Status status = database_->status(rows->status());
  if (status.ok() && batch_.Count() > 0) status = write(last_commit_at_, true);
  if (!status.ok()) return status;
  rows = database_->iterator(Table::kExpanded);
  rows->SeekToFirst();
  if (!rows->Valid()) return database_->status(rows->status());
  rows.reset();
  return database_->clear(Table::kExpanded);
}

absl::StatusOr<std::vector<std::optional<std::string>>> RocksSyncStore::begin_expansion(
    const ExpansionPlan& plan) {
  if (database_ == nullptr) return closed();
  absl::Status status = remove_segment_files(database_->directory());
  if (!status.ok()) return status;
  std::vector<std::optional<std::string>> notes(plan.segments);
  std::string row;
  append_be64(row, plan.fingerprint);
  append_be32(row, plan.segments);
  const absl::StatusOr<bool> found = database_->get(Table::kRun, kExpansionPlanKey, bytes_);
  if (!found.ok()) return found.status();
  if (*found && bytes_.size() == kExpansionPlanBytes && bytes_.starts_with(row)) {
    expansion_at_ = static_cast<std::int64_t>(load_be64(bytes_.data() + row.size()));
    for (std::uint32_t number = 0; number < plan.segments; ++number) {
      const absl::StatusOr<bool> done = database_->get(Table::kRun, segment_key(number), bytes_);
      if (!done.ok()) return done.status();
      if (*done) notes[number] = bytes_;
    }
  } else {
    status = clear_expansion();
    if (!status.ok()) return status;
    expansion_at_ = now();
    append_be64(row, static_cast<std::uint64_t>(expansion_at_));
    batch_.Clear();
    status = database_->status(batch_.Put(handle(Table::kRun), slice(kExpansionPlanKey), row));
    if (status.ok()) status = write(last_commit_at_, true);
    if (!status.ok()) return status;
  }
  // Files are taken in durably: what they build on must not be younger.
  status = sync_log();
  if (!status.ok()) return status;
  return notes;
}

absl::StatusOr<std::unique_ptr<ExpansionSegment>> RocksSyncStore::expansion_segment(std::uint32_t number) {
  if (database_ == nullptr) return closed();
  return open_expansion_segment(database_, number, expansion_at_);
}

absl::StatusOr<InvariantFindings> RocksSyncStore::check_invariants(const InvariantChecks& checks) const {
  if (database_ == nullptr) return closed();
  InvariantPass pass;
  pass.references = checks.references;
  pass.go_on = checks.go_on;
  if (checks.wants_child) {
    pass.child_planned = [&](const std::string& child_type, const std::string& parent_type,
                             const std::string& parent_id) -> absl::StatusOr<bool> {
      if (!checks.wants_child(child_type)) return true;
      CursorRow cursor;
      cursor.set_operation(static_cast<std::uint32_t>(Operation::kListResources));
      cursor.set_resource_type_id(child_type);
      cursor.set_parent_type_id(parent_type);
      cursor.set_parent_id(parent_id);
      return plan_.planned(cursor);
    };
  }
  const Snapshot snapshot(database_);
  absl::StatusOr<InvariantFindings> findings = storage::check_invariants(snapshot, pass);
  if (findings.ok()) {
    for (const PlannedCount& lane : plan_.pending()) findings->open_cursors += lane.count;
  }
  return findings;
}

absl::Status RocksSyncStore::for_each_external_match(
    const std::function<absl::Status(const std::string&, const v2::Grant&)>& visit) const {
  if (database_ == nullptr) return closed();
  // The three annotations begin alike; a row that only looks like one is told apart by who decodes it.
  const std::string name = v2::ExternalResourceMatch::descriptor()->full_name();
  const Snapshot snapshot(database_);
  FamilyStream stream(snapshot, Family::kGrants);
  v2::Grant grant;
  while (true) {
    const absl::StatusOr<bool> more = stream.next();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    if (stream.value().record.find(name) == std::string_view::npos) continue;
    absl::Status status = decode_value(stream.value(), grant);
    if (status.ok()) status = visit(std::string(stream.identity()), grant);
    if (!status.ok()) return status;
  }
}

absl::Status RocksSyncStore::remove_grants(std::span<const std::string> keys) {
  if (database_ == nullptr) return closed();
  batch_.Clear();
  const std::unique_ptr<rocksdb::Iterator> rows = database_->iterator(Table::kGrants);
  for (const std::string& key : keys) {
    const std::string prefix = key + std::string(1, '\0');
    for (rows->Seek(prefix); rows->Valid() && view(rows->key()).starts_with(prefix); rows->Next()) {
      // A longer identity may begin with this one.
      if (rows->key().size() != prefix.size() + kOrderBytes) continue;
      batch_.Delete(handle(Table::kGrants), rows->key());
    }
    absl::Status status = database_->status(rows->status());
    if (!status.ok()) return status;
  }
  return batch_.Count() == 0 ? absl::OkStatus() : write(last_commit_at_, false);
}

absl::StatusOr<bool> RocksSyncStore::has_entitlement(std::string_view resource_type_id,
                                                     std::string_view resource_id,
                                                     std::string_view entitlement_id) const {
  if (database_ == nullptr) return closed();
  std::string prefix;
  append_entitlement_identity(prefix, resource_type_id, resource_id, entitlement_id);
  prefix.push_back('\0');
  const std::unique_ptr<rocksdb::Iterator> rows = database_->iterator(Table::kEntitlements);
  rows->Seek(slice(prefix));
  const bool found = rows->Valid() && view(rows->key()).starts_with(prefix) &&
                     rows->key().size() == prefix.size() + kOrderBytes;
  absl::Status status = database_->status(rows->status());
  if (!status.ok()) return status;
  return found;
}

absl::StatusOr<FamilyCounts> RocksSyncStore::count_rows() const {
  if (database_ == nullptr) return closed();
  const Snapshot snapshot(database_);
  return count_families(snapshot);
}

absl::StatusOr<std::unique_ptr<RowSource>> RocksSyncStore::rows() const {
  if (database_ == nullptr) return closed();
  return make_row_source(database_);
}

absl::StatusOr<std::unique_ptr<RecordSource>> RocksSyncStore::records() const {
  if (database_ == nullptr) return closed();
  return make_record_source(database_);
}

absl::Status RocksSyncStore::close() {
  if (database_ == nullptr) return absl::OkStatus();
  absl::Status status = sync_log();
  if (database_.use_count() > 1) {
    // The source keeps the files open and closes them when it goes.
    if (status.ok()) {
      status = absl::FailedPreconditionError(
          absl::StrCat("the run directory ", database_->directory(), " is still being read"));
    }
  } else {
    absl::Status closing = database_->close();
    if (status.ok()) status = closing;
  }
  database_.reset();
  return status;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SyncStore>> SyncStore::open(const StoreOptions& options) {
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::path(options.directory) / kRemovalMark, ignored)) {
    // A process that was removing this directory ended on the way.
    if (options.must_exist || options.read_only) {
      return absl::NotFoundError(absl::StrCat("no run in ", options.directory));
    }
    if (absl::Status removed = remove_store(options.directory); !removed.ok()) return removed;
  }
  absl::StatusOr<std::shared_ptr<Database>> database = Database::open(
      options.directory, options.must_exist, options.memtable_bytes, options.read_only, options.file_system);
  if (!database.ok()) return database.status();
  absl::StatusOr<DurableMark> mark = DurableMark::open(options.directory, options.read_only);
  if (!mark.ok()) return mark.status();
  auto store = std::make_unique<RocksSyncStore>(*std::move(database), *std::move(mark), options.clock);
  absl::Status status = store->load();
  if (!status.ok()) return status;
  return store;
}

}  // namespace baton::storage
