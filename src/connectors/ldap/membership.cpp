#include "connectors/ldap/membership.hpp"

#include <array>
#include <optional>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "base/redact.hpp"
#include "connectors/ldap/dn.hpp"

namespace baton::connectors::ldap {
namespace {

/// Names as they are written: another case is another attribute here, as it is upstream.
constexpr std::array<std::string_view, 3> kMemberAttributes = {"uniqueMember", "member", "memberUid"};

/// A list without repetitions, in order of first mention.
class Principals {
 public:
  void add(Principal principal) {
    std::string key(principal.type);
    key.append(1, ' ').append(principal.id);
    if (seen_.insert(std::move(key)).second) list_.push_back(std::move(principal));
  }
  std::vector<Principal> take() { return std::move(list_); }

 private:
  absl::flat_hash_set<std::string> seen_;
  std::vector<Principal> list_;
};

void count(std::uint64_t& counter, std::string_view value, Unresolved& unresolved) {
  ++counter;
  if (unresolved.example.empty()) unresolved.example = scrub(value, 200);
}

absl::Status add_member(const std::string& value, const DirectoryIndex& index, Principals& principals,
                        Unresolved& unresolved) {
  const absl::StatusOr<Dn> dn = Dn::parse(value);
  if (dn.ok()) {
    // A group that must have a member, and has none, names the root.
    if (dn->empty()) return absl::OkStatus();
    if (std::optional<Principal> known = index.find(dn->match_key())) {
      principals.add(*std::move(known));
    } else {
      count(unresolved.dangling, value, unresolved);
      principals.add(Principal(kUser, dn->canonical()));
    }
    return absl::OkStatus();
  }
  absl::StatusOr<std::optional<std::string>> user = index.find_user(value);
  if (!user.ok()) return user.status();
  if (*user) {
    principals.add(Principal(kUser, **std::move(user)));
  } else {
    count(unresolved.unknown_names, value, unresolved);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Principal>> members_of(const Entry& group, const DirectoryIndex& index,
                                                  Unresolved& unresolved) {
  Principals principals;
  for (const std::string_view attribute : kMemberAttributes) {
    for (const std::string& value : group.values_exactly(attribute)) {
      absl::Status status = add_member(value, index, principals, unresolved);
      if (!status.ok()) {
        return absl::Status(status.code(),
                            absl::StrCat("group ", scrub(group.dn, 300), ": ", status.message()));
      }
    }
  }
  if (const std::string_view gid = group.first("gidNumber"); !gid.empty()) {
    for (const std::string_view id : index.users_with_gid(gid)) {
      principals.add(Principal(kUser, std::string(id)));
    }
  }
  return principals.take();
}

absl::StatusOr<std::vector<Principal>> occupants_of(const Entry& role) {
  Principals principals;
  for (const std::string& value : role.values("roleOccupant")) {
    const absl::StatusOr<Dn> dn = Dn::parse(value);
    if (!dn.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("role ", scrub(role.dn, 300), ": the occupant ",
                                                     scrub(value, 200), " is ", dn.status().message()));
    }
    if (!dn->empty()) principals.add(Principal(kUser, dn->canonical()));
  }
  return principals.take();
}

}  // namespace baton::connectors::ldap
