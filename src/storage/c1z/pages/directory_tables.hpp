#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "storage/c1z/pages/key_sorter.hpp"
#include "storage/c1z/pages/page_output.hpp"
#include "storage/c1z/pages/row_values.hpp"

/// The tables of resource types, resources and entitlements with their indexes. `carry_over` comes first and
/// writes the rows that the file keeps. New rows come in order of identity and are numbered from 1; `add` is
/// DataLoss when one does not. `finish` writes what is left of the trees.
namespace baton::c1z {

/// Two rows that have the same public id.
using RowPair = std::pair<std::int64_t, std::int64_t>;

class ResourceTypesTable {
 public:
  explicit ResourceTypesTable(PageOutput& output);

  absl::Status carry_over() { return table_.carry_over(); }
  absl::Status add(const RowValues& row);
  absl::Status finish();
  std::int64_t rows() const { return rows_; }

 private:
  TableOutput table_;
  IndexOutput by_external_id_;
  std::int64_t rows_ = 0;
  std::string last_id_;
};

class ResourcesTable {
 public:
  explicit ResourcesTable(PageOutput& output);

  absl::Status carry_over() { return table_.carry_over(); }
  absl::Status add(const RowValues& row);
  /// AlreadyExists when two rows have one external id; `clash` then says which.
  absl::Status finish();
  std::int64_t rows() const { return rows_; }
  const std::optional<RowPair>& clash() const { return clash_; }

 private:
  absl::Status write_parents();

  PageOutput& output_;
  TableOutput table_;
  IndexOutput by_type_;
  KeySorter external_ids_;
  KeySorter parents_;
  std::int64_t rows_ = 0;
  std::string last_type_;
  std::optional<RowPair> clash_;
  std::string sync_id_;
  std::string key_;
};

class EntitlementsTable {
 public:
  explicit EntitlementsTable(PageOutput& output);

  absl::Status carry_over() { return table_.carry_over(); }
  absl::Status add(const RowValues& row);
  /// AlreadyExists when two rows have one external id; `clash` then says which.
  absl::Status finish();
  std::int64_t rows() const { return rows_; }
  const std::optional<RowPair>& clash() const { return clash_; }

 private:
  PageOutput& output_;
  TableOutput table_;
  IndexOutput by_resource_;
  KeySorter external_ids_;
  std::int64_t rows_ = 0;
  std::string last_type_;
  std::string last_resource_;
  std::optional<RowPair> clash_;
  std::string sync_id_;
};

}  // namespace baton::c1z
