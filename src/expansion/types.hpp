#pragma once

#include <cstdint>
#include <string_view>

namespace baton::expansion {

/// An entitlement of one Input, numbered in the order in which the builder met them.
using EntitlementIndex = uint32_t;

/// A principal of one sealed Input. Ranks are dense and follow (type bytes, id bytes), so comparing two
/// ranks compares two principals, and the principals of one type are one range of ranks.
using PrincipalRank = uint32_t;

/// What becomes of entitlements that feed one another in a circle.
enum class CycleMode {
  /// As upstream: all of a cycle count as one. They do not receive each other's base grants, and filters and
  /// shallow edges between them are lost.
  kCollapse,
  /// The least fixed point: every edge counts as it stands, inside a cycle as outside.
  kClose,
};

/// An entitlement's identity and whether the store has a row for it. `id` is the bare public id by which
/// grants' sources and expandable descriptions name it; two resources may carry the same one.
struct EntitlementView {
  std::string_view resource_type;
  std::string_view resource_id;
  std::string_view id;
  /// False for an entitlement that only grants mention.
  bool has_row = true;
};

/// A resource by its identity: a principal, or a principal's parent (both empty: none).
struct ResourceView {
  std::string_view type;
  std::string_view id;

  friend bool operator==(const ResourceView&, const ResourceView&) = default;
};

/// One entry of a grant's `sources`: because of which entitlement, and whether the principal held that one
/// directly.
struct SourceEntry {
  std::string_view entitlement_id;
  bool is_direct = false;

  friend bool operator==(const SourceEntry&, const SourceEntry&) = default;
};

/// A principal on an entitlement and whether its grant is direct there (spec: sources are empty or name the
/// entitlement itself), packed into four bytes. Ordered by principal.
class Holder {
 public:
  /// Principals that fit.
  static constexpr uint32_t kMaxPrincipals = UINT32_C(1) << 31;

  constexpr Holder(PrincipalRank principal, bool is_direct)
      : bits_((principal << 1) | (is_direct ? 1U : 0U)) {}

  constexpr PrincipalRank principal() const { return bits_ >> 1; }
  constexpr bool is_direct() const { return (bits_ & 1U) != 0; }

  friend constexpr bool operator==(Holder, Holder) = default;

 private:
  uint32_t bits_;
};
static_assert(sizeof(Holder) == 4);

}  // namespace baton::expansion
