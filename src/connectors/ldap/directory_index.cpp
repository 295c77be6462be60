#include "connectors/ldap/directory_index.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"
#include "connectors/ldap/dn.hpp"
#include "connectors/ldap/lower_case.hpp"

namespace baton::connectors::ldap {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{512} << 20;
/// Of one name in a hash table, at its usual filling.
constexpr std::size_t kNameBytes = 32;
/// Stands for a name that several users have.
constexpr std::uint32_t kSeveral = 0xFFFFFFFF;

constexpr std::array<std::string_view, 5> kGroupClasses = {"group", "groupOfNames", "groupOfUniqueNames",
                                                           "groupOfURLs", "posixGroup"};
constexpr std::array<std::string_view, 4> kUserClasses = {"inetOrgPerson", "organizationalPerson", "person",
                                                          "user"};

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& names, std::string_view wanted) {
  return std::any_of(names.begin(), names.end(),
                     [wanted](std::string_view name) { return equal_ignoring_case(name, wanted); });
}

/// As a directory compares `uid` and `cn`: no case, no spaces around, runs of spaces as one.
std::string name_key(std::string_view name) {
  std::string key;
  for (const char c : lower_case(name)) {
    if (c != ' ' || (!key.empty() && key.back() != ' ')) key += c;
  }
  if (key.ends_with(' ')) key.pop_back();
  return key;
}

}  // namespace

std::string_view principal_type(const Entry& entry) {
  for (const std::string& name : entry.values("objectClass")) {
    if (contains(kGroupClasses, name)) return kGroup;
    if (contains(kUserClasses, name)) return kUser;
  }
  return kUser;
}

absl::StatusOr<std::uint32_t> DirectoryIndex::number_of(const Entry& entry, std::string_view type) {
  const absl::StatusOr<Dn> dn = Dn::parse(entry.dn);
  if (!dn.ok()) {
    return absl::InternalError(
        absl::StrCat("the server lists an entry whose name is no DN: ", scrub(entry.dn, 300)));
  }
  const auto [found, added] =
      by_dn_.try_emplace(hash128(dn->match_key()), static_cast<std::uint32_t>(entries_.size()));
  if (!added) return found->second;
  entries_.emplace_back(type, dn->canonical());
  bytes_ += sizeof(Known) + entries_.back().principal.id.capacity() + kNameBytes;
  if (bytes_ > kMaxBytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the directory has more users and groups than membership can be resolved for (", entries_.size(),
        " fill 512 MiB); narrow --user-search-dn, --group-search-dn or --filter"));
  }
  return found->second;
}

void DirectoryIndex::add_name(Numbers& numbers, std::string_view name, std::uint32_t number) {
  const auto [found, added] = numbers.try_emplace(hash128(name_key(name)), number);
  if (!added && found->second != number) found->second = kSeveral;
}

absl::Status DirectoryIndex::add_user(const Entry& entry) {
  const std::size_t before = entries_.size();
  const absl::StatusOr<std::uint32_t> number = number_of(entry, principal_type(entry));
  if (!number.ok()) return number.status();
  if (entries_.size() > before) ++users_;
  for (const std::string& uid : entry.values("uid")) add_name(by_uid_, uid, *number);
  for (const std::string& cn : entry.values("cn")) add_name(by_cn_, cn, *number);
  bytes_ += kNameBytes * (entry.values("uid").size() + entry.values("cn").size());
  if (const std::string_view gid = entry.first("gidNumber"); !gid.empty()) {
    std::vector<std::uint32_t>& members = by_gid_[hash128(gid)];
    if (std::find(members.rbegin(), members.rend(), *number) == members.rend()) members.push_back(*number);
    bytes_ += kNameBytes;
  }
  return absl::OkStatus();
}

absl::Status DirectoryIndex::add_group(const Entry& entry) {
  return number_of(entry, principal_type(entry)).status();
}

std::optional<Principal> DirectoryIndex::find(std::string_view match_key) const {
  const auto found = by_dn_.find(hash128(match_key));
  if (found == by_dn_.end()) return std::nullopt;
  return entries_[found->second].principal;
}

absl::StatusOr<std::optional<std::string>> DirectoryIndex::find_user(std::string_view name) const {
  const Hash128 key = hash128(name_key(name));
  for (const Numbers* numbers : {&by_uid_, &by_cn_}) {
    const auto found = numbers->find(key);
    if (found == numbers->end()) continue;
    if (found->second == kSeveral) {
      return absl::FailedPreconditionError(absl::StrCat(
          "several users are called ", scrub(name, 100), numbers == &by_uid_ ? " (uid)" : " (cn)",
          "; make the name unique, or narrow --user-search-dn or --filter"));
    }
    return std::optional<std::string>(entries_[found->second].principal.id);
  }
  return std::optional<std::string>();
}

std::vector<std::string_view> DirectoryIndex::users_with_gid(std::string_view gid) const {
  std::vector<std::string_view> ids;
  const auto found = by_gid_.find(hash128(gid));
  if (found == by_gid_.end()) return ids;
  for (const std::uint32_t number : found->second) ids.push_back(entries_[number].principal.id);
  return ids;
}

}  // namespace baton::connectors::ldap
