#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "storage/c1z/pages/grant_keys.hpp"
#include "storage/c1z/pages/page_output.hpp"
#include "storage/c1z/pages/row_values.hpp"

namespace baton::c1z {

/// Grants that go by their composed id although they came with another, which a later grant has: by position,
/// from 0. Empty while none is known.
using RenamedGrants = std::vector<bool>;

/// The table of grants with its seven indexes. Those that follow the order of the rows grow with them, the
/// others are made by `finish` from `GrantKeys`.
class GrantsTable {
 public:
  GrantsTable(PageOutput& output, const RenamedGrants& renamed);

  /// Writes the rows that the file keeps. Comes first.
  absl::Status carry_over() { return table_.carry_over(); }
  /// Adds all rows of a batch of grants. Rows come in order of identity and are numbered from 1; DataLoss
  /// when one does not.
  absl::Status add(const RowBatch& batch);
  /// The table and the indexes that follow it. No `add` afterwards.
  absl::Status finish_rows();

  /// The unique index; AlreadyExists when two rows have one public id.
  absl::Status write_ids();
  absl::Status write_principals();
  absl::Status write_entitlements_and_principals();
  absl::Status write_entitlements();

  std::int64_t rows() const { return rows_; }
  GrantKeys& keys() { return keys_; }

 private:
  absl::Status add(const RowValues& row);
  Value id_of(std::uint32_t position) const {
    return Value::integer(table_.row_id(std::int64_t{position} + 1));
  }
  /// The row with its composed id, in the column and in the blob.
  absl::Status add_renamed(const RowValues& row);

  PageOutput& output_;
  const RenamedGrants& renamed_;
  TableOutput table_;
  IndexOutput by_resource_;
  IndexOutput expandable_;
  IndexOutput waiting_;
  GrantKeys keys_;
  std::int64_t rows_ = 0;
  std::string sync_id_;
};

}  // namespace baton::c1z
