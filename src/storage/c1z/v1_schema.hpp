#pragma once

#include <cstdint>
#include <span>
#include <string_view>

/// The SQL schema of a v1 file, as current readers expect it: names, columns, declared types and indexes. Two
/// index names of `v1_resources` are swapped against their columns; every writer of the format has them like
/// that. Readers address columns by name, and break on columns that they do not know: never add one.
namespace baton::c1z {

enum class ColumnKind : std::uint8_t { kInteger, kText, kTime, kBlob };

class ColumnSchema {
 public:
  std::string_view name;
  ColumnKind kind;
  bool nullable = false;
  /// The SQL expression that stands for the column in files from before it existed; empty: all files have it.
  std::string_view before = {};
};

/// A v1 table; `create` is the whole statement, `columns` are those behind the row id, which is called `id`.
class TableSchema {
 public:
  std::string_view name;
  std::string_view create;
  std::span<const ColumnSchema> columns;
};

/// An index of a v1 table; `create` is the whole statement.
class IndexSchema {
 public:
  std::string_view name;
  std::string_view table;
  std::string_view create;
  bool unique;
  /// The names of the indexed columns, and of a partial index the condition.
  std::string_view columns;
  std::string_view condition = {};
};

/// In the order in which files have them.
std::span<const TableSchema> v1_tables();

/// The unique index of a table comes before its others, so that a clash of ids shows before time is spent on
/// them.
std::span<const IndexSchema> v1_indexes();

}  // namespace baton::c1z
