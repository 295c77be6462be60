#include "absl/strings/str_cat.h"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/output_file.hpp"
#include "cli/protojson.hpp"
#include "cli/selection.hpp"
#include "cli/temporary_run.hpp"

namespace baton::cli {
namespace {

absl::Status convert(const Options& options, c1z::FileVersion version, Output& output) {
  if (absl::Status status = check_output_file(options, version); !status.ok()) return status;
  const auto reader = open_selected(options, output);
  if (!reader.ok()) return reader.status();
  const absl::StatusOr<c1z::SyncInfo> sync = sync_to_copy(**reader, options);
  if (!sync.ok()) return sync.status();

  const InterruptGuard guard;
  absl::StatusOr<TemporaryRun> run = TemporaryRun::create();
  if (!run.ok()) return run.status();
  const absl::StatusOr<LoadSummary> loaded = load(**reader, LoadRule::kAll, run->store());
  if (!loaded.ok()) return loaded.status();
  if (absl::Status status = write_output_file(options, version, *sync, run->store(), output); !status.ok()) {
    return status;
  }
  if (absl::Status status = note_what_is_left(**reader, output); !status.ok()) return status;
  if (loaded->folded > 0) {
    output.note(
        absl::StrCat("note: ", loaded->folded,
                     " grants have the entitlement and principal of another one, which is one row here; "
                     "the last of each was kept"));
  }
  if (options.format == Format::kJson) {
    std::string json = R"({"syncId":)";
    append_json_string(sync->id, json);
    absl::StrAppend(&json, R"(,"grants":")", loaded->grants - loaded->folded, R"(","out":)");
    append_json_string(options.out, json);
    output.text(json + "}\n");
  } else {
    output.text(absl::StrCat("sync ", sync->id, " with ", loaded->grants - loaded->folded,
                             " grant(s) converted; wrote ", options.out, "\n"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status run_to_pebble(const Options& options, Output& output) {
  return convert(options, c1z::FileVersion::kV3, output);
}

absl::Status run_to_sqlite(const Options& options, Output& output) {
  return convert(options, c1z::FileVersion::kV1, output);
}

}  // namespace baton::cli
