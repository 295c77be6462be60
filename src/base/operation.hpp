#pragma once

#include <cstdint>
#include <string_view>

namespace baton {

/// What one cursor of a sync asks for. The number is the operation's phase as well: work of a later phase
/// waits for the earlier ones unless its syncer declares otherwise. Durable; numbers are never reused.
enum class Operation : std::uint8_t {
  kUnspecified = 0,
  kListResourceTypes = 1,
  kListResources = 2,
  kListStaticEntitlements = 3,
  kListEntitlements = 4,
  kListGrants = 5,
  kListExternalResources = 6,
  kGrantExpansion = 7,
  /// One resource of a targeted sync; works in the phase of the resources.
  kTargetedResource = 8,
  /// Targeted sync: a resource that grants mention and nothing else brought.
  kRelatedResource = 9,
};

/// The name that sync tokens, logs and progress use; upstream's strings.
constexpr std::string_view to_string(Operation operation) {
  switch (operation) {
    case Operation::kListResourceTypes:
      return "list-resource-types";
    case Operation::kListResources:
      return "list-resources";
    case Operation::kListStaticEntitlements:
      return "list-static-entitlements";
    case Operation::kListEntitlements:
      return "list-entitlements";
    case Operation::kListGrants:
      return "list-grants";
    case Operation::kListExternalResources:
      return "list-external-resources";
    case Operation::kGrantExpansion:
      return "grant-expansion";
    case Operation::kTargetedResource:
      return "targeted-resource-sync";
    case Operation::kRelatedResource:
      return "related-resource-sync";
    case Operation::kUnspecified:
      break;
  }
  return "unspecified";
}

}  // namespace baton
