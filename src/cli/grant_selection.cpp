#include "cli/grant_selection.hpp"

#include "cli/command.hpp"

namespace baton::cli {

absl::StatusOr<c1z::GrantFilter> grant_filter(const Options& options) {
  if (!options.resource.empty() && options.resource_type.empty()) {
    return usage_error(
        "--resource-type and --resource are required: a resource's id is unique within its type only");
  }
  if (!options.resource.empty() && !options.entitlement.empty()) {
    return usage_error("--resource and --entitlement exclude each other");
  }
  if (!options.principal.empty() && options.principal_type.empty()) {
    return usage_error("--principal needs --principal-type: a principal's id is unique within its type only");
  }
  c1z::GrantFilter filter;
  filter.resource_type_id = options.resource_type;
  filter.resource_id = options.resource;
  filter.entitlement_id = options.entitlement;
  filter.principal_type_id = options.principal_type;
  filter.principal_id = options.principal;
  return filter;
}

}  // namespace baton::cli
