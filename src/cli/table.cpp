#include "cli/table.hpp"

#include <algorithm>

namespace baton::cli {
namespace {

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// The text, or what fits into `width` characters with a mark that something is missing.
std::string shortened(const std::string& text, std::size_t width) {
  if (characters(text) <= width) return text;
  std::size_t kept = 0;
  std::size_t end = 0;
  while (kept + 1 < width) {
    ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    ++kept;
  }
  return text.substr(0, end) + "…";
}

}  // namespace

TableLayout::TableLayout(std::vector<std::string> header)
    : header_(std::move(header)), widths_(header_.size()) {
  measure(header_);
}

void TableLayout::measure(const std::vector<std::string>& row) {
  for (std::size_t i = 0; i < widths_.size(); ++i) widths_[i] = std::max(widths_[i], characters(row[i]));
}

void TableLayout::fit(std::size_t width) {
  constexpr std::size_t kNarrowest = 8;
  constexpr std::size_t kBetween = 3;
  if (width == 0) return;
  std::size_t total = kBetween * (widths_.size() - 1);
  for (const std::size_t column : widths_) total += column;
  for (; total > width; --total) {
    const auto widest = std::ranges::max_element(widths_);
    if (*widest <= kNarrowest) return;
    --*widest;
    cut_ = true;
  }
}

std::string TableLayout::header_line(bool bold) const {
  return format(header_, bold);
}
std::string TableLayout::line(const std::vector<std::string>& row) const {
  return format(row, false);
}

std::string TableLayout::format(const std::vector<std::string>& row, bool bold) const {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) line += " | ";
    const std::string shown = cut_ ? shortened(row[i], widths_[i]) : row[i];
    if (bold) line += "\x1b[1m";
    line += shown;
    if (bold) line += "\x1b[0m";
    if (i + 1 < row.size()) line.append(widths_[i] - characters(shown), ' ');
  }
  line.push_back('\n');
  return line;
}

std::string table_text(const std::vector<std::string>& header,
                       const std::vector<std::vector<std::string>>& rows, bool bold_header,
                       std::size_t width) {
  TableLayout layout(header);
  for (const auto& row : rows) layout.measure(row);
  layout.fit(width);
  std::string text = layout.header_line(bold_header);
  for (const auto& row : rows) text += layout.line(row);
  text.push_back('\n');
  return text;
}

std::string cell(std::string_view text) {
  std::string clean(text);
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return clean;
}

}  // namespace baton::cli
