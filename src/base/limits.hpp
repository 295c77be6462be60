#pragma once

#include <cstddef>

/// Byte and count limits that more than one room keeps, in one place. Those marked (wire) are the protocol's
/// own.
namespace baton::limits {

/// A resource type id, resource id, entitlement id or grant id (wire).
inline constexpr std::size_t kIdBytes = 1024;
/// A display name (wire).
inline constexpr std::size_t kDisplayNameBytes = 1024;
/// A description (wire).
inline constexpr std::size_t kDescriptionBytes = 2048;
/// A page token of a listing (wire).
inline constexpr std::size_t kPageTokenBytes = std::size_t{1} << 20;
/// Sibling tokens on one page (wire).
inline constexpr std::size_t kSiblingTokens = 1024;
/// Their sum in bytes (wire).
inline constexpr std::size_t kSiblingTokenBytes = std::size_t{16} << 20;
/// Aliases on one resource, and characters in each.
inline constexpr std::size_t kAliases = 100;
inline constexpr std::size_t kAliasBytes = 256;
/// The largest `page_size` of a list request (wire); 0 leaves the choice to the connector.
inline constexpr int kPageSize = 250;
/// How much of a foreign text (a response body, a server's message) an error message repeats.
inline constexpr std::size_t kErrorExcerptBytes = 512;

}  // namespace baton::limits
