#include "storage/c1z/v3/grant_match.hpp"

#include "storage/c1z/v3/family_keys.hpp"

namespace baton::c1z::v3 {
namespace {

std::string escaped(const std::string& element) {
  std::string text;
  append_element(text, element);
  return text;
}

}  // namespace

GrantMatch::GrantMatch(const GrantFilter& filter)
    : filter_(filter),
      prefix_(key_prefix(KeyFamily::kGrant)),
      principal_type_(escaped(filter.principal_type_id)),
      principal_id_(escaped(filter.principal_id)) {
  const bool on_type = !filter.resource_type_id.empty();
  const bool on_resource = on_type && !filter.resource_id.empty();
  const bool of_entitlement = on_resource && !filter.entitlement_id.empty();
  if (of_entitlement) {
    append_entitlement_identity(prefix_, filter.resource_type_id, filter.resource_id, filter.entitlement_id);
    prefix_.push_back('\0');
  } else if (on_type) {
    append_element(prefix_, filter.resource_type_id);
    prefix_.push_back('\0');
    if (on_resource) {
      append_element(prefix_, filter.resource_id);
      prefix_.push_back('\0');
    }
  }
  prefix_says_entitlement_ =
      (of_entitlement || filter.entitlement_id.empty()) && (on_resource || filter.resource_id.empty());
}

absl::StatusOr<bool> GrantMatch::matches(std::string_view tuple) {
  GrantTuple halves;
  if (!split_grant_tuple(tuple, halves)) {
    return absl::DataLossError("has not the six elements that it should have");
  }
  if (!prefix_says_entitlement_) {
    if (halves.entitlement != entitlement_) {
      const absl::StatusOr<bool> matches = matches_entitlement(halves.entitlement);
      if (!matches.ok()) return matches.status();
      entitlement_ = halves.entitlement;
      entitlement_matches_ = *matches;
    }
    if (!entitlement_matches_) return false;
  }
  return matches_principal(halves.principal);
}

absl::StatusOr<bool> GrantMatch::matches_entitlement(std::string_view tuple) const {
  const absl::StatusOr<EntitlementIdentity> entitlement = read_entitlement_tuple(tuple);
  if (!entitlement.ok()) return entitlement.status();
  return (filter_.resource_id.empty() || filter_.resource_id == entitlement->resource_id) &&
         (filter_.entitlement_id.empty() || filter_.entitlement_id == entitlement->entitlement_id);
}

bool GrantMatch::matches_principal(std::string_view tuple) const {
  if (filter_.principal_type_id.empty() && filter_.principal_id.empty()) return true;
  const std::size_t separator = tuple.find('\0');
  return (filter_.principal_type_id.empty() || tuple.substr(0, separator) == principal_type_) &&
         (filter_.principal_id.empty() || tuple.substr(separator + 1) == principal_id_);
}

}  // namespace baton::c1z::v3
