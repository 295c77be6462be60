#include "storage/c1z/v1_reader.hpp"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/c1z/expandable.hpp"
#include "storage/c1z/recall.hpp"
#include "storage/c1z/v1_database.hpp"
#include "storage/c1z/wall_clock.hpp"

namespace baton::c1z {
namespace {

using c1::connector::v2::Entitlement;
using c1::connector::v2::Grant;
using c1::connector::v2::Resource;
using c1::connector::v2::ResourceType;
using c1::reader::v2::SyncStats;

constexpr std::size_t kRememberedOrders = 64;
constexpr absl::Duration kUnfinishedIsRecent = absl::Hours(7 * 24);

/// Up to so many rows, the first ones are found by their keys alone and then read one by one.
constexpr std::uint64_t kFewRows = 10'000;
/// More syncs, or more text about them, than any file has.
constexpr std::size_t kMostSyncs = 10'000;
/// What a row takes at least, whatever is in it.
constexpr std::uint64_t kLeastRowBytes = 8;
constexpr std::size_t kMostSyncBytes = std::size_t{64} << 20;

/// A list: the table, and by which expressions its rows stand in order of identity.
class ListSchema {
 public:
  const char* table;
  const char* order;
  int order_columns;
  const char* what;
  /// Whether the order begins with `resource_type_id`.
  bool by_resource_type;
};
constexpr ListSchema kResourceTypeList{"v1_resource_types", "external_id", 1, "resource type", false};
constexpr ListSchema kResourceList{"v1_resources", "resource_type_id, external_id", 2, "resource", true};
constexpr ListSchema kEntitlementList{"v1_entitlements",
                                      "resource_type_id, resource_id, starts_with_resource(resource_type_id, "
                                      "resource_id, external_id), external_id",
                                      4, "entitlement", true};
constexpr ListSchema kGrantList{
    "v1_grants",
    "resource_type_id, resource_id, starts_with_resource(resource_type_id, resource_id, entitlement_id), "
    "entitlement_id, principal_resource_type_id, principal_resource_id, external_id",
    7, "grant", true};

absl::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

/// Conditions joined by AND, with their values.
class Where {
 public:
  /// An empty value asks for nothing.
  void equals(const char* column, const std::string& value) {
    if (!value.empty()) add(column, value);
  }
  void add(const char* column, const std::string& value) {
    values_.push_back(value);
    conditions_.push_back(absl::StrCat(column, " = ?", values_.size()));
  }
  void add(const char* condition) { conditions_.emplace_back(condition); }
  std::string sql() const {
    return conditions_.empty() ? std::string() : absl::StrCat(" WHERE ", absl::StrJoin(conditions_, " AND "));
  }
  void bind(Statement& statement) const {
    for (std::size_t i = 0; i < values_.size(); ++i) statement.bind_text(static_cast<int>(i) + 1, values_[i]);
  }
  bool asks_for(std::string_view column) const {
    return std::ranges::any_of(conditions_, [&](const std::string& condition) {
      return std::string_view(condition).starts_with(column) &&
             std::string_view(condition).substr(column.size()).starts_with(" = ");
    });
  }
  /// The same for the same question.
  std::string key() const {
    std::string key = sql();
    for (const std::string& value : values_) absl::StrAppend(&key, "\n", value.size(), ":", value);
    return key;
  }

 private:
  std::vector<std::string> conditions_;
  std::vector<std::string> values_;
};

/// A sync as the table has it. Which one is the latest goes by the text of the times, as for other readers.
class StoredSync {
 public:
  SyncInfo info;
  std::string started_text;
  std::string ended_text;
  std::string stats_text;
  bool grants_backfilled = false;
};

class V1Reader final : public Reader {
 public:
  V1Reader(V1Database database, const ReaderOptions& options)
      : database_(std::move(database)), now_(absl::FromChrono(options.now)), zone_(options.time_zone) {}

  absl::Status load_syncs();

