#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "storage/c1z/pages/principals.hpp"
#include "storage/c1z/v3/family_keys.hpp"

namespace baton::c1z::v3 {

/// Brings the grants of a file into the order of their principals without reading them again, and without
/// sorting them. As they pass by in their own order, each leaves in its principal's list the number of its
/// entitlement, as the distance from the one before: a byte or two. Not thread-safe.
class GrantsByPrincipal {
 public:
  /// The next grant, in ascending order. True for the first one of an entitlement.
  bool add(const GrantTuple& grant);
  /// No `add` afterwards.
  void finish() { take_waiting(); }

  /// Calls `visit` for every grant, by principal and then entitlement, until it says something else than OK,
  /// with `prefix`, the principal's tuple and 00 in one piece, and the entitlement's tuple.
  using Visit = std::function<absl::Status(std::string_view front, std::string_view entitlement)>;
  absl::Status for_each(std::string_view prefix, const Visit& visit) const;

 private:
  /// A piece of a principal's list; half a cache line.
  class Piece {
   public:
    std::uint32_t next = 0;
    std::array<unsigned char, 28> bytes{};
  };
  /// A principal's list: first and last piece, the bytes taken in the last one, and what was added last.
  class List {
   public:
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::uint32_t taken = 0;
    std::uint32_t entitlement = 0;
  };
  /// A grant that is not in its list yet. Lists lie where no cache has them, so a few grants are brought
  /// there side by side.
  class Waiting {
   public:
    std::string_view type() const { return std::string_view(principal).substr(0, type_size); }
    std::string_view id() const { return std::string_view(principal).substr(type_size + 1); }

    std::string principal;
    std::size_t type_size = 0;
    std::uint32_t entitlement = 0;
    std::uint32_t number = 0;
  };

  void take_waiting();
  void append(List& list, std::uint32_t entitlement);
  void append_byte(List& list, unsigned char byte);
  std::string_view entitlement(std::size_t number) const {
    const std::uint64_t begin = number == 0 ? 0 : entitlement_ends_[number - 1];
    return std::string_view(entitlement_bytes_).substr(begin, entitlement_ends_[number] - begin);
  }

  std::array<Waiting, 32> waiting_;
  std::size_t waiting_count_ = 0;
  Principals principals_;
  std::vector<List> lists_;  // by number of the principal
  std::deque<Piece> pieces_;
  std::string entitlement_bytes_;
  std::vector<std::uint64_t> entitlement_ends_;
};

}  // namespace baton::c1z::v3
