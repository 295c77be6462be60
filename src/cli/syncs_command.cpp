#include "baton/v1/outputs.pb.h"
#include "cli/command.hpp"
#include "cli/list_output.hpp"
#include "cli/selection.hpp"
#include "cli/sync_output.hpp"
#include "cli/table.hpp"

namespace baton::cli {

absl::Status run_syncs(const Options& options, Output& output) {
  const auto reader = open_file(options);
  if (!reader.ok()) return reader.status();
  std::vector<std::string> header{"ID", "Started At", "Ended At", "Type", "Parent ID"};
  if (options.wide) header.emplace_back("Token");
  return print_list(options, output, "syncs", header, [&](RowSink& rows) -> absl::Status {
    for (const c1z::SyncInfo& sync : (*reader)->syncs()) {
      if (absl::Status status = rows.begin_row(); !status.ok()) return status;
      if (rows.wants_cells()) {
        std::vector<std::string> row{cell(sync.id), shown_time(sync.started_at),
                                     sync.ended_at ? shown_time(*sync.ended_at) : "", cell(sync.type),
                                     cell(sync.parent_id)};
        if (options.wide) row.push_back(cell(sync.token));
        rows.cells(row);
      }
      if (rows.wants_message()) rows.message(sync_message<baton::v1::SyncOutput>(sync));
    }
    return absl::OkStatus();
  });
}

}  // namespace baton::cli
