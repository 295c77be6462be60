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
#include "storage/c1z/pages/record.hpp"
#include "storage/c1z/stats_count.hpp"
#include "storage/row_source.hpp"

/// Reading rows on one thread while another writes them.
namespace baton::c1z {

enum class Table : std::uint8_t { kResourceTypes, kResources, kEntitlements, kGrants };

/// Rows of one table, column after column in one buffer, so that the bytes of a row lie side by side.
class RowBatch {
 public:
  /// A column's value: bytes of the buffer, or for an integer the number itself in place of a size.
  class Cell {
   public:
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
    Value::Type type = Value::Type::kNull;
  };

  Table table = Table::kResourceTypes;
  std::string bytes;
  /// `columns(table)` cells for each row.
  std::vector<Cell> cells;

  /// The bytes of a text or blob.
  std::string_view bytes_of(const Cell& cell) const {
    return std::string_view(bytes).substr(cell.offset, cell.size);
  }
  Value value(const Cell& cell) const {
    switch (cell.type) {
      case Value::Type::kNull:
        break;
      case Value::Type::kInteger:
        return Value::integer(cell.size);
      case Value::Type::kText:
        return Value::text(bytes_of(cell));
      case Value::Type::kBlob:
        return Value::blob(bytes_of(cell));
    }
    return Value::null();
  }

  void add_text(std::string_view value) { add(value, Value::Type::kText); }
  void add_blob(std::string_view value) { add(value, Value::Type::kBlob); }
  void add_flag(bool value) {
    cells.push_back(Cell{static_cast<std::uint32_t>(bytes.size()), value ? 1U : 0U, Value::Type::kInteger});
  }
  void add_null() { cells.push_back(Cell{static_cast<std::uint32_t>(bytes.size()), 0, Value::Type::kNull}); }
  void clear() {
    bytes.clear();
    cells.clear();
  }

 private:
  void add(std::string_view value, Value::Type type) {
    cells.push_back(
        Cell{static_cast<std::uint32_t>(bytes.size()), static_cast<std::uint32_t>(value.size()), type});
    bytes.append(value);
  }
};

/// Reads a source to its end on a thread of its own, a few batches ahead of whoever takes them; the whole
/// queue is a few MiB. A row has the columns of its table in `v1_tables`, without the row id.
class RowReader {
 public:
  RowReader(storage::RowSource& source, absl::TimeZone zone, std::string sync_id);
  /// Stops reading and waits for the thread.
  ~RowReader();
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  /// The next batch, all of one table, tables in order; null at the end. Valid until the next call.
  absl::StatusOr<const RowBatch*> next();

  /// The rows counted; complete once `next` has said null.
  const StatsCount& counted() const { return counted_; }

  static constexpr int columns(Table table) {
    constexpr std::array<int, 4> kColumns{4, 7, 6, 11};
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
  std::string sync_id_;
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
