#pragma once

#include <string_view>

/// The ids of this connector's resource types, and the entitlements that their resources offer.
namespace baton::connectors::demo {

inline constexpr std::string_view kUser = "user";
inline constexpr std::string_view kGroup = "group";
inline constexpr std::string_view kRole = "role";
inline constexpr std::string_view kApp = "app";

inline constexpr std::string_view kMember = "member";
inline constexpr std::string_view kAssigned = "assigned";

}  // namespace baton::connectors::demo
