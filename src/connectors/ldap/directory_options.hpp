#pragma once

#include <string>
#include <string_view>

namespace baton::connectors::ldap {

inline constexpr std::string_view kUserFilter =
    "(|(objectClass=inetOrgPerson)(objectClass=person)(objectClass=user)(objectClass=organizationalPerson))";
inline constexpr std::string_view kGroupFilter =
    "(|(objectClass=groupOfUniqueNames)(objectClass=groupOfNames)(objectClass=groupOfURLs)"
    "(objectClass=posixGroup)(objectClass=group))";
inline constexpr std::string_view kRoleFilter = "(objectClass=organizationalRole)";

/// Where in the directory to look, and for what.
class DirectoryOptions {
 public:
  DirectoryOptions() = default;

  /// Each of the others is this one unless it is set.
  std::string base;
  std::string user_base;
  std::string group_base;
  std::string role_base;
  /// Narrows every search of users, groups and roles; empty, or in parentheses.
  std::string filter;
  /// Whether users are read with their operational attributes, such as the time of creation.
  bool operational_attributes = true;

  /// `wanted` and, where there is one, the filter.
  std::string narrowed(std::string_view wanted) const {
    return filter.empty() ? std::string(wanted) : "(&" + filter + std::string(wanted) + ")";
  }
};

}  // namespace baton::connectors::ldap
