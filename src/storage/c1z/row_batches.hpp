#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/c1z/stats_count.hpp"
#include "storage/row_source.hpp"

/// Reading rows on one thread while another writes them.
namespace baton::c1z {

enum class Table : std::uint8_t { kResourceTypes, kResources, kEntitlements, kGrants };

/// Rows of one table, column after column in one buffer.
class RowBatch {
 public:
  /// A column's value: bytes of the buffer, or NULL.
  class Cell {
   public:
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
    bool null = false;
  };

  Table table = Table::kResourceTypes;
  std::string bytes;
  /// `columns(table)` cells for each row.
  std::vector<Cell> cells;

  std::string_view value(const Cell& cell) const {
    return std::string_view(bytes).substr(cell.offset, cell.size);
  }
  void add(std::string_view value) {
    cells.push_back(
        Cell{static_cast<std::uint32_t>(bytes.size()), static_cast<std::uint32_t>(value.size()), false});
    bytes.append(value);
  }
  void add_null() { cells.push_back(Cell{0, 0, true}); }
  void clear() {
    bytes.clear();
    cells.clear();
  }
};

/// Reads a source to its end on a thread of its own, a few batches ahead of whoever takes them; the whole
/// queue is a few MiB. Columns of a row, in this order and as v1 wants them:
///
/// resource types: id, blob, discovered at · resources: type, external id, parent type, parent id, blob,
/// discovered at · entitlements: type, resource, id, blob, discovered at · grants: type, resource,
/// entitlement, principal type, principal id, id, expansion, needs expansion ("" or "1"), blob, discovered at
class RowReader {
 public:
  RowReader(storage::RowSource& source, absl::TimeZone zone);
  /// Stops reading and waits for the thread.
  ~RowReader();
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  /// The next batch, all of one table, tables in order; null at the end. Valid until the next call.
  absl::StatusOr<const RowBatch*> next();

  /// The rows counted; complete once `next` has said null.
  const StatsCount& counted() const { return counted_; }

  static constexpr int columns(Table table) {
    constexpr std::array<int, 4> kColumns{3, 6, 5, 10};
    return kColumns[static_cast<std::size_t>(table)];
  }

 private:
  static constexpr std::size_t kBatches = 6;

  void run();
  absl::Status read_all();
  template <class Row>
  absl::Status read_table(Table table, absl::Status (storage::RowSource::*rewind)());
  RowBatch* take_free();
  void hand_over(RowBatch* batch);

  storage::RowSource& source_;
  absl::TimeZone zone_;
  std::array<RowBatch, kBatches> batches_;
  StatsCount counted_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<RowBatch*> free_;
  std::deque<RowBatch*> full_;
  RowBatch* taken_ = nullptr;
  bool stopped_ = false;
  bool finished_ = false;
  absl::Status result_;
  std::thread thread_;
};

}  // namespace baton::c1z
