#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "storage/c1z/earlier_syncs.hpp"
#include "storage/c1z/pages/index_tree.hpp"
#include "storage/c1z/pages/page_stream.hpp"
#include "storage/c1z/pages/record.hpp"
#include "storage/c1z/pages/table_tree.hpp"

namespace baton::c1z {

/// The root page of every finished table and index, by name; names are those of `v1_schema.hpp`.
using Roots = std::map<std::string_view, std::uint32_t>;

/// What tables are written with. Everything outlives them.
class PageOutput {
 public:
  PageStream& pages;
  Roots& roots;
  /// For temporary files.
  const std::string& folder;
  /// What the file held before and keeps; null when that is nothing.
  EarlierSyncs* earlier = nullptr;
};

/// The b-tree of a named index. Entries of rows that the file keeps are merged in.
class IndexOutput {
 public:
  IndexOutput(PageOutput& output, std::string_view name)
      : output_(output), name_(name), tree_(output.pages) {}

  absl::Status add(std::initializer_list<Value> columns) {
    const std::span<const Value> entry(columns.begin(), columns.size());
    if (output_.earlier != nullptr) {
      if (absl::Status status = add_earlier(&entry); !status.ok()) return status;
    }
    return tree_.add(entry);
  }
  absl::Status finish() {
    if (output_.earlier != nullptr) {
      if (absl::Status status = add_earlier(nullptr); !status.ok()) return status;
    }
    const absl::StatusOr<std::uint32_t> root = tree_.finish();
    if (root.ok()) output_.roots[name_] = *root;
    return root.status();
  }

 private:
  /// Adds the kept entries that come before `entry`, all that are left when it is null.
  absl::Status add_earlier(const std::span<const Value>* entry);

  PageOutput& output_;
  std::string_view name_;
  IndexTree tree_;
  std::optional<EarlierEntries> earlier_;
  bool has_earlier_ = false;
};

/// The b-tree of a named table whose first column is the row id.
class TableOutput {
 public:
  TableOutput(PageOutput& output, std::string_view name)
      : output_(output), name_(name), tree_(output.pages) {}

  /// Adds the rows that the file keeps. Comes before everything else.
  absl::Status carry_over();
  /// The row id of the `number`th new row, from 1: those of kept rows come first.
  std::int64_t row_id(std::int64_t number) const { return last_kept_ + number; }

  /// Adds a row: the columns behind the row id. `body` are their bytes behind each other.
  absl::Status add(std::int64_t row, std::span<const Value> columns, std::string_view body) {
    RecordHeader header;
    // The row id is not in the record: its column is NULL.
    header.add(Value::null().serial_type());
    for (const Value& value : columns) header.add(value.serial_type());
    return tree_.add(row, header.finish(), body);
  }
  absl::Status add(std::int64_t row, std::span<const Value> columns) {
    std::size_t size = 0;
    for (const Value& value : columns) size += value.body_size();
    body_.resize(size);
    char* at = body_.data();
    for (const Value& value : columns) at = value.put_body(at);
    return add(row, columns, body_);
  }
  absl::Status finish() {
    const absl::StatusOr<std::uint32_t> root = tree_.finish();
    if (root.ok()) output_.roots[name_] = *root;
    return root.status();
  }

 private:
  PageOutput& output_;
  std::string_view name_;
  TableTree tree_;
  std::int64_t last_kept_ = 0;
  std::string body_;
};

}  // namespace baton::c1z
