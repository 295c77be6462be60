#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "storage/c1z/v1_schema.hpp"
#include "unit/c1z/database.hpp"

namespace baton::c1z {

/// What is indexed, by the index's own statement: columns, and the condition if there is one.
inline std::string indexed_columns(const IndexSchema& index) {
  const std::string create(index.create);
  const std::size_t begin = create.find('(') + 1;
  return create.substr(begin, create.find(')') - begin);
}
inline std::string condition_of(const IndexSchema& index) {
  const std::size_t where = index.create.find(" where ");
  return where == std::string_view::npos ? std::string() : std::string(index.create.substr(where));
}

/// Every row of a table with every column, as SQL literals with their types.
inline std::vector<std::string> dump(RawDatabase& database, const std::string& table) {
  std::string columns;
  for (const std::string& name : database.rows("SELECT name FROM pragma_table_info('" + table + "')")) {
    columns += (columns.empty() ? "quote(" : ", quote(") + name + ")";
  }
  return database.rows("SELECT " + columns + " FROM " + table + " ORDER BY id");
}

/// The database is sound, has the same tables with the same rows, and each index leads to the same rows in
/// the same order as in the other database.
inline void expect_same_content(RawDatabase& tested, RawDatabase& oracle) {
  ASSERT_EQ(tested.rows("PRAGMA integrity_check"), std::vector<std::string>{"ok"});
  EXPECT_EQ(tested.rows("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"),
            oracle.rows("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"));
  for (const TableSchema& table : v1_tables()) {
    EXPECT_EQ(dump(tested, std::string(table.name)), dump(oracle, std::string(table.name))) << table.name;
  }
  for (const IndexSchema& index : v1_indexes()) {
    const std::string columns = indexed_columns(index);
    const std::string query = "SELECT id, " + columns + " FROM " + std::string(index.table) + " INDEXED BY " +
                              std::string(index.name) + condition_of(index) + " ORDER BY " + columns;
    EXPECT_EQ(tested.rows(query), oracle.rows(query)) << index.name;
  }
}

}  // namespace baton::c1z
