#include "cli/command.hpp"
#include "cli/grant_selection.hpp"
#include "cli/list_output.hpp"
#include "cli/lookup.hpp"
#include "cli/selection.hpp"
#include "cli/table.hpp"

namespace baton::cli {
namespace {

absl::StatusOr<baton::v1::GrantOutput> grant_output(c1z::Reader& reader,
                                                    const c1::connector::v2::Grant& grant) {
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
  *item.mutable_entitlement() = *entitlement;
  *item.mutable_resource() = *resource;
  *item.mutable_resource_type() = *type;
  *item.mutable_principal() = *principal;
  return item;
}

}  // namespace

absl::Status run_grants(const Options& options, Output& output) {
  const absl::StatusOr<c1z::GrantFilter> filter = grant_filter(options);
  if (!filter.ok()) return filter.status();
  const auto reader = open_selected(options, output);
  if (!reader.ok()) return reader.status();
  return print_list(
      options, output, "grants", {"ID", "Resource Type", "Resource", "Entitlement", "Principal"},
      [&](RowSink& rows) {
        return (*reader)->for_each_grant(*filter, [&](const c1z::StoredGrant& stored) -> absl::Status {
          const auto item = grant_output(**reader, stored.grant);
          if (!item.ok()) return item.status();
          if (rows.wants_cells()) {
            rows.cells({cell(stored.grant.id()), cell(item->resource_type().display_name()),
                        cell(item->resource().display_name()), cell(item->entitlement().display_name()),
                        cell(item->principal().display_name())});
          }
          if (rows.wants_message()) rows.message(*item);
          return absl::OkStatus();
        });
      });
}

}  // namespace baton::cli
