#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/hash.hpp"
#include "connectors/ldap/entry.hpp"
#include "connectors/ldap/types.hpp"

namespace baton::connectors::ldap {

/// Who is who in the directory: what the values of groups are resolved with, so that no member needs a search
/// of its own.
///
/// Built once a run from two paged searches that ask for a handful of attributes, and never written down: a
/// resumed run builds it again. It holds each user's and group's id and, as 128-bit hashes, the names by
/// which it is found: about 300 bytes a user, 3 MB for ten thousand. Above 512 MiB (well over a million
/// users) it gives up. Memberships themselves are not in it; they pass by page by page.
class DirectoryIndex {
 public:
  DirectoryIndex() = default;

  /// ResourceExhausted when the index is full. Entries come once each; a second time does no harm.
  absl::Status add_user(const Entry& entry);
  absl::Status add_group(const Entry& entry);

  /// The user or group with this match key (`Dn::match_key`), as a principal; nothing when there is none.
  std::optional<Principal> find(std::string_view match_key) const;

  /// The id of the user whose `uid` or else whose `cn` is `name`; nothing when there is none.
  /// FailedPrecondition when there are several.
  absl::StatusOr<std::optional<std::string>> find_user(std::string_view name) const;

  /// The ids of the users with this primary group.
  std::vector<std::string_view> users_with_gid(std::string_view gid) const;

  std::size_t users() const { return users_; }

 private:
  class Hasher {
   public:
    std::size_t operator()(const Hash128& hash) const { return static_cast<std::size_t>(hash.low); }
  };
  using Numbers = absl::flat_hash_map<Hash128, std::uint32_t, Hasher>;

  class Known {
   public:
    Known(std::string_view type_id, std::string id) : principal(type_id, std::move(id)) {}
    Principal principal;
  };

  /// The number of the entry with this DN, added unless it is known.
  absl::StatusOr<std::uint32_t> number_of(const Entry& entry, std::string_view type);
  static void add_name(Numbers& numbers, std::string_view name, std::uint32_t number);

  std::vector<Known> entries_;
  std::size_t users_ = 0;
  std::size_t bytes_ = 0;
  Numbers by_dn_;
  Numbers by_uid_;
  Numbers by_cn_;
  absl::flat_hash_map<Hash128, std::vector<std::uint32_t>, Hasher> by_gid_;
};

/// `group` or `user`: decided by the first of its object classes that says so; `user` when none does.
std::string_view principal_type(const Entry& entry);

}  // namespace baton::connectors::ldap
