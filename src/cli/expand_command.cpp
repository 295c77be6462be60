#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "actors/run_expansion.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/output_file.hpp"
#include "cli/protojson.hpp"
#include "cli/selection.hpp"
#include "cli/temporary_run.hpp"

namespace baton::cli {
namespace {

std::string console_text(const Options& options, const c1z::SyncInfo& sync, const LoadSummary& loaded,
                         const actors::ExpansionStatistics& expanded) {
  std::string text =
      absl::StrCat("sync ", sync.id, " expanded: ", expanded.rows_added, " grant(s) from ", expanded.edges,
                   " edge(s), sources of ", expanded.rows_changed, " grant(s) extended");
  if (loaded.deleted > 0) {
    absl::StrAppend(&text, "; ", loaded.deleted,
                    " grant(s) of an earlier expansion were made anew or dropped");
  }
  if (expanded.cycles > 0) absl::StrAppend(&text, "; ", expanded.cycles, " cycle(s)");
  return absl::StrCat(text, "; wrote ", options.out, "\n");
}

std::string json_text(const Options& options, const c1z::SyncInfo& sync, const LoadSummary& loaded,
                      const actors::ExpansionStatistics& expanded) {
  std::string json = R"({"syncId":)";
  append_json_string(sync.id, json);
  absl::StrAppend(&json, R"(,"grants":")", loaded.grants, R"(","dropped":")", loaded.deleted,
                  R"(","added":")", expanded.rows_added, R"(","changed":")", expanded.rows_changed,
                  R"(","edges":")", expanded.edges, R"(","cycles":")", expanded.cycles, R"(","out":)");
  append_json_string(options.out, json);
  return json + "}\n";
}

}  // namespace

absl::Status run_expand(const Options& options, Output& output) {
  const absl::StatusOr<c1z::FileVersion> version = version_of_input(options);
  if (!version.ok()) return version.status();
  if (absl::Status status = check_output_file(options, *version); !status.ok()) return status;
  const auto reader = open_selected(options, output);
  if (!reader.ok()) return reader.status();
  const absl::StatusOr<c1z::SyncInfo> sync = sync_to_copy(**reader, options);
  if (!sync.ok()) return sync.status();

  const InterruptGuard guard;
  absl::StatusOr<TemporaryRun> run = TemporaryRun::create();
  if (!run.ok()) return run.status();
  const absl::StatusOr<LoadSummary> loaded = load(**reader, LoadRule::kBaseRows, run->store());
  if (!loaded.ok()) return loaded.status();
  actors::ExpansionOptions expansion;
  expansion.mode = options.strict ? sync::ExpansionMode::kStrict : sync::ExpansionMode::kUpstream;
  expansion.max_rows = options.max_rows;
  const absl::StatusOr<actors::ExpansionStatistics> expanded = actors::run_expansion(run->store(), expansion);
  if (!expanded.ok()) return expanded.status();
  if (absl::Status status = interrupt_status(); !status.ok()) return status;

  if (absl::Status status = write_output_file(options, *version, *sync, run->store(), output); !status.ok()) {
    return status;
  }
  if (absl::Status status = note_what_is_left(**reader, output); !status.ok()) return status;
  if (loaded->folded > 0) {
    output.note(absl::StrCat("note: ", loaded->folded,
                             " grants have the entitlement and principal of another one; the last of each "
                             "was kept"));
  }
  for (const std::string& warning : expanded->warnings) output.note(absl::StrCat("warning: ", warning));
  output.text(options.format == Format::kJson ? json_text(options, *sync, *loaded, *expanded)
                                              : console_text(options, *sync, *loaded, *expanded));
  return absl::OkStatus();
}

}  // namespace baton::cli
