#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace baton::expansion {

/// Number of a distinct byte string in one StringTable, counted from 0 in order of first use.
using Symbol = uint32_t;

/// Gives every distinct byte string a small number and keeps one copy of it. Strings may hold any bytes,
/// NUL included. Views returned stay valid as long as the table, also after it was moved. Not thread-safe
/// while `intern` is being called. At most 2^32-2 strings; callers stay far below (see Input's limits).
class StringTable {
 public:
  /// Never the number of a string.
  static constexpr Symbol kNone = UINT32_MAX;

  StringTable() = default;
  StringTable(StringTable&&) = default;
  StringTable& operator=(StringTable&&) = default;

  /// The number of `text`; a new one if it was not seen before.
  Symbol intern(std::string_view text);

  /// The number of `text`, or kNone. Always kNone after `drop_index`.
  Symbol find(std::string_view text) const;

  std::string_view at(Symbol symbol) const { return strings_[symbol]; }
  std::size_t size() const { return strings_.size(); }

  /// Frees what only `intern` and `find` need; both must not be called for new strings afterwards.
  void drop_index() { index_ = {}; }

 private:
  struct Hash {
    std::size_t operator()(std::string_view text) const;
  };

  std::string_view keep(std::string_view text);

  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t room_ = 0;  // bytes left at the end of the last chunk
  char* free_ = nullptr;
  std::vector<std::string_view> strings_;
  absl::flat_hash_map<std::string_view, Symbol, Hash, std::equal_to<>> index_;
};

}  // namespace baton::expansion
