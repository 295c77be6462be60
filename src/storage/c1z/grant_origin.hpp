#pragma once

#include <cstdint>

#include "storage/c1z/reader.hpp"

namespace baton::c1z {

/// Who made a grant, as far as a file tells: it has no flag for it.
enum class GrantOrigin : std::uint8_t {
  kConnector,
  /// Immutable, with sources that do not name the grant's own entitlement, and not expandable itself: that is
  /// how expansion makes grants. A connector may make such rows, too.
  kExpansion,
  /// The sources do not name the entitlement either, but the rest does not fit.
  kSuspect,
};

GrantOrigin origin_of(const StoredGrant& stored);

/// Whether the principal holds the entitlement directly: the grant has no sources, or they name its own
/// entitlement, whatever they say of it.
bool is_direct(const c1::connector::v2::Grant& grant);

}  // namespace baton::c1z
