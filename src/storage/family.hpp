#pragma once

#include <cstddef>
#include <cstdint>

namespace baton::storage {

/// The kinds of rows, in the order of their keys in a c1z of version 3.
enum class Family : std::uint8_t { kResourceTypes, kResources, kEntitlements, kGrants };
inline constexpr std::size_t kFamilies = 4;

}  // namespace baton::storage
