#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/c1z/v3/block_cache.hpp"
#include "storage/c1z/v3/envelope_reader.hpp"
#include "storage/c1z/v3/manifest_reader.hpp"
#include "storage/c1z/v3/memory_budget.hpp"
#include "storage/c1z/v3/table_reader.hpp"

namespace baton::c1z::v3 {

class DatabaseReader;

/// Walks through the live rows of a range of keys, in order of key, each key once. Views stay valid until the
/// next step. The database must outlive it.
class RangeCursor {
 public:
  /// False at the end.
  absl::StatusOr<bool> next();
  std::string_view key() const { return key_; }
  std::string_view value() const { return value_; }

 private:
  friend class DatabaseReader;
  RangeCursor(DatabaseReader& database, std::string begin, std::string end);

  absl::Status open_tables_up_to_top();
  absl::Status step(std::size_t cursor);
  void sift();
  /// The highest sequence number of a range deletion over `key`; 0 is none, as it hides nothing.
  std::uint64_t hidden_below(std::string_view key);
  bool is_later(std::size_t a, std::size_t b) const;
  absl::Status named(const TableEntry& table, const absl::Status& status) const;

  DatabaseReader& database_;
  std::string begin_;
  std::string end_;
  std::size_t next_table_ = 0;
  std::vector<std::unique_ptr<TableCursor>> cursors_;
  /// Cursors that stand on an entry; a heap whose front has the first key, the newest of equal ones.
  std::vector<std::size_t> heap_;
  /// Range deletions of opened tables that begin behind the key at hand, the first one in front; then those
  /// that cover it.
  std::vector<const RangeDeletion*> coming_;
  std::vector<const RangeDeletion*> covering_;
  std::string key_;
  std::string_view value_;
  bool has_key_ = false;
};

/// The rows of a Pebble database: the tables that its MANIFEST lists, merged. Tables are opened, and so
/// unpacked, when a key is asked for that they may hold. Not thread-safe.
///
/// Errors name the c1z, the file inside and the place in it.
class DatabaseReader {
 public:
  /// `files` must outlive it. Reads markers and MANIFEST; FailedPrecondition when the database was not closed
  /// as upstream's SDK closes it.
  static absl::StatusOr<std::unique_ptr<DatabaseReader>> open(EnvelopeReader& files);

  /// True and the value of a key, or false.
  absl::StatusOr<bool> get(std::string_view key, std::string& value);
  /// From `begin` up to before `end`.
  RangeCursor range(std::string begin, std::string end) {
    return RangeCursor(*this, std::move(begin), std::move(end));
  }
  bool has_tables() const { return !set_.tables.empty(); }
  const EnvelopeReader& files() const { return files_; }

 private:
  friend class RangeCursor;
  explicit DatabaseReader(EnvelopeReader& files) : files_(files) {}

  absl::Status check_directory();
  absl::Status read_tables();
  absl::Status check_tables() const;
  absl::StatusOr<std::string> read_whole(std::string_view name, std::uint64_t limit) const;
  absl::StatusOr<std::shared_ptr<const TableReader>> table(std::size_t index);
  absl::Status named(const TableEntry& table, const absl::Status& status) const;

  EnvelopeReader& files_;
  std::string manifest_;
  TableSet set_;
  MemoryBudget budget_{std::uint64_t{512} << 20};
  BlockCache cache_{std::size_t{32} << 20};
  std::vector<std::shared_ptr<const TableReader>> tables_;
  /// Kept for look-ups, so that neighbours are found in the block at hand.
  std::vector<std::unique_ptr<TableCursor>> look_ups_;
};

}  // namespace baton::c1z::v3
