#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/c1z/pages/key_sorter.hpp"
#include "storage/c1z/pages/principals.hpp"

namespace baton::c1z {

/// What the indexes over `v1_grants` that do not follow the order of the rows are made of, kept small: rows
/// come in order of identity, so those of one entitlement lie side by side and an entitlement is stored once;
/// a principal is a number; a public id that is composed of them, as nearly all are, is not stored at all.
///
/// Takes 4 bytes a row while rows are added and 8 while an index is made, next to the principals and
/// entitlements themselves: 30 MB for 3.6 million grants, 150 MB for as many as readers' limit of 10 GiB lets
/// into a file. Ids that are not composed are sorted through a temporary file. Not thread-safe.
class GrantKeys {
 public:
  /// `folder` takes temporary files.
  explicit GrantKeys(std::string folder) : own_ids_(std::move(folder)) {}

  /// Adds the next row; rows are numbered from 0. DataLoss when it does not come behind the one before, in
  /// order of identity. `own_id` is the public id unless it is the composed one: then it is empty.
  absl::Status add(std::string_view resource_type, std::string_view resource, std::string_view entitlement,
                   std::string_view principal_type, std::string_view principal, std::string_view own_id);
  /// Two hints, some rows ahead of `add`: the principals of the rows to come lie anywhere in memory.
  void expect_soon(std::string_view principal_type, std::string_view principal) const {
    principals_.prefetch_slot(principal_type, principal);
  }
  void expect_next(std::string_view principal_type, std::string_view principal) const {
    principals_.prefetch_entry(principal_type, principal);
  }
  /// No `add` afterwards.
  void finish();

  std::uint32_t rows() const { return static_cast<std::uint32_t>(principal_of_.size()); }
  /// The row has an id of its own.
  bool has_own_id(std::uint32_t row) const { return own_[row]; }
  /// From now on the row goes by its composed id.
  void compose_id(std::uint32_t row) { own_[row] = false; }
  std::string composed_id(std::uint32_t row) const;

  /// Each visits all rows in order of what it gives, ends with the first error and returns it.
  absl::Status for_each_id(const std::function<absl::Status(std::string_view id, std::uint32_t row)>& visit);
  absl::Status for_each_principal(const std::function<absl::Status(std::string_view type, std::string_view id,
                                                                   std::uint32_t row)>& visit) const;
  absl::Status for_each_entitlement_and_principal(
      const std::function<absl::Status(std::string_view entitlement, std::string_view type,
                                       std::string_view id, std::uint32_t row)>& visit) const;
  absl::Status for_each_entitlement(
      const std::function<absl::Status(std::string_view entitlement, std::uint32_t row)>& visit) const;

 private:
  /// Rows of one entitlement on one resource.
  class Group {
   public:
    std::size_t entitlement_offset = 0;
    std::uint32_t entitlement_size = 0;
    std::uint32_t first = 0;
    std::uint32_t end = 0;
  };
  /// Walks the composed ids of a group in order.
  class GroupIds;
  /// Walks all composed ids in order.
  class ComposedIds;

  absl::Status begin_group(std::string_view resource_type, std::string_view resource,
                           std::string_view entitlement);
  std::string_view entitlement_of(const Group& group) const {
    return std::string_view(entitlements_).substr(group.entitlement_offset, group.entitlement_size);
  }

  /// Walks that follow the rows know what they will need next.
  void prefetch_ahead_of(std::uint32_t row) const {
    constexpr std::uint32_t kDistance = 12;
    if (rows() - row > kDistance) principals_.prefetch(principal_of_[row + kDistance]);
  }

  Principals principals_;
  std::vector<Principals::Handle> principal_of_;
  std::string entitlements_;
  std::vector<Group> groups_;
  std::string last_resource_type_;
  std::string last_resource_;
  std::vector<bool> own_;
  KeySorter own_ids_;

  // Made by `finish`: principals in order, what is different in the order of composed ids, groups by
  // entitlement.
  std::vector<Principals::Handle> principal_order_;
  std::vector<std::uint32_t> joined_ranks_;
  std::vector<std::uint32_t> groups_by_entitlement_;
};

}  // namespace baton::c1z
