#include "cli/table.hpp"

#include <gtest/gtest.h>

namespace baton::cli {
namespace {

TEST(Table, PadsToTheWidestCellButNotTheLastColumn) {
  EXPECT_EQ(table_text({"ID", "Name"}, {{"long id", "n"}, {"x", ""}}, false),
            "ID      | Name\n"
            "long id | n\n"
            "x       | \n"
            "\n");
}

TEST(Table, CountsCharactersNotBytes) {
  EXPECT_EQ(table_text({"ID", "N"}, {{"\xC3\xA9\xC3\xA9\xC3\xA9", "1"}, {"abc", "2"}}, false),
            "ID  | N\n\xC3\xA9\xC3\xA9\xC3\xA9 | 1\nabc | 2\n\n");
}

TEST(Table, OnlyTheHeaderIsBoldAndPaddingIsNot) {
  EXPECT_EQ(table_text({"A", "B"}, {{"xx", "y"}}, true), "\x1b[1mA\x1b[0m  | \x1b[1mB\x1b[0m\nxx | y\n\n");
}

TEST(Table, CellsCannotSteerATerminal) {
  EXPECT_EQ(cell("a\x1b[31m\nb\x7F\xC3\xA9"), "a [31m b \xC3\xA9");
}

}  // namespace
}  // namespace baton::cli
