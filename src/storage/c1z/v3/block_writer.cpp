#include "storage/c1z/v3/block_writer.hpp"

#include <algorithm>

namespace baton::c1z::v3 {
namespace {

constexpr char kBlockVersion = 1;
constexpr char kConstant = '\x80';  // a base of 8 bytes follows, and no values
constexpr std::size_t kBundleShift = 4;
constexpr std::size_t kBundle = std::size_t{1} << kBundleShift;

template <class Number>
void append_low_first(std::string& out, Number value) {
  char bytes[sizeof value];
  for (std::size_t i = 0; i < sizeof value; ++i) bytes[i] = static_cast<char>(value >> (8 * i));
  out.append(bytes, sizeof bytes);
}

void store_le32(char* at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<char>(value >> (8 * i));
}

std::size_t shared(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

}  // namespace

void append_le16(std::string& out, std::uint16_t value) {
  append_low_first(out, value);
}
void append_le32(std::string& out, std::uint32_t value) {
  append_low_first(out, value);
}
void append_le64(std::string& out, std::uint64_t value) {
  append_low_first(out, value);
}
void append_uvarint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

BlockWriter::BlockWriter(std::string& out, std::string_view custom_header,
                         std::span<const ColumnType> columns, std::uint32_t rows)
    : out_(out), begin_(out.size()), rows_(rows) {
  out_.append(custom_header);
  out_.push_back(kBlockVersion);
  append_le16(out_, static_cast<std::uint16_t>(columns.size()));
  append_le32(out_, rows);
  next_offset_at_ = out_.size() + 1;
  for (const ColumnType type : columns) {
    out_.push_back(static_cast<char>(type));
    append_le32(out_, 0);
  }
}

void BlockWriter::begin_column() {
  store_le32(out_.data() + next_offset_at_, static_cast<std::uint32_t>(out_.size() - begin_));
  next_offset_at_ += 5;
}

void BlockWriter::align(std::size_t width) {
  out_.resize(begin_ + (out_.size() - begin_ + width - 1) / width * width);
}

void BlockWriter::add_constant(std::uint64_t value) {
  begin_column();
  if (value == 0) {
    out_.push_back('\0');
  } else {
    out_.push_back(kConstant);
    append_le64(out_, value);
  }
}

void BlockWriter::add_numbers(std::span<const std::uint32_t> values) {
  begin_column();
  number_values(values, false);
}

void BlockWriter::number_values(std::span<const std::uint32_t> values, bool leading_zero) {
  const std::uint32_t largest = values.empty() ? 0 : *std::ranges::max_element(values);
  const std::size_t width = largest == 0 ? 0 : largest < 0x100 ? 1 : largest < 0x10000 ? 2 : 4;
  out_.push_back(static_cast<char>(width));
  if (width == 0) return;
  align(width);
  if (leading_zero) out_.append(width, '\0');
  std::size_t at = out_.size();
  out_.resize(at + width * values.size());
  for (const std::uint32_t value : values) {
    for (std::size_t i = 0; i < width; ++i) out_[at++] = static_cast<char>(value >> (8 * i));
  }
}

void BlockWriter::add_all_false() {
  begin_column();
  out_.push_back('\1');
}

void BlockWriter::add_all_true() {
  begin_column();
  out_.push_back('\0');
  align(8);
  // A bit for each row, then a bit for each of these words that is not zero.
  for (std::size_t bits = rows_, level = 0; level < 2; ++level) {
    const std::size_t words = (bits + 63) / 64;
    for (std::size_t left = bits; left > 0; left -= std::min<std::size_t>(left, 64)) {
      append_le64(out_, left >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1);
    }
    bits = words;
  }
}

void BlockWriter::add_bytes(const BytesColumn& values) {
  begin_column();
  if (values.size() == 0) return;
  number_values(values.ends(), true);
  out_.append(values.data());
}

void BlockWriter::add_empty_bytes() {
  begin_column();
  if (rows_ > 0) out_.push_back('\0');
}

void BlockWriter::add_keys(const BytesColumn& keys) {
  begin_column();
  const std::size_t rows = keys.size();
  out_.push_back(static_cast<char>(kBundleShift));
  const std::size_t common = rows == 0 ? 0 : shared(keys.at(0), keys.at(rows - 1));
  // Offsets come first, so they are made first, and the slices are copied when the width is known.
  std::vector<std::uint32_t> ends;
  ends.reserve(rows + rows / kBundle + 2);
  std::vector<std::uint32_t> cuts;  // how much of its keys each bundle shares
  cuts.reserve(rows / kBundle + 1);
  std::size_t end = common;
  ends.push_back(static_cast<std::uint32_t>(end));
  for (std::size_t first = 0; first < rows; first += kBundle) {
    const std::size_t last = std::min(first + kBundle, rows) - 1;
    const std::size_t cut = shared(keys.at(first), keys.at(last));
    cuts.push_back(static_cast<std::uint32_t>(cut));
    end += cut - common;
    ends.push_back(static_cast<std::uint32_t>(end));
    for (std::size_t row = first; row <= last; ++row) {
      end += keys.at(row).size() - cut;
      ends.push_back(static_cast<std::uint32_t>(end));
    }
  }
  number_values(ends, false);
  if (rows == 0) return;
  out_.append(keys.at(0).substr(0, common));
  for (std::size_t first = 0; first < rows; first += kBundle) {
    const std::size_t cut = cuts[first / kBundle];
    out_.append(keys.at(first).substr(common, cut - common));
    for (std::size_t row = first; row < std::min(first + kBundle, rows); ++row) {
      out_.append(keys.at(row).substr(cut));
    }
  }
}

}  // namespace baton::c1z::v3
