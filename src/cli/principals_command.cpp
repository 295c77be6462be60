#include <set>
#include <utility>

#include "cli/command.hpp"
#include "cli/grant_selection.hpp"
#include "cli/list_output.hpp"
#include "cli/lookup.hpp"
#include "cli/selection.hpp"

namespace baton::cli {

absl::Status run_principals(const Options& options, Output& output) {
  if (!options.resource_type.empty() && options.resource.empty()) {
    return usage_error("--resource-type and --resource are required, both or neither");
  }
  const absl::StatusOr<c1z::GrantFilter> filter = grant_filter(options);
  if (!filter.ok()) return filter.status();
  const auto reader = open_selected(options, output);
  if (!reader.ok()) return reader.status();

  // Each once, by type and id: memory grows with the number of principals, not of grants.
  std::set<std::pair<std::string, std::string>> principals;
  absl::Status status = (*reader)->for_each_grant(*filter, [&](const c1z::StoredGrant& stored) {
    const auto& id = stored.grant.principal().id();
    principals.emplace(id.resource_type(), id.resource());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return print_list(options, output, "resources", resource_header(), [&](RowSink& rows) -> absl::Status {
    c1::connector::v2::ResourceId id;
    for (const auto& [type, resource] : principals) {
      if (absl::Status status = rows.begin_row(); !status.ok()) return status;
      id.set_resource_type(type);
      id.set_resource(resource);
      const auto principal = resource_or_placeholder(**reader, id);
      if (!principal.ok()) return principal.status();
      const auto item = resource_output(**reader, *principal);
      if (!item.ok()) return item.status();
      if (rows.wants_cells()) rows.cells(resource_cells(*item));
      if (rows.wants_message()) rows.message(*item);
    }
    return absl::OkStatus();
  });
}

}  // namespace baton::cli
