#include "tenant/truth.hpp"

#include <algorithm>
#include <string>

namespace tenant {
namespace {

constexpr std::uint64_t kRowsAtOnce = 64;

}  // namespace

bool TruthStream::fill(JsonBuffer& out, std::size_t bytes) {
  const Directory& directory = rows_->directory();
  const bool listed = kind_ == Kind::kMembers || kind_ == Kind::kAssignments;
  if (!listed) {
    const std::uint64_t count = directory.count(kind_);
    while (row_ < count && out.size() < bytes) {
      const std::uint64_t end = std::min(count, row_ + kRowsAtOnce);
      rows_->write(kind_, row_, end, '\n', out);
      row_ = end;
    }
    return row_ < count;
  }
  const bool groups = kind_ == Kind::kMembers;
  const std::uint64_t owners = directory.count(groups ? Kind::kGroups : Kind::kRoles);
  while (owner_ < owners && out.size() < bytes) {
    const PrincipalList list = groups ? directory.members(owner_) : directory.assignments(owner_);
    char text[40];
    const std::string_view key = groups ? "\"group\":\"" : "\"role\":\"";
    char* at = std::copy(key.begin(), key.end(), text);
    at = (groups ? rows_->groups() : rows_->roles()).write(at, owner_);
    *at++ = '"';
    *at++ = ',';
    const std::uint64_t end = std::min(list.size(), row_ + kRowsAtOnce);
    rows_->write(list, row_, end, std::string_view(text, static_cast<std::size_t>(at - text)), '\n', out);
    row_ = end;
    if (row_ == list.size()) {
      row_ = 0;
      ++owner_;
    }
  }
  return owner_ < owners;
}

}  // namespace tenant
