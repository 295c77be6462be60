#include "absl/strings/str_cat.h"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/output_file.hpp"
#include "cli/protojson.hpp"
#include "cli/selection.hpp"
#include "cli/temporary_run.hpp"

namespace baton::cli {
namespace {

/// `done` says in one word what it was.
absl::Status copy_sync(const Options& options, c1z::FileVersion version, const char* done, Output& output) {
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
    output.text(absl::StrCat("sync ", sync->id, " with ", loaded->grants - loaded->folded, " grant(s) ", done,
                             "; wrote ", options.out, "\n"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status run_to_pebble(const Options& options, Output& output) {
  return copy_sync(options, c1z::FileVersion::kV3, "converted", output);
}

absl::Status run_to_sqlite(const Options& options, Output& output) {
  return copy_sync(options, c1z::FileVersion::kV1, "converted", output);
}

absl::Status run_export(const Options& /*options*/, Output& /*output*/) {
  return usage_error("export needs to know as what: baton export c1z writes a copy of one sync");
}

absl::Status run_export_c1z(const Options& options, Output& output) {
  Options named = options;
  if (named.out.empty()) named.out = kLatestFile;
  if (named.engine != StorageEngine::kAsInput) {
    const bool pebble = named.engine == StorageEngine::kPebble;
    return copy_sync(named, pebble ? c1z::FileVersion::kV3 : c1z::FileVersion::kV1, "copied", output);
  }
  const absl::StatusOr<c1z::FileVersion> version = version_of_input(named);
  if (!version.ok()) return version.status();
  return copy_sync(named, *version, "copied", output);
}

}  // namespace baton::cli
