#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "storage/c1z/pages/principals.hpp"
#include "storage/c1z/v3/family_keys.hpp"

namespace baton::c1z::v3 {

/// Brings the grants of a file into the order of their principals without reading them again: as they pass by
/// in their own order, each leaves four bytes, its principal's handle, and each entitlement its tuple once.
/// Another four bytes for each grant are taken while they are sorted, by counting. Not thread-safe.
class GrantsByPrincipal {
 public:
  /// The next grant, in ascending order. At most 2^32 - 1 of them.
  void add(const GrantTuple& grant);
  /// No `add` afterwards.
  void finish() { refer_waiting(); }

  /// Calls `visit` for every grant, by principal and then entitlement, until it says something else than OK.
  absl::Status for_each(const std::function<absl::Status(const GrantTuple&)>& visit) const;

 private:
  class Entitlement {
   public:
    std::uint32_t tuple_end = 0;  // in `entitlement_bytes_`
    std::uint32_t grants_end = 0;
  };
  std::string_view entitlement(std::size_t number) const {
    const std::uint32_t begin = number == 0 ? 0 : entitlements_[number - 1].tuple_end;
    return std::string_view(entitlement_bytes_).substr(begin, entitlements_[number].tuple_end - begin);
  }

  // Principals come in an order that no cache knows, so a few of them are brought into it side by side.
  static constexpr std::size_t kWaiting = 32;
  class Waiting {
   public:
    std::string principal;
    std::size_t type_size = 0;
    std::string_view type() const { return std::string_view(principal).substr(0, type_size); }
    std::string_view id() const { return std::string_view(principal).substr(type_size + 1); }
  };
  void refer_waiting();

  std::array<Waiting, kWaiting> waiting_;
  std::size_t waiting_count_ = 0;
  Principals principals_;
  std::vector<Principals::Handle> grants_;
  std::string entitlement_bytes_;
  std::vector<Entitlement> entitlements_;
};

}  // namespace baton::c1z::v3
