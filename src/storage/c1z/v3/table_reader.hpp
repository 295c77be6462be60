#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/c1z/v3/block_cache.hpp"
#include "storage/c1z/v3/block_reader.hpp"
#include "storage/c1z/v3/data_block.hpp"
#include "storage/c1z/v3/envelope_reader.hpp"
#include "storage/c1z/v3/manifest_reader.hpp"
#include "storage/c1z/v3/memory_budget.hpp"

namespace baton::c1z::v3 {

/// Keys from `start` on and before `end` are gone when their sequence number is lower.
class RangeDeletion {
 public:
  RangeDeletion() = default;

  std::string start;
  std::string end;
  std::uint64_t sequence = 0;
};

/// An open sorted table: columnar ones (v5 to v7) and such of rows (v1, v2, and RocksDB's version 2). Holds
/// its index and range deletions; the rows are read block by block. `entry` and `budget` must outlive it.
/// Errors tell the place in the table: DataLoss, Unimplemented, ResourceExhausted.
class TableReader {
 public:
  static absl::StatusOr<std::shared_ptr<const TableReader>> open(const PayloadFile& file,
                                                                 const TableEntry& entry,
                                                                 MemoryBudget& budget);

  const TableEntry& entry() const { return entry_; }
  /// By start; those of a virtual table end at its bounds.
  const std::vector<RangeDeletion>& range_deletions() const { return range_deletions_; }
  MemoryBudget& budget() const { return budget_; }

  std::size_t blocks() const { return blocks_.size(); }
  /// The first block that can hold `key`; `blocks()` when there is none.
  std::size_t find_block(std::string_view key) const;
  /// Reads a block, or takes it from the cache, which may be null.
  absl::StatusOr<std::shared_ptr<const DataBlock>> block(std::size_t index, BlockCache* cache) const;
  std::uint64_t block_offset(std::size_t index) const { return blocks_[index].handle.offset; }
  /// What counts, whatever the table says.
  std::uint64_t sequence(Trailer trailer) const {
    return one_sequence_ ? entry_.largest_sequence : trailer.sequence();
  }

 private:
  /// A block of rows; its separator, which no key in it is above, ends at `separator_end` of `separators_`.
  class Block {
   public:
    BlockHandle handle;
    std::size_t separator_end = 0;
  };
  class Footer;

  TableReader(const PayloadFile& file, const TableEntry& entry, MemoryBudget& budget)
      : file_(file),
        entry_(entry),
        one_sequence_(entry.smallest_sequence == entry.largest_sequence),
        budget_(budget),
        share_(budget) {}
  absl::Status read();
  absl::Status read_footer(Footer& footer) const;
  absl::Status read_index(const BlockHandle& handle, bool two_levels);
  absl::Status add_block(std::string_view separator, const BlockHandle& handle);
  absl::Status read_range_deletions(const BlockHandle& handle);
  absl::Status columnar_range_deletions(std::string_view block);
  absl::Status row_range_deletions(std::string block);
  absl::Status add_range_deletion(std::string_view start, std::string_view end, std::uint64_t sequence);
  std::string_view separator(std::size_t index) const;

  PayloadFile file_;
  const TableEntry& entry_;
  bool one_sequence_;
  MemoryBudget& budget_;
  MemoryBudget::Share share_;
  BlockLayout layout_ = BlockLayout::kColumns;
  std::vector<Block> blocks_;
  std::string separators_;
  std::vector<RangeDeletion> range_deletions_;
};

/// Walks through the entries of a table that lie within its bounds, in order of user key, the newest of equal
/// ones first. Views stay valid until the next step.
class TableCursor {
 public:
  TableCursor(std::shared_ptr<const TableReader> table, BlockCache* cache)
      : table_(std::move(table)), cache_(cache), share_(table_->budget()) {}

  /// Goes to the first entry whose user key is not below; false when there is none.
  absl::StatusOr<bool> seek(std::string_view key);
  absl::StatusOr<bool> next();

  std::string_view key() const { return rows_.key(); }
  std::string_view value() const { return rows_.value(); }
  EntryKind kind() const { return rows_.trailer().kind(); }
  std::uint64_t sequence() const { return table_->sequence(rows_.trailer()); }
  const TableReader& table() const { return *table_; }

 private:
  absl::Status open_block(std::size_t index);
  absl::StatusOr<bool> arrive(DataCursor::Step step);
  absl::Status damaged(std::string_view what) const;

  std::shared_ptr<const TableReader> table_;
  BlockCache* cache_;
  MemoryBudget::Share share_;
  std::size_t index_ = 0;
  DataCursor rows_;
  // The entry before, to see that they are in order.
  std::string previous_key_;
  std::uint64_t previous_trailer_ = 0;
  bool has_previous_ = false;
};

}  // namespace baton::c1z::v3
