#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tenant {

/// How ids of one kind look: a letter, a dash and a fixed number of digits, such as "g-00012".
class IdFormat {
 public:
  /// `digits` widens as far as `count` ids need.
  constexpr IdFormat(char letter, int digits, std::uint64_t count)
      : letter_(letter), digits_(digits), count_(count) {
    std::uint64_t room = 1;
    for (int i = 0; i < digits; ++i) room *= 10;
    for (; room < count; room *= 10) ++digits_;
  }

  char letter() const { return letter_; }
  int size() const { return digits_ + 2; }

  /// Writes the digits of an index below the count and returns the end.
  char* write_digits(char* out, std::uint64_t index) const {
    for (char* at = out + digits_; at != out; index /= 10) *--at = static_cast<char>('0' + index % 10);
    return out + digits_;
  }
  /// Writes a whole id and returns the end.
  char* write(char* out, std::uint64_t index) const {
    *out++ = letter_;
    *out++ = '-';
    return write_digits(out, index);
  }
  /// The index of an id of exactly this form, if there is such a row.
  std::optional<std::uint64_t> parse(std::string_view id) const {
    if (id.size() != static_cast<std::size_t>(size()) || id[0] != letter_ || id[1] != '-')
      return std::nullopt;
    std::uint64_t index = 0;
    for (const char c : id.substr(2)) {
      if (c < '0' || c > '9') return std::nullopt;
      index = index * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (index >= count_) return std::nullopt;
    return index;
  }

 private:
  char letter_;
  int digits_;
  std::uint64_t count_;
};

}  // namespace tenant