  int version() const override { return 1; }
  const std::vector<SyncInfo>& syncs() const override { return syncs_; }
  absl::Status select(const std::string& sync_id) override;
  const SyncInfo* selected() const override { return selected_ == nullptr ? nullptr : &selected_->info; }
  absl::StatusOr<SyncStats> stats() override;
  absl::Status for_each_resource_type(const Visit<ResourceType>& visit) override;
  absl::Status for_each_resource(const std::string& type_id, const Visit<Resource>& visit) override;
  absl::Status for_each_entitlement(const std::string& type_id, const Visit<Entitlement>& visit) override;
  absl::Status for_each_grant(const GrantFilter& filter, const Visit<StoredGrant>& visit) override;
  absl::Time discovered_at() const override;
  absl::StatusOr<const ResourceType*> find_resource_type(const std::string& id) override;
  absl::StatusOr<const Resource*> find_resource(const std::string& type_id, const std::string& id) override;
  absl::StatusOr<const Entitlement*> find_entitlement(const std::string& id) override;

 private:
  Where in_selected_sync() const {
    Where where;
    if (selected_ != nullptr) where.add("sync_id", selected_->info.id);
    return where;
  }
  /// Visits rows in order of identity, `columns` from column 1 on behind the row's number; `limit` 0 is none.
  absl::Status for_each_row(const ListSchema& list, const std::string& columns, const Where& where,
                            std::uint64_t limit, const std::function<absl::Status(Statement&)>& visit);
  absl::StatusOr<bool> stands_in_order(const ListSchema& list, const Where& where);
  absl::StatusOr<std::vector<std::int64_t>> first_rows(const ListSchema& list, const Where& where,
                                                       std::uint64_t limit);
  absl::Status append_first_rows(const ListSchema& list, const Where& where, std::uint64_t limit,
                                 std::vector<std::int64_t>& ids);
  /// Reads the blob of the row at hand; `id` names it in errors.
  template <class Message>
  absl::Status parse(const ListSchema& list, std::string_view id, std::string_view blob,
                     Message& message) const;
  absl::Status damaged(const ListSchema& list, std::string_view id, std::string_view what) const;
  absl::Status check_identity(const ResourceType& type, std::string_view id) const;
  absl::Status check_identity(const Resource& resource, std::string_view id) const;
  absl::Status check_identity(const Entitlement& entitlement, std::string_view id) const;
  absl::Status check_identity(const Grant& grant, std::string_view id) const;
  /// Reads the blob of the row with this external id; null when there is none.
  template <class Message>
  absl::StatusOr<std::unique_ptr<Message>> look_up(const ListSchema& list, Statement& statement,
                                                   const std::string& external_id);
  absl::StatusOr<SyncStats> count();
  absl::Status count_by_type(const char* table, const std::function<void(std::string, std::int64_t)>& visit);
  bool expansion_may_be_in_blob() const;

  V1Database database_;
  absl::Time now_;
  absl::TimeZone zone_;
  std::vector<StoredSync> stored_;
  std::vector<SyncInfo> syncs_;
  const StoredSync* selected_ = nullptr;
  /// By table and question.
  std::map<std::string, bool> in_order_;
  const Statement* visited_ = nullptr;
  // Of the row before, as rows of one page share it.
  mutable std::string discovered_text_;
  mutable absl::Time discovered_at_;

