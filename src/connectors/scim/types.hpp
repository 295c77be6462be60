#pragma once

#include <string_view>

/// The ids of this connector's resource types, and the entitlement that their resources offer.
namespace baton::connectors::scim {

inline constexpr std::string_view kUser = "user";
inline constexpr std::string_view kGroup = "group";
inline constexpr std::string_view kRole = "role";
inline constexpr std::string_view kEntitlement = "entitlement";

inline constexpr std::string_view kMember = "member";

}  // namespace baton::connectors::scim
