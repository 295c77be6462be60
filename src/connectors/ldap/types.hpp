#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// The ids of the connector's resource types and entitlements. They are part of every file: never change
/// them.
namespace baton::connectors::ldap {

inline constexpr std::string_view kUser = "user";
inline constexpr std::string_view kGroup = "group";
inline constexpr std::string_view kRole = "role";

inline constexpr std::string_view kMember = "member";

/// Who holds a grant.
class Principal {
 public:
  /// `type_id` is one of the constants above.
  Principal(std::string_view type_id, std::string canonical_dn)
      : type(type_id), id(std::move(canonical_dn)) {}

  std::string_view type;
  std::string id;
};
static_assert(!std::is_aggregate_v<Principal>);

}  // namespace baton::connectors::ldap
