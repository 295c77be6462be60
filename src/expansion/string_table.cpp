#include "expansion/string_table.hpp"

#include <algorithm>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace baton::expansion {
namespace {

constexpr std::size_t kChunkBytes = 64 * 1024;

}  // namespace

// Debian's absl::string_view is a type of its own, so absl does not hash the standard one.
std::size_t StringTable::Hash::operator()(std::string_view text) const {
  return absl::HashOf(absl::string_view(text.data(), text.size()));
}

Symbol StringTable::intern(std::string_view text) {
  if (const auto found = index_.find(text); found != index_.end()) return found->second;
  const auto symbol = static_cast<Symbol>(strings_.size());
  strings_.push_back(keep(text));
  index_.emplace(strings_.back(), symbol);
  return symbol;
}

Symbol StringTable::find(std::string_view text) const {
  const auto found = index_.find(text);
  return found == index_.end() ? kNone : found->second;
}

std::string_view StringTable::keep(std::string_view text) {
  if (text.empty()) return {};
  if (text.size() > room_) {
    room_ = std::max(kChunkBytes, text.size());
    chunks_.push_back(std::make_unique<char[]>(room_));
    free_ = chunks_.back().get();
  }
  char* const copy = free_;
  std::copy(text.begin(), text.end(), copy);
  free_ += text.size();
  room_ -= text.size();
  return {copy, text.size()};
}

}  // namespace baton::expansion
