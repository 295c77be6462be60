#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace baton::cli {

/// Lays out rows of text in columns: a header, ` | ` between columns, each padded to its widest cell but for
/// the last one, and an empty line behind the table. Widths count characters, not bytes.
class TableLayout {
 public:
  explicit TableLayout(std::vector<std::string> header);

  /// Lets the columns grow to hold this row. To be called for every row before the first line is asked for.
  void measure(const std::vector<std::string>& row);

  /// Narrows the widest columns until a line has at most `width` characters, or every column is down to a
  /// few; cells that no longer fit are cut. 0 leaves them as they are.
  void fit(std::size_t width);

  /// Lines with their line end. `bold` marks the header for a terminal.
  std::string header_line(bool bold) const;
  std::string line(const std::vector<std::string>& row) const;

 private:
  std::string format(const std::vector<std::string>& row, bool bold) const;

  std::vector<std::string> header_;
  std::vector<std::size_t> widths_;
  bool cut_ = false;
};

/// A whole table at once; `width` as of `fit`.
std::string table_text(const std::vector<std::string>& header,
                       const std::vector<std::vector<std::string>>& rows, bool bold_header,
                       std::size_t width = 0);

/// Text from a file, fit for a cell: what could move a terminal's cursor or change its state becomes a blank.
std::string cell(std::string_view text);

}  // namespace baton::cli