  Recall<ResourceType> known_types_{kRememberedBytes};
  Recall<Resource> known_resources_{kRememberedBytes};
  Recall<Entitlement> known_entitlements_{kRememberedBytes};
  Statement find_type_;
  Statement find_resource_;
  Statement find_entitlement_;
};

absl::Status V1Reader::load_syncs() {
  constexpr std::string_view kTable = "v1_sync_runs";
  if (!database_.has_table(kTable)) return absl::OkStatus();
  absl::StatusOr<Statement> rows = database_.prepare(absl::StrCat(
      "SELECT sync_id, started_at, ended_at, sync_token, ",
      database_.column_or(kTable, "sync_type", "'full'"), ", ",
      database_.column_or(kTable, "parent_sync_id", "''"), ", ",
      database_.column_or(kTable, "linked_sync_id", "''"), ", ",
      database_.column_or(kTable, "supports_diff", "0"), ", ",
      database_.column_or(kTable, "grants_backfilled", "0"), ", ",
      database_.column_or(kTable, "stats", "NULL"), ", ",
      database_.column_or(kTable, "ingest_invariant_generation", "''"), ", ",
      database_.column_or(kTable, "ingest_invariant_coverage", "''"), ", ",
      database_.column_or(kTable, "ingest_invariant_mode", "''"), " FROM v1_sync_runs ORDER BY id"));
  if (!rows.ok()) return rows.status();
  std::set<std::string> seen;
  std::size_t bytes = 0;
  while (true) {
    const absl::StatusOr<bool> more = rows->step();
    if (!more.ok()) return database_.named(more.status(), kTable);
    if (!*more) break;
    StoredSync sync;
    sync.info.id = rows->text(0);
    if (!seen.insert(sync.info.id).second) {
      return database_.damaged(
          absl::StrCat("sync \"", absl::Utf8SafeCEscape(sync.info.id), "\" stands twice in ", view(kTable)));
    }
    for (const int column : {0, 3, 9}) bytes += rows->text(column).size();
    if (seen.size() > kMostSyncs || bytes > kMostSyncBytes) {
      return absl::ResourceExhaustedError(absl::StrCat(database_.path(), ": ", view(kTable),
                                                       " has more than ", kMostSyncs, " syncs or ",
                                                       kMostSyncBytes, " bytes about them"));
    }
    sync.started_text = rows->text(1);
    const absl::StatusOr<absl::Time> started = parse_wall_clock(sync.started_text);
    if (!started.ok()) {
      return absl::DataLossError(absl::StrCat(database_.path(), ": start of sync ",
                                              absl::Utf8SafeCEscape(sync.info.id), ": ",
                                              started.status().message()));
    }
    sync.info.started_at = *started;
    if (!rows->is_null(2)) {
      sync.ended_text = rows->text(2);
      const absl::StatusOr<absl::Time> ended = parse_wall_clock(sync.ended_text);
      if (!ended.ok()) {
        return absl::DataLossError(absl::StrCat(database_.path(), ": end of sync ",
                                                absl::Utf8SafeCEscape(sync.info.id), ": ",
                                                ended.status().message()));
      }
      sync.info.ended_at = *ended;
    }
    sync.info.token = rows->text(3);
    sync.info.type = rows->text(4);
    sync.info.parent_id = rows->text(5);
    sync.info.linked_id = rows->text(6);
    sync.info.supports_diff = rows->integer(7) != 0;
    sync.grants_backfilled = rows->integer(8) != 0;
    sync.stats_text = rows->text(9);
    sync.info.invariant_generation = rows->text(10);
    sync.info.invariant_coverage = rows->text(11);
    sync.info.invariant_mode = rows->text(12);
    stored_.push_back(std::move(sync));
  }
  for (const StoredSync& sync : stored_) syncs_.push_back(sync.info);
  return absl::OkStatus();
}

absl::Status V1Reader::select(const std::string& sync_id) {
  selected_ = nullptr;
  in_order_.clear();
  known_types_.clear();
  known_resources_.clear();
  known_entitlements_.clear();
  if (!sync_id.empty()) {
    const auto at =
        std::ranges::find_if(stored_, [&](const StoredSync& sync) { return sync.info.id == sync_id; });
    if (at == stored_.end()) {
      return absl::NotFoundError(
          absl::StrCat(database_.path(), " has no sync ", absl::Utf8SafeCEscape(sync_id)));
    }
    selected_ = &*at;
    return absl::OkStatus();
  }
  for (const StoredSync& sync : stored_) {
    if (!sync.info.ended_at) continue;
    if (selected_ == nullptr ||
        std::tie(selected_->ended_text, selected_->info.id) < std::tie(sync.ended_text, sync.info.id)) {
      selected_ = &sync;
    }
  }
  if (selected_ != nullptr) return absl::OkStatus();
  WallClockText wall_clock(zone_);
  const std::string oldest(wall_clock.format(absl::ToUnixNanos(now_ - kUnfinishedIsRecent)));
  for (const StoredSync& sync : stored_) {
    if (sync.started_text < oldest) continue;
    if (selected_ == nullptr || selected_->started_text < sync.started_text) selected_ = &sync;
  }
  return absl::OkStatus();
}

absl::StatusOr<SyncStats> V1Reader::stats() {
  google::protobuf::util::JsonParseOptions lenient;
  lenient.ignore_unknown_fields = true;
  if (selected_ != nullptr && !selected_->stats_text.empty()) {
    SyncStats cached;
    if (google::protobuf::util::JsonStringToMessage(selected_->stats_text, &cached, lenient).ok() &&
        cached.resource_types() > 0) {
      return cached;
    }
  }
  absl::StatusOr<SyncStats> counted = count();
  if (!counted.ok() || selected_ == nullptr) return counted;
  // The syncer's measurements are members of its token, under the names that they have in the statistics.
  SyncStats measured;
  if (google::protobuf::util::JsonStringToMessage(selected_->info.token, &measured, lenient).ok()) {
    *counted->mutable_step_durations_ms() = measured.step_durations_ms();
    *counted->mutable_connector_call_stats() = measured.connector_call_stats();
    *counted->mutable_session_store_stats() = measured.session_store_stats();
  }
  return counted;
}

absl::StatusOr<SyncStats> V1Reader::count() {
  SyncStats stats;
  auto& resources = *stats.mutable_resources_by_resource_type();
  absl::Status status = for_each_resource_type([&](const ResourceType& type) {
    resources[type.id()] = 0;
    stats.set_resource_types(stats.resource_types() + 1);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  status = count_by_type(kResourceList.table, [&](const std::string& type, std::int64_t rows) {
    const auto known = resources.find(type);
    if (known == resources.end()) return;
    known->second = rows;
    stats.set_resources(stats.resources() + rows);
  });
  if (!status.ok()) return status;
  if (selected_ == nullptr || selected_->info.type != "resources_only") {
    status = count_by_type(kEntitlementList.table, [&](const std::string& type, std::int64_t rows) {
      (*stats.mutable_entitlements_by_resource_type())[type] = rows;
      stats.set_entitlements(stats.entitlements() + rows);
    });
    if (!status.ok()) return status;
    status = count_by_type(kGrantList.table, [&](const std::string& type, std::int64_t rows) {
      (*stats.mutable_grants_by_resource_type())[type] = rows;
      stats.set_grants(stats.grants() + rows);
    });
    if (!status.ok()) return status;
  }
  status = count_by_type("v1_assets", [&](const std::string&, std::int64_t rows) { stats.set_assets(rows); });
  if (!status.ok()) return status;
  return stats;
}

/// Row by row, not in SQL: SQLite counts a table whose pages point in circles for ever.
absl::Status V1Reader::count_by_type(const char* table,
                                     const std::function<void(std::string, std::int64_t)>& visit) {
  if (!database_.has_table(table)) return absl::OkStatus();
  const bool typed = database_.has_column(table, "resource_type_id");
  const Where where = in_selected_sync();
  absl::StatusOr<Statement> rows = database_.prepare(
      absl::StrCat("SELECT ", typed ? "resource_type_id" : "''", " FROM ", table, where.sql()));
  if (!rows.ok()) return rows.status();
  where.bind(*rows);
  std::map<std::string, std::int64_t, std::less<>> counts;
  if (!typed) counts[""] = 0;
  std::uint64_t claimed = 0;
  auto last = counts.end();
  while (true) {
    const absl::StatusOr<bool> more = rows->step();
    if (!more.ok()) return database_.named(more.status(), table);
    if (!*more) break;
    const std::string_view type = rows->text(0);
    if (last == counts.end() || last->first != type) last = counts.try_emplace(std::string(type), 0).first;
    ++last->second;
    claimed += kLeastRowBytes + type.size();
    if (claimed > database_.bytes()) {
      return database_.damaged(absl::StrCat(table, " has more rows than the whole file can hold"));
    }
  }
  for (const auto& [type, count] : counts) visit(type, count);
  return absl::OkStatus();
}

/// Files written in order of identity, as ours are, need no sorting; finding that out is one quick pass. The
/// pass comes before any sorting, and adds up what the rows claim to hold: rows that share pages could fill a
/// disk in being sorted.
absl::StatusOr<bool> V1Reader::stands_in_order(const ListSchema& list, const Where& where) {
  const std::string question = absl::StrCat(list.table, where.key());
  if (const auto known = in_order_.find(question); known != in_order_.end()) return known->second;
  // In whatever order they come: by number, or as an index for the question has them.
  absl::StatusOr<Statement> rows = database_.prepare(
      absl::StrCat("SELECT id, length(data), ", list.order, " FROM ", list.table, where.sql()));
  if (!rows.ok()) return rows.status();
  where.bind(*rows);
  std::vector<std::string> previous(static_cast<std::size_t>(list.order_columns));
  bool sorted = true;
  bool first = true;
  std::int64_t row = 0;
  std::uint64_t claimed = 0;
  while (true) {
    const absl::StatusOr<bool> more = rows->step();
    if (!more.ok()) {
      return database_.named(more.status(),
                             first ? list.table : absl::StrCat(list.table, " behind row ", row));
    }
    if (!*more) break;
    if (rows->type(0) != SQLITE_INTEGER) {
      return database_.damaged(absl::StrCat("a row of ", list.table, " has no number"));
    }
    if (!first && rows->integer(0) <= row) sorted = false;
    first = false;
    row = rows->integer(0);
    claimed += kLeastRowBytes + static_cast<std::uint64_t>(rows->integer(1));
    bool later = !sorted;
    for (int column = 0; column < list.order_columns; ++column) {
      const std::string_view value = rows->text(column + 2);
      claimed += value.size();
      if (later && !sorted) continue;
      std::string& before = previous[static_cast<std::size_t>(column)];
      if (!later && value < before) {
        sorted = false;
        later = true;
      } else if (value != before) {
        later = true;
        before = value;
      }
    }
    if (claimed > database_.bytes()) {
      return database_.damaged(absl::StrCat("the rows of ", list.table, " up to row ", row,
                                            " claim to hold more than the whole file"));
    }
  }
  if (in_order_.size() >= kRememberedOrders) in_order_.clear();
  in_order_[question] = sorted;
  return sorted;
}

absl::Status V1Reader::append_first_rows(const ListSchema& list, const Where& where, std::uint64_t limit,
                                         std::vector<std::int64_t>& ids) {
  absl::StatusOr<Statement> rows =
      database_.prepare(absl::StrCat("SELECT id FROM ", list.table, where.sql(), " ORDER BY ", list.order,
                                     ", id LIMIT ", limit - ids.size()));
  if (!rows.ok()) return rows.status();
  where.bind(*rows);
  while (true) {
    const absl::StatusOr<bool> more = rows->step();
    if (!more.ok()) return database_.named(more.status(), list.table);
    if (!*more) return absl::OkStatus();
    ids.push_back(rows->integer(0));
  }
}

/// An index by type and resource makes this quick in a file of any size: only the rows of the first resources
/// are looked at. SQLite sees that once the type is fixed.
absl::StatusOr<std::vector<std::int64_t>> V1Reader::first_rows(const ListSchema& list, const Where& where,
                                                               std::uint64_t limit) {
  std::vector<std::int64_t> ids;
  bool type_by_type = list.by_resource_type && !where.asks_for("resource_type_id");
  if (type_by_type) {
    const absl::StatusOr<bool> indexed = database_.is_indexed(list.table, "resource_type_id");
    if (!indexed.ok()) return indexed.status();
    type_by_type = *indexed;
  }
  if (!type_by_type) {
    const absl::Status status = append_first_rows(list, where, limit, ids);
    if (!status.ok()) return status;
    return ids;
  }
  absl::StatusOr<Statement> types = database_.prepare(
      absl::StrCat("SELECT min(resource_type_id) FROM ", list.table, " WHERE resource_type_id > ?1"));
  if (!types.ok()) return types.status();
  absl::StatusOr<Statement> begin =
      database_.prepare(absl::StrCat("SELECT min(resource_type_id) FROM ", list.table));
  if (!begin.ok()) return begin.status();
  Statement* next = &*begin;
  std::string type;
  while (ids.size() < limit) {
    const absl::StatusOr<bool> more = next->step();
    if (!more.ok()) return database_.named(more.status(), list.table);
    if (!*more || next->is_null(0)) break;
    std::string found(next->text(0));
    next->reset();
    next = &*types;
    type = std::move(found);
    types->bind_text(1, type);
    Where of_type = where;
    of_type.add("resource_type_id", type);
    if (absl::Status status = append_first_rows(list, of_type, limit, ids); !status.ok()) return status;
  }
  return ids;
}

absl::Status V1Reader::for_each_row(const ListSchema& list, const std::string& columns, const Where& where,
                                    std::uint64_t limit,
                                    const std::function<absl::Status(Statement&)>& visit) {
  if (!database_.has_table(list.table)) return absl::OkStatus();
  const std::string select =
      absl::StrCat("SELECT id, ", columns, ", ", database_.column_or(list.table, "discovered_at", "NULL"),
                   " FROM ", list.table);
  if (limit > 0 && limit <= kFewRows) {
    const absl::StatusOr<std::vector<std::int64_t>> ids = first_rows(list, where, limit);
    if (!ids.ok()) return ids.status();
    absl::StatusOr<Statement> row = database_.prepare(absl::StrCat(select, " WHERE id = ?1"));
    if (!row.ok()) return row.status();
    for (const std::int64_t id : *ids) {
      row->bind_int(1, id);
      const absl::StatusOr<bool> found = row->step();
      if (!found.ok()) return database_.named(found.status(), absl::StrCat(list.table, " row ", id));
      if (!*found)
        return database_.damaged(absl::StrCat(list.table, " has no row ", id, " behind its index"));
      visited_ = &*row;
      absl::Status status = visit(*row);
      visited_ = nullptr;
      row->reset();
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }
  const absl::StatusOr<bool> sorted = stands_in_order(list, where);
  if (!sorted.ok()) return sorted.status();
  // SQLite sorts on disk beyond its cache, blobs included: fetching a million rows one by one takes ten times
  // as long.
  absl::StatusOr<Statement> rows = database_.prepare(
      absl::StrCat(select, where.sql(), " ORDER BY ", *sorted ? "" : absl::StrCat(list.order, ", "), "id"));
  if (!rows.ok()) return rows.status();
  where.bind(*rows);
  for (std::uint64_t seen = 0; limit == 0 || seen < limit; ++seen) {
    const absl::StatusOr<bool> more = rows->step();
    if (!more.ok()) return database_.named(more.status(), list.table);
    if (!*more) return absl::OkStatus();
    visited_ = &*rows;
    const absl::Status status = visit(*rows);
    visited_ = nullptr;
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status V1Reader::damaged(const ListSchema& list, std::string_view id, std::string_view what) const {
  constexpr std::size_t kShown = 200;
  return database_.damaged(absl::StrCat(list.what, " \"", absl::Utf8SafeCEscape(view(id.substr(0, kShown))),
                                        "\" of ", list.table, " ", view(what)));
}

absl::Status V1Reader::check_identity(const ResourceType& type, std::string_view id) const {
  if (!type.id().empty()) return absl::OkStatus();
  return damaged(kResourceTypeList, id, "has no id");
}
absl::Status V1Reader::check_identity(const Resource& resource, std::string_view id) const {
  if (resource.id().resource_type().empty()) return damaged(kResourceList, id, "has an id without a type");
  return absl::OkStatus();
}
absl::Status V1Reader::check_identity(const Entitlement& entitlement, std::string_view id) const {
  if (!entitlement.resource().id().resource_type().empty()) return absl::OkStatus();
  return damaged(kEntitlementList, id, "is of no resource");
}
absl::Status V1Reader::check_identity(const Grant& grant, std::string_view id) const {
  if (grant.entitlement().id().empty()) return damaged(kGrantList, id, "is of no entitlement");
  if (grant.entitlement().resource().id().resource_type().empty()) {
    return damaged(kGrantList, id, "is of an entitlement of no resource");
  }
  if (grant.principal().id().resource_type().empty()) return damaged(kGrantList, id, "has no principal");
  return absl::OkStatus();
}

absl::Time V1Reader::discovered_at() const {
  if (visited_ == nullptr) return absl::UnixEpoch();
  const std::string_view text = visited_->text(visited_->columns() - 1);
  if (text != discovered_text_) {
    discovered_text_ = text;
    // Nothing depends on it, and a file is no worse for a moment that cannot be read.
    discovered_at_ = parse_wall_clock(text).value_or(absl::UnixEpoch());
  }
  return discovered_at_;
}

template <class Message>
absl::Status V1Reader::parse(const ListSchema& list, std::string_view id, std::string_view blob,
                             Message& message) const {
  if (message.ParseFromArray(blob.data(), static_cast<int>(blob.size()))) return absl::OkStatus();
  return damaged(list, id, "is no valid protobuf message");
}

absl::Status V1Reader::for_each_resource_type(const Visit<ResourceType>& visit) {
  ResourceType type;
  return for_each_row(kResourceTypeList, "external_id, data", in_selected_sync(), 0, [&](Statement& row) {
    const std::string_view id = row.text(1);
    absl::Status status = parse(kResourceTypeList, id, row.blob(2), type);
    if (status.ok()) status = check_identity(type, id);
    return status.ok() ? visit(type) : status;
  });
}

absl::Status V1Reader::for_each_resource(const std::string& type_id, const Visit<Resource>& visit) {
  Where where = in_selected_sync();
  where.equals("resource_type_id", type_id);
  Resource resource;
  return for_each_row(kResourceList, "external_id, data", where, 0, [&](Statement& row) {
    const std::string_view id = row.text(1);
    absl::Status status = parse(kResourceList, id, row.blob(2), resource);
    if (status.ok()) status = check_identity(resource, id);
    return status.ok() ? visit(resource) : status;
  });
}

absl::Status V1Reader::for_each_entitlement(const std::string& type_id, const Visit<Entitlement>& visit) {
  Where where = in_selected_sync();
  where.equals("resource_type_id", type_id);
  Entitlement entitlement;
  return for_each_row(kEntitlementList, "external_id, data", where, 0, [&](Statement& row) {
    const std::string_view id = row.text(1);
    absl::Status status = parse(kEntitlementList, id, row.blob(2), entitlement);
    if (status.ok()) status = check_identity(entitlement, id);
    return status.ok() ? visit(entitlement) : status;
  });
}

/// Files from before the columns existed, and syncs that nobody has gone through since, have the annotation
/// in the blob.
bool V1Reader::expansion_may_be_in_blob() const {
  return !database_.has_column("v1_grants", "expansion") || selected_ == nullptr ||
         !selected_->grants_backfilled;
}

absl::Status V1Reader::for_each_grant(const GrantFilter& filter, const Visit<StoredGrant>& visit) {
  Where where = in_selected_sync();
  where.equals("resource_type_id", filter.resource_type_id);
  where.equals("resource_id", filter.resource_id);
  where.equals("entitlement_id", filter.entitlement_id);
  where.equals("principal_resource_type_id", filter.principal_type_id);
  where.equals("principal_resource_id", filter.principal_id);
  const std::string columns = absl::StrCat(
      "external_id, data, resource_type_id, resource_id, entitlement_id, principal_resource_type_id, "
      "principal_resource_id, ",
      database_.column_or("v1_grants", "expansion", "NULL"), ", ",
      database_.column_or("v1_grants", "needs_expansion", "0"));
  const bool look_into_blob = expansion_may_be_in_blob();
  if (filter.expandable && !look_into_blob) where.add("expansion IS NOT NULL");
  StoredGrant stored;
  std::uint64_t visited = 0;
  // What is left out only once it has been read does not count.
  const std::uint64_t limit = filter.expandable && look_into_blob ? 0 : filter.limit;
  return for_each_row(kGrantList, columns, where, limit, [&](Statement& row) {
    if (filter.limit > 0 && visited == filter.limit) return absl::OkStatus();
    const std::string_view id = row.text(1);
    if (absl::Status status = parse(kGrantList, id, row.blob(2), stored.grant); !status.ok()) return status;
    stored.expansion = row.blob(8);
    stored.needs_expansion = row.integer(9) != 0;
    if (look_into_blob && stored.expansion.empty() && has_expandable(stored.grant)) {
      stored.expansion = take_expandable(stored.grant);
      stored.needs_expansion = true;
    }
    if (filter.expandable && stored.expansion.empty()) return absl::OkStatus();
    // Slim rows keep these in columns only.
    if (!stored.grant.has_entitlement()) {
      Entitlement& entitlement = *stored.grant.mutable_entitlement();
      entitlement.set_id(std::string(row.text(5)));
      entitlement.mutable_resource()->mutable_id()->set_resource_type(std::string(row.text(3)));
      entitlement.mutable_resource()->mutable_id()->set_resource(std::string(row.text(4)));
    }
    if (!stored.grant.has_principal()) {
      auto& principal = *stored.grant.mutable_principal()->mutable_id();
      principal.set_resource_type(std::string(row.text(6)));
      principal.set_resource(std::string(row.text(7)));
    }
    if (absl::Status status = check_identity(stored.grant, id); !status.ok()) return status;
    ++visited;
    return visit(stored);
  });
}

template <class Message>
absl::StatusOr<std::unique_ptr<Message>> V1Reader::look_up(const ListSchema& list, Statement& statement,
                                                           const std::string& external_id) {
  std::unique_ptr<Message> message;
  if (!database_.has_table(list.table)) return message;
  if (!statement.is_prepared()) {
    const absl::StatusOr<bool> indexed = database_.is_indexed(list.table, "external_id");
    if (!indexed.ok()) return indexed.status();
    if (!*indexed) {
      // Finds out first that the rows can be sorted.
      if (const absl::Status status = stands_in_order(list, Where()).status(); !status.ok()) return status;
      if (absl::Status status = database_.create_index(list.table, "external_id"); !status.ok())
        return status;
    }
    // Without a selected sync the parameter is NULL, and any sync's row will do.
    absl::StatusOr<Statement> prepared = database_.prepare(absl::StrCat(
        "SELECT data FROM ", list.table, " WHERE external_id = ?1 AND sync_id = ifnull(?2, sync_id)"));
    if (!prepared.ok()) return prepared.status();
    statement = *std::move(prepared);
  }
  statement.bind_text(1, external_id);
  if (selected_ == nullptr) {
    statement.bind_null(2);
  } else {
    statement.bind_text(2, selected_->info.id);
  }
  const absl::StatusOr<bool> found = statement.step();
  if (!found.ok()) {
    return database_.named(found.status(), absl::StrCat(list.table, ", looking for \"",
                                                        absl::Utf8SafeCEscape(external_id), "\""));
  }
  if (!*found) return message;
  message = std::make_unique<Message>();
  absl::Status status = parse(list, external_id, statement.blob(0), *message);
  statement.reset();
  if (!status.ok()) return status;
  return message;
}

absl::StatusOr<const ResourceType*> V1Reader::find_resource_type(const std::string& id) {
  if (const auto* known = known_types_.get(id)) return known->get();
  auto found = look_up<ResourceType>(kResourceTypeList, find_type_, id);
  if (!found.ok()) return found.status();
  return known_types_.put(id, *std::move(found));
}

absl::StatusOr<const Resource*> V1Reader::find_resource(const std::string& type_id, const std::string& id) {
  const std::string external_id = absl::StrCat(type_id, ":", id);
  if (const auto* known = known_resources_.get(external_id)) return known->get();
  auto found = look_up<Resource>(kResourceList, find_resource_, external_id);
  if (!found.ok()) return found.status();
  return known_resources_.put(external_id, *std::move(found));
}

absl::StatusOr<const Entitlement*> V1Reader::find_entitlement(const std::string& id) {
  if (const auto* known = known_entitlements_.get(id)) return known->get();
  auto found = look_up<Entitlement>(kEntitlementList, find_entitlement_, id);
  if (!found.ok()) return found.status();
  return known_entitlements_.put(id, *std::move(found));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Reader>> open_v1_reader(const std::string& path,
                                                       const ReaderOptions& options) {
  absl::StatusOr<V1Database> database = V1Database::open(path, options);
  if (!database.ok()) return database.status();
  auto reader = std::make_unique<V1Reader>(*std::move(database), options);
  if (absl::Status status = reader->load_syncs(); !status.ok()) return status;
  if (absl::Status status = reader->select({}); !status.ok()) return status;
  return reader;
}

}  // namespace baton::c1z
