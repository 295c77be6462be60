#include "cli/command.hpp"
#include "cli/list_output.hpp"
#include "cli/lookup.hpp"
#include "cli/selection.hpp"

namespace baton::cli {

absl::Status run_resources(const Options& options, Output& output) {
  const auto reader = open_selected(options, output);
  if (!reader.ok()) return reader.status();
  return print_list(options, output, "resources", resource_header(), [&](RowSink& rows) {
    return (*reader)->for_each_resource(
        options.resource_type, [&](const c1::connector::v2::Resource& resource) -> absl::Status {
          if (absl::Status status = rows.begin_row(); !status.ok()) return status;
          const absl::StatusOr<baton::v1::ResourceOutput> item = resource_output(**reader, resource);
          if (!item.ok()) return item.status();
          if (rows.wants_cells()) rows.cells(resource_cells(*item));
          if (rows.wants_message()) rows.message(*item);
          return absl::OkStatus();
        });
  });
}

}  // namespace baton::cli
