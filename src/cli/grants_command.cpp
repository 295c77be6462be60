#include <set>

#include "absl/strings/str_join.h"
#include "cli/command.hpp"
#include "cli/grant_selection.hpp"
#include "cli/list_output.hpp"
#include "cli/lookup.hpp"
#include "cli/selection.hpp"
#include "cli/table.hpp"
#include "storage/c1z/expandable.hpp"
#include "storage/c1z/grant_origin.hpp"

namespace baton::cli {
namespace {

absl::StatusOr<baton::v1::GrantOutput> grant_output(c1z::Reader& reader, const c1z::StoredGrant& stored) {
  const c1::connector::v2::Grant& grant = stored.grant;
  baton::v1::GrantOutput item;
  const auto entitlement = entitlement_or_placeholder(reader, grant.entitlement());
  if (!entitlement.ok()) return entitlement.status();
  const auto resource = resource_or_placeholder(reader, entitlement->resource().id());
  if (!resource.ok()) return resource.status();
  const auto type = resource_type_or_placeholder(reader, entitlement->resource().id().resource_type());
  if (!type.ok()) return type.status();
  const auto principal = resource_or_placeholder(reader, grant.principal().id());
  if (!principal.ok()) return principal.status();
  *item.mutable_grant() = grant;
  // Upstream shows the description of files of version 3 only.
  if (reader.version() == 3) c1z::restore_expandable(*item.mutable_grant(), stored.expansion);
  *item.mutable_entitlement() = *entitlement;
  *item.mutable_resource() = *resource;
  *item.mutable_resource_type() = *type;
  *item.mutable_principal() = *principal;
  return item;
}

/// The entitlements that it comes from, besides its own.
std::string via(const c1::connector::v2::Grant& grant) {
  std::set<std::string> sources;
  for (const auto& [id, source] : grant.sources().sources()) {
    if (id != grant.entitlement().id()) sources.insert(id);
  }
  return absl::StrJoin(sources, ", ");
}

}  // namespace

absl::Status run_grants(const Options& options, Output& output) {
  absl::StatusOr<c1z::GrantFilter> filter = grant_filter(options);
  if (!filter.ok()) return filter.status();
  if (options.direct && options.expanded) {
    return usage_error("--direct and --expanded exclude each other: together they are all grants");
  }
  // Where rows are left out only once they have been read, the reader cannot know when it has enough.
  if (!options.direct && !options.expanded) filter->limit = options.rows_at_most;
  const auto reader = open_selected(options, output);
  if (!reader.ok()) return reader.status();
  std::vector<std::string> header{"ID", "Resource Type", "Resource", "Entitlement", "Principal"};
  if (options.wide) header.emplace_back("Via");
  return print_list(options, output, "grants", header, [&](RowSink& rows) {
    return (*reader)->for_each_grant(*filter, [&](const c1z::StoredGrant& stored) -> absl::Status {
      if ((options.direct || options.expanded) && c1z::is_direct(stored.grant) != options.direct) {
        return absl::OkStatus();
      }
      if (absl::Status status = rows.begin_row(); !status.ok()) return status;
      const auto item = grant_output(**reader, stored);
      if (!item.ok()) return item.status();
      if (rows.wants_cells()) {
        std::vector<std::string> row{cell(stored.grant.id()), cell(item->resource_type().display_name()),
                                     cell(item->resource().display_name()),
                                     cell(item->entitlement().display_name()),
                                     cell(item->principal().display_name())};
        if (options.wide) row.push_back(cell(via(stored.grant)));
        rows.cells(row);
      }
      if (rows.wants_message()) rows.message(*item);
      return absl::OkStatus();
    });
  });
}

}  // namespace baton::cli
