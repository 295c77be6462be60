#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/c1z/pages/record.hpp"
#include "storage/c1z/reader.hpp"
#include "storage/c1z/retention.hpp"
#include "storage/c1z/sqlite.hpp"
#include "storage/c1z/v1_database.hpp"
#include "storage/c1z/v1_schema.hpp"

namespace baton::c1z {

/// A set of row ids that is filled in order. Small where ids follow each other, as those of a sync do.
class RowIdSet {
 public:
  void clear() { ranges_.clear(); }
  /// Greater than all before.
  void add(std::int64_t id);
  bool contains(std::int64_t id) const;

 private:
  class Range {
   public:
    std::int64_t first = 0;
    std::int64_t last = 0;
  };
  std::vector<Range> ranges_;
  mutable std::size_t last_hit_ = 0;
};

class EarlierRows;
class EarlierEntries;

/// What a v1 file holds already and goes on holding when another sync is added: the rows of all syncs but
/// those that retention removes and those of the new sync's own id. Rows keep their ids and every value;
/// columns that the file is too old to have get the values that readers assume.
///
/// The file is a stranger's and is trusted in nothing: it is unpacked into a private copy without a name, and
/// while it is read everything is checked that the new file's soundness depends on: values have the types of
/// their columns, row ids and index entries ascend, and each index holds exactly the rows of its table. What
/// does not hold is DataLoss, naming the file. Not thread-safe.
class EarlierSyncs {
 public:
  /// Unpacks the file and decides. Errors as of `open_reader`, and each says what to do about the file.
  static absl::StatusOr<std::unique_ptr<EarlierSyncs>> open(const std::string& path, ReaderOptions options,
                                                            const std::string& current,
                                                            const Retention& retention);

  /// Ids of the syncs that stay and of those that go, in the order of the file.
  const std::vector<std::string>& kept() const { return kept_; }
  const std::vector<std::string>& removed() const { return removed_; }

  /// Called every few thousand rows; anything but OK ends the reading.
  void set_tick(std::function<absl::Status()> tick) { tick_ = std::move(tick); }

  /// All rows of a table, by id. Reading starts from the first.
  absl::StatusOr<EarlierRows> rows(const TableSchema& table);
  /// All entries of an index, in its order. The rows of its table must have been read to the end before.
  absl::StatusOr<EarlierEntries> entries(const IndexSchema& index);
  /// Reads all entries of all indexes, for the checks alone.
  absl::Status check_indexes();

 private:
  friend class EarlierRows;
  friend class EarlierEntries;

  /// Of some entries, in any order.
  class Sum {
   public:
    std::uint64_t count = 0;
    std::uint64_t hash = 0;
    friend bool operator==(const Sum&, const Sum&) = default;
  };
  static constexpr std::size_t kMostIndexes = 16;

  explicit EarlierSyncs(V1Database database) : database_(std::move(database)) {}

  absl::Status decide(const std::string& current, const Retention& retention);
  absl::Status failed(const absl::Status& status, std::string_view table) const;
  absl::Status damaged(std::string_view table, std::string_view what) const;
  absl::Status tick();

  V1Database database_;
  std::set<std::string, std::less<>> left_out_;
  std::vector<std::string> kept_;
  std::vector<std::string> removed_;
  std::function<absl::Status()> tick_;
  std::uint64_t ticks_ = 0;
  /// By the table's and the index's place in the schema.
  std::array<RowIdSet, kMostIndexes> ids_;
  std::array<Sum, kMostIndexes> sums_;
};

/// Must not outlive its `EarlierSyncs`.
class EarlierRows {
 public:
  /// False at the end.
  absl::StatusOr<bool> next();
  std::int64_t id() const { return id_; }
  /// The columns of the table's schema; valid until the next call.
  std::span<const Value> columns() const { return std::span(values_).first(table_->columns.size()); }

 private:
  friend class EarlierSyncs;
  static constexpr std::size_t kMostColumns = RecordHeader::kMostColumns;

  /// An index that the rows have entries in.
  class Indexed {
   public:
    std::size_t index = 0;
    std::vector<std::size_t> columns;  // `kRowId` stands for the row id
    int condition_column = -1;
    bool is_not_null = false;
  };

  EarlierRows(EarlierSyncs& syncs, const TableSchema& table, std::size_t place, Statement statement);
  absl::Status take();
  void count();
  absl::StatusOr<Value> read(int column, const ColumnSchema& schema);

  EarlierSyncs* syncs_;
  const TableSchema* table_;
  std::size_t place_;
  Statement statement_;
  std::vector<Indexed> indexed_;
  std::size_t sync_column_ = 0;
  std::int64_t id_ = 0;
  std::array<Value, kMostColumns> values_;
  std::array<std::string, kMostColumns> times_;
  std::string last_sync_;
  bool last_left_out_ = false;
};

/// Must not outlive its `EarlierSyncs`.
class EarlierEntries {
 public:
  /// False at the end.
  absl::StatusOr<bool> next();
  /// The indexed columns, then the row id; valid until the next call.
  std::span<const Value> entry() const { return std::span(values_).first(columns_ + 1); }

 private:
  friend class EarlierSyncs;
  static constexpr std::size_t kMostColumns = 4;

  EarlierEntries(EarlierSyncs& syncs, const IndexSchema& index, std::size_t place, std::size_t table,
                 Statement statement);
  absl::Status take();
  absl::Status check_order();

  EarlierSyncs* syncs_;
  const IndexSchema* index_;
  std::size_t place_;
  std::size_t table_;
  Statement statement_;
  std::size_t columns_;
  EarlierSyncs::Sum sum_;
  std::array<Value, kMostColumns> values_;
  // The entry before, its texts behind each other.
  bool has_before_ = false;
  std::array<Value, kMostColumns> before_;
  std::string before_bytes_;
};

}  // namespace baton::c1z
