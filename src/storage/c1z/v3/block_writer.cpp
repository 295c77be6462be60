#include "storage/c1z/v3/block_writer.hpp"

#include <algorithm>
#include <cstring>

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

char* put(char* at, std::string_view text) {
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return at + text.size();
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
  char* at = extend(width * values.size());
  for (const std::uint32_t value : values) {
    for (std::size_t i = 0; i < width; ++i) *at++ = static_cast<char>(value >> (8 * i));
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

void BlockWriter::add_bytes(std::span<const std::string_view> values) {
  begin_column();
  if (values.empty()) return;
  ends_.clear();
  std::size_t end = 0;
  for (const std::string_view value : values) {
    end += value.size();
    ends_.push_back(static_cast<std::uint32_t>(end));
  }
  number_values(ends_, true);
  char* at = extend(end);
  for (const std::string_view value : values) at = put(at, value);
}

void BlockWriter::add_empty_bytes() {
  begin_column();
  if (rows_ > 0) out_.push_back('\0');
}

void BlockWriter::add_keys(std::span<const std::string_view> keys) {
  begin_column();
  const std::size_t rows = keys.size();
  out_.push_back(static_cast<char>(kBundleShift));
  const std::size_t common = rows == 0 ? 0 : shared(keys.front(), keys.back());
  // Offsets come first, so they are made first, and the slices are copied when the width is known.
  ends_.clear();
  cuts_.clear();  // how much of its keys each bundle shares
  std::size_t end = common;
  ends_.push_back(static_cast<std::uint32_t>(end));
  for (std::size_t first = 0; first < rows; first += kBundle) {
    const std::span<const std::string_view> bundle = keys.subspan(first, std::min(kBundle, rows - first));
    const std::size_t cut = shared(bundle.front(), bundle.back());
    cuts_.push_back(static_cast<std::uint32_t>(cut));
    end += cut - common;
    ends_.push_back(static_cast<std::uint32_t>(end));
    for (const std::string_view key : bundle) {
      end += key.size() - cut;
      ends_.push_back(static_cast<std::uint32_t>(end));
    }
  }
  number_values(ends_, false);
  if (rows == 0) return;
  char* at = put(extend(end), keys.front().substr(0, common));
  for (std::size_t first = 0; first < rows; first += kBundle) {
    const std::span<const std::string_view> bundle = keys.subspan(first, std::min(kBundle, rows - first));
    const std::size_t cut = cuts_[first / kBundle];
    at = put(at, bundle.front().substr(common, cut - common));
    for (const std::string_view key : bundle) at = put(at, key.substr(cut));
  }
}

}  // namespace baton::c1z::v3
