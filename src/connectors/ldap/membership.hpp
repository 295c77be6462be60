#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "connectors/ldap/directory_index.hpp"
#include "connectors/ldap/entry.hpp"
#include "connectors/ldap/types.hpp"

/// Who is in a group. Pure: everything there is to know is in the group's entry and the index.
namespace baton::connectors::ldap {

/// What could not be resolved, counted for a warning.
class Unresolved {
 public:
  Unresolved() = default;

  /// DNs that neither a user nor a group has: they stay, as users that are in no listing.
  std::uint64_t dangling = 0;
  /// Plain names that no user has: nothing to grant to.
  std::uint64_t unknown_names = 0;
  /// One of them, for the log.
  std::string example;
};

/// The members that the group's entry names (`uniqueMember`, `member`, `memberUid`, and the users whose
/// primary group it is), each once, in the entry's order. FailedPrecondition for a plain name that several
/// users have.
absl::StatusOr<std::vector<Principal>> members_of(const Entry& group, const DirectoryIndex& index,
                                                  Unresolved& unresolved);

/// The users that a role's entry names (`roleOccupant`), each once. InvalidArgument for a value that is no
/// DN.
absl::StatusOr<std::vector<Principal>> occupants_of(const Entry& role);

}  // namespace baton::connectors::ldap
