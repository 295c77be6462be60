#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/c1z/reader.hpp"

namespace baton::c1z::v3 {

/// Tells from their keys which grants a filter asks for, and where among the keys they can be. `expandable`
/// and `limit` are the caller's.
class GrantMatch {
 public:
  /// `filter` must outlive it.
  explicit GrantMatch(const GrantFilter& filter);

  /// What all keys of interest begin with.
  const std::string& prefix() const { return prefix_; }
  /// `tuple` is that of a grant's key. DataLoss when it is none. Quick for tuples that come in order.
  absl::StatusOr<bool> matches(std::string_view tuple);

 private:
  absl::StatusOr<bool> matches_entitlement(std::string_view tuple) const;
  bool matches_principal(std::string_view tuple) const;

  const GrantFilter& filter_;
  std::string prefix_;
  /// Nothing is left to compare once the prefix fits.
  bool prefix_says_entitlement_;
  std::string principal_type_;
  std::string principal_id_;
  // Of the tuple before.
  std::string entitlement_;
  bool entitlement_matches_ = false;
};

}  // namespace baton::c1z::v3
