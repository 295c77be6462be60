#include "cli/command.hpp"
#include "cli/list_output.hpp"
#include "cli/lookup.hpp"
#include "cli/selection.hpp"
#include "cli/table.hpp"

namespace baton::cli {
namespace {

absl::StatusOr<baton::v1::EntitlementOutput> entitlement_output(
    c1z::Reader& reader, const c1::connector::v2::Entitlement& entitlement) {
  baton::v1::EntitlementOutput item;
  const auto resource = resource_or_placeholder(reader, entitlement.resource().id());
  if (!resource.ok()) return resource.status();
  const auto type = resource_type_or_placeholder(reader, entitlement.resource().id().resource_type());
  if (!type.ok()) return type.status();
  *item.mutable_entitlement() = entitlement;
  *item.mutable_resource() = *resource;
  *item.mutable_resource_type() = *type;
  return item;
}

}  // namespace

absl::Status run_entitlements(const Options& options, Output& output) {
  const auto reader = open_selected(options, output);
  if (!reader.ok()) return reader.status();
  return print_list(options, output, "entitlements",
                    {"ID", "Display Name", "Resource Type", "Resource", "Permission"}, [&](RowSink& rows) {
                      return (*reader)->for_each_entitlement(
                          options.resource_type,
                          [&](const c1::connector::v2::Entitlement& entitlement) -> absl::Status {
                            if (absl::Status status = rows.begin_row(); !status.ok()) return status;
                            const auto item = entitlement_output(**reader, entitlement);
                            if (!item.ok()) return item.status();
                            if (rows.wants_cells()) {
                              rows.cells({cell(entitlement.id()), cell(entitlement.display_name()),
                                          cell(item->resource_type().display_name()),
                                          cell(item->resource().display_name()), cell(entitlement.slug())});
                            }
                            if (rows.wants_message()) rows.message(*item);
                            return absl::OkStatus();
                          });
                    });
}

}  // namespace baton::cli
