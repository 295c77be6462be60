#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "storage/c1z/pages/record.hpp"
#include "storage/c1z/row_batches.hpp"

namespace baton::c1z {

/// One row of a batch: its values and their bytes, which lie behind each other in the batch.
class RowValues {
 public:
  /// `cells` are those of one row.
  RowValues(const RowBatch& batch, std::span<const RowBatch::Cell> cells) : count_(cells.size()) {
    for (std::size_t i = 0; i < count_; ++i) values_[i] = batch.value(cells[i]);
    const std::size_t begin = cells.front().offset;
    body_ = std::string_view(batch.bytes).substr(begin, cells.back().offset + cells.back().size - begin);
  }

  const Value& operator[](std::size_t column) const { return values_[column]; }
  Value& operator[](std::size_t column) { return values_[column]; }
  std::string_view text(std::size_t column) const { return values_[column].bytes(); }
  std::span<const Value> all() const { return std::span(values_).first(count_); }
  std::string_view body() const { return body_; }

 private:
  std::array<Value, RecordHeader::kMostColumns> values_;
  std::size_t count_;
  std::string_view body_;
};

}  // namespace baton::c1z
