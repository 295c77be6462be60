#include "storage/c1z/earlier_syncs.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/hash.hpp"
#include "storage/c1z/wall_clock.hpp"

namespace baton::c1z {
namespace {

/// More syncs than any file has.
constexpr std::size_t kMostSyncs = 10'000;
constexpr std::uint64_t kRowsBetweenTicks = 4096;
/// Row ids behind it would leave no room for those of the new sync.
constexpr std::int64_t kGreatestRowId = std::int64_t{1} << 62;
constexpr std::size_t kRowId = SIZE_MAX;
/// Pages are read in order, from a few trees at a time.
constexpr int kCacheKib = 4096;

absl::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

std::vector<std::string> names(std::string_view list) {
  return absl::StrSplit(view(list), ", ");
}

std::size_t place_of(const TableSchema& table) {
  return static_cast<std::size_t>(&table - v1_tables().data());
}

const TableSchema& table_called(std::string_view name) {
  return *std::ranges::find(v1_tables(), name, &TableSchema::name);
}

/// Mixes what an entry is made of into one number; entries are then summed up.
class EntryHash {
 public:
  void add(const Value& value) {
    const std::uint64_t one = value.type() == Value::Type::kInteger
                                  ? static_cast<std::uint64_t>(value.number()) * 0x9E3779B97F4A7C15
                                  : hash64(value.bytes());
    hash_ = (hash_ ^ (one + static_cast<std::uint64_t>(value.type()))) * 0xD6E8FEB86659FD93;
    hash_ ^= hash_ >> 32;
  }
  std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0;
};

/// What the file's owner can do about it.
absl::Status with_advice(const absl::Status& status, const std::string& path) {
  if (status.ok() || absl::IsResourceExhausted(status) || absl::IsCancelled(status)) return status;
  return absl::Status(status.code(), absl::StrCat(status.message(), "; the syncs in ", path,
                                                  " cannot be kept: repair the file or move it away"));
}

}  // namespace

void RowIdSet::add(std::int64_t id) {
  if (!ranges_.empty() && ranges_.back().last + 1 == id) {
    ranges_.back().last = id;
  } else {
    ranges_.push_back({id, id});
  }
}

bool RowIdSet::contains(std::int64_t id) const {
  const auto holds = [&](const Range& range) { return range.first <= id && id <= range.last; };
  if (last_hit_ < ranges_.size() && holds(ranges_[last_hit_])) return true;
  const auto after = std::ranges::upper_bound(ranges_, id, {}, &Range::first);
  if (after == ranges_.begin() || !holds(*std::prev(after))) return false;
  last_hit_ = static_cast<std::size_t>(std::prev(after) - ranges_.begin());
  return true;
}

absl::StatusOr<std::unique_ptr<EarlierSyncs>> EarlierSyncs::open(const std::string& path,
                                                                 ReaderOptions options,
                                                                 const std::string& current,
                                                                 const Retention& retention) {
  options.cache_kib = kCacheKib;
  absl::StatusOr<V1Database> database = V1Database::open(path, options);
  if (!database.ok()) return with_advice(database.status(), path);
  if (!database->is_utf8()) {
    return with_advice(absl::FailedPreconditionError(
                           absl::StrCat(path, " has its texts in UTF-16, which cannot be added to")),
                       path);
  }
  std::unique_ptr<EarlierSyncs> syncs(new EarlierSyncs(*std::move(database)));
  if (absl::Status status = syncs->decide(current, retention); !status.ok()) return status;
  return syncs;
}

absl::Status EarlierSyncs::decide(const std::string& current, const Retention& retention) {
  const TableSchema& table = table_called("v1_sync_runs");
  enum : std::size_t { kId, kStarted, kEnded, kToken, kType, kParent, kLinked };
  absl::StatusOr<EarlierRows> runs = rows(table);
  if (!runs.ok()) return runs.status();
  std::vector<SyncInfo> syncs;
  std::set<std::string> seen;
  while (true) {
    const absl::StatusOr<bool> more = runs->next();
    if (!more.ok()) return more.status();
    if (!*more) break;
    const std::span<const Value> row = runs->columns();
    SyncInfo sync;
    sync.id = row[kId].bytes();
    sync.started_at = parse_wall_clock(row[kStarted].bytes()).value_or(absl::UnixEpoch());
    if (row[kEnded].type() != Value::Type::kNull) {
      sync.ended_at = parse_wall_clock(row[kEnded].bytes()).value_or(absl::UnixEpoch());
    }
    sync.type = row[kType].bytes();
    sync.linked_id = row[kLinked].bytes();
    if (!seen.insert(sync.id).second) {
      return damaged(table.name,
                     absl::StrCat("sync \"", absl::Utf8SafeCEscape(sync.id), "\" is there twice"));
    }
    if (syncs.size() == kMostSyncs) {
      return with_advice(absl::FailedPreconditionError(
                             absl::StrCat(database_.path(), " has more than ", kMostSyncs, " syncs")),
                         database_.path());
    }
    syncs.push_back(std::move(sync));
  }
  const std::set<std::string> gone = syncs_to_remove(syncs, current, retention);
  for (const SyncInfo& sync : syncs) {
    if (sync.id == current) continue;
    (gone.contains(sync.id) ? removed_ : kept_).push_back(sync.id);
  }
  left_out_.insert(gone.begin(), gone.end());
  left_out_.insert(current);
  return absl::OkStatus();
}

absl::StatusOr<EarlierRows> EarlierSyncs::rows(const TableSchema& table) {
  const std::size_t place = place_of(table);
  ids_[place].clear();
  for (std::size_t i = 0; i < v1_indexes().size(); ++i) {
    if (v1_indexes()[i].table == table.name) sums_[i] = Sum();
  }
  if (!database_.has_table(table.name)) return EarlierRows(*this, table, place, Statement());
  std::string sql = "SELECT id";
  for (const ColumnSchema& column : table.columns) {
    if (!database_.has_column(table.name, column.name) && column.before.empty()) {
      return damaged(table.name, absl::StrCat("it has no column ", view(column.name)));
    }
    absl::StrAppend(&sql, ", ", database_.column_or(table.name, column.name, column.before));
  }
  absl::StrAppend(&sql, " FROM ", view(table.name), " ORDER BY id");
  database_.renew_work();
  absl::StatusOr<Statement> statement = database_.prepare(sql);
  if (!statement.ok()) return with_advice(statement.status(), database_.path());
  return EarlierRows(*this, table, place, *std::move(statement));
}

absl::StatusOr<EarlierEntries> EarlierSyncs::entries(const IndexSchema& index) {
  const auto place = static_cast<std::size_t>(&index - v1_indexes().data());
  const std::size_t table = place_of(table_called(index.table));
  // A column that is missing is all NULL or 0, and makes no entry in the partial indexes over it.
  const bool missing =
      !index.condition.empty() &&
      !database_.has_column(index.table, index.condition.substr(0, index.condition.find(' ')));
  if (missing || !database_.has_table(index.table)) {
    return EarlierEntries(*this, index, place, table, Statement());
  }
  database_.renew_work();
  absl::StatusOr<Statement> statement =
      database_.prepare(absl::StrCat("SELECT ", view(index.columns), ", id FROM ", view(index.table),
                                     index.condition.empty() ? "" : " WHERE ", view(index.condition),
                                     " ORDER BY ", view(index.columns), ", id"));
  if (!statement.ok()) return with_advice(statement.status(), database_.path());
  return EarlierEntries(*this, index, place, table, *std::move(statement));
}

absl::Status EarlierSyncs::check_indexes() {
  for (const IndexSchema& index : v1_indexes()) {
    absl::StatusOr<EarlierEntries> read = entries(index);
    if (!read.ok()) return read.status();
    while (true) {
      const absl::StatusOr<bool> more = read->next();
      if (!more.ok()) return more.status();
      if (!*more) break;
    }
  }
  return absl::OkStatus();
}

absl::Status EarlierSyncs::failed(const absl::Status& status, std::string_view table) const {
  return with_advice(database_.named(status, table), database_.path());
}

absl::Status EarlierSyncs::damaged(std::string_view table, std::string_view what) const {
  return with_advice(database_.damaged(absl::StrCat(view(table), ": ", view(what))), database_.path());
}

absl::Status EarlierSyncs::tick() {
  return ++ticks_ % kRowsBetweenTicks == 0 && tick_ ? tick_() : absl::OkStatus();
}

EarlierRows::EarlierRows(EarlierSyncs& syncs, const TableSchema& table, std::size_t place,
                         Statement statement)
    : syncs_(&syncs), table_(&table), place_(place), statement_(std::move(statement)) {
  const auto column_called = [&](std::string_view name) {
    return name == "id"
               ? kRowId
               : static_cast<std::size_t>(std::ranges::find(table.columns, name, &ColumnSchema::name) -
                                          table.columns.begin());
  };
  sync_column_ = column_called("sync_id");
  for (std::size_t i = 0; i < v1_indexes().size(); ++i) {
    const IndexSchema& index = v1_indexes()[i];
    if (index.table != table.name) continue;
    Indexed indexed;
    indexed.index = i;
    for (const std::string& name : names(index.columns)) indexed.columns.push_back(column_called(name));
    if (!index.condition.empty()) {
      const std::string_view name = index.condition.substr(0, index.condition.find(' '));
      indexed.condition_column = static_cast<int>(column_called(name));
      indexed.is_not_null = index.condition.ends_with("is not null");
    }
    indexed_.push_back(std::move(indexed));
  }
}

absl::StatusOr<bool> EarlierRows::next() {
  while (statement_.is_prepared()) {
    const absl::StatusOr<bool> more = statement_.step();
    if (!more.ok()) return syncs_->failed(more.status(), table_->name);
    if (!*more) break;
    if (absl::Status status = syncs_->tick(); !status.ok()) return status;
    const std::string_view sync = statement_.text(static_cast<int>(sync_column_) + 1);
    if (sync != last_sync_) {
      last_sync_ = sync;
      last_left_out_ = syncs_->left_out_.contains(sync);
    }
    if (last_left_out_) continue;
    if (absl::Status status = take(); !status.ok()) return status;
    count();
    return true;
  }
  return false;
}

absl::Status EarlierRows::take() {
  const std::int64_t before = std::exchange(id_, statement_.integer(0));
  if (statement_.type(0) != SQLITE_INTEGER || id_ <= before || id_ > kGreatestRowId) {
    return syncs_->damaged(table_->name, absl::StrCat("row ids do not ascend from 1, at ", id_));
  }
  for (std::size_t i = 0; i < table_->columns.size(); ++i) {
    const absl::StatusOr<Value> value = read(static_cast<int>(i), table_->columns[i]);
    if (!value.ok()) return value.status();
    values_[i] = *value;
  }
  return absl::OkStatus();
}

absl::StatusOr<Value> EarlierRows::read(int column, const ColumnSchema& schema) {
  const auto refuse = [&](const char* what) {
    return syncs_->damaged(table_->name, absl::StrCat("row ", id_, ": ", view(schema.name), " ", what));
  };
  const int at = column + 1;
  const int type = statement_.type(at);
  if (type == SQLITE_NULL) {
    if (schema.nullable) return Value::null();
    return refuse("is NULL");
  }
  switch (schema.kind) {
    case ColumnKind::kInteger: {
      if (type == SQLITE_INTEGER) return Value::integer(statement_.integer(at));
      std::int64_t number = 0;
      bool yes = false;
      const std::string_view text = statement_.text(at);
      if (type == SQLITE_TEXT && absl::SimpleAtoi(view(text), &number)) return Value::integer(number);
      if (type == SQLITE_TEXT && absl::SimpleAtob(view(text), &yes)) return Value::integer(yes ? 1 : 0);
      return refuse("is no whole number");
    }
    case ColumnKind::kText:
      return Value::text(statement_.text(at));
    case ColumnKind::kBlob:
      return Value::blob(statement_.blob(at));
    case ColumnKind::kTime:
      break;
  }
  const std::string_view text = statement_.text(at);
  std::string& known = times_[static_cast<std::size_t>(column)];
  if (type != SQLITE_TEXT || (text != known && !parse_wall_clock(text).ok())) return refuse("is no time");
  if (text != known) known = text;
  return Value::text(text);
}

void EarlierRows::count() {
  syncs_->ids_[place_].add(id_);
  for (const Indexed& indexed : indexed_) {
    if (indexed.condition_column >= 0) {
      const Value& value = values_[static_cast<std::size_t>(indexed.condition_column)];
      const bool holds = indexed.is_not_null ? value.type() != Value::Type::kNull : value.number() == 1;
      if (!holds) continue;
    }
    EntryHash hash;
    for (const std::size_t column : indexed.columns) {
      hash.add(column == kRowId ? Value::integer(id_) : values_[column]);
    }
    hash.add(Value::integer(id_));
    EarlierSyncs::Sum& sum = syncs_->sums_[indexed.index];
    ++sum.count;
    sum.hash += hash.value();
  }
}

EarlierEntries::EarlierEntries(EarlierSyncs& syncs, const IndexSchema& index, std::size_t place,
                               std::size_t table, Statement statement)
    : syncs_(&syncs),
      index_(&index),
      place_(place),
      table_(table),
      statement_(std::move(statement)),
      columns_(names(index.columns).size()) {}

absl::StatusOr<bool> EarlierEntries::next() {
  while (statement_.is_prepared()) {
    const absl::StatusOr<bool> more = statement_.step();
    if (!more.ok()) return syncs_->failed(more.status(), index_->name);
    if (!*more) break;
    if (absl::Status status = syncs_->tick(); !status.ok()) return status;
    if (!syncs_->ids_[table_].contains(statement_.integer(static_cast<int>(columns_)))) continue;
    if (absl::Status status = take(); !status.ok()) return status;
    return true;
  }
  if (sum_ == syncs_->sums_[place_]) return false;
  return syncs_->damaged(index_->name, absl::StrCat("it does not hold the rows of ", view(index_->table)));
}

absl::Status EarlierEntries::take() {
  EntryHash hash;
  for (std::size_t i = 0; i <= columns_; ++i) {
    const int column = static_cast<int>(i);
    const int type = statement_.type(column);
    values_[i] = type == SQLITE_NULL      ? Value::null()
                 : type == SQLITE_INTEGER ? Value::integer(statement_.integer(column))
                                          : Value::text(statement_.text(column));
    hash.add(values_[i]);
  }
  ++sum_.count;
  sum_.hash += hash.value();
  return check_order();
}

absl::Status EarlierEntries::check_order() {
  const auto indexed = [&](const std::array<Value, kMostColumns>& values) {
    return std::span(values).first(columns_);
  };
  if (has_before_) {
    const auto order = compare(indexed(before_), indexed(values_));
    if (order == 0 && index_->unique) return syncs_->damaged(index_->table, "two rows have one id");
    if (order > 0 || (order == 0 && before_[columns_].number() >= values_[columns_].number())) {
      return syncs_->damaged(index_->name, "it is not in order");
    }
  }
  has_before_ = true;
  before_bytes_.clear();
  for (std::size_t i = 0; i < columns_; ++i) before_bytes_.append(values_[i].bytes());
  before_ = values_;
  std::string_view rest(before_bytes_);
  for (std::size_t i = 0; i < columns_; ++i) {
    if (values_[i].type() != Value::Type::kText) continue;
    before_[i] = Value::text(rest.substr(0, values_[i].bytes().size()));
    rest.remove_prefix(values_[i].bytes().size());
  }
  return absl::OkStatus();
}

}  // namespace baton::c1z
