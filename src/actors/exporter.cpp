#include "actors/exporter.hpp"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "actors/process_memory.hpp"
#include "storage/c1z/writer.hpp"
#include "sync/sync_token.hpp"
#include "sync/timestamp.hpp"

namespace baton::actors {
namespace {

/// Lists given up that the result names one by one; a summary shows fewer still.
constexpr std::size_t kListedWarnings = 100;

}  // namespace

void ExporterState::at(std::string_view step) const {
  if (config_.at_step) config_.at_step(step);
}

/// Also of a run that is sealed already: what the check warns of belongs into this summary, too.
absl::Status ExporterState::check(ExportResult& result) {
  const sync::InvariantChecks wanted = sync::invariant_checks(config_.options);
  storage::InvariantChecks checks;
  checks.references = wanted.references;
  if (wanted.child_listings) {
    checks.wants_child = [this](const std::string& type) { return config_.options.wants_type(type); };
  }
  checks.go_on = [this] { return config_.stop->go_on(); };
  const absl::StatusOr<InvariantFindings> findings = config_.store->check_invariants(checks);
  if (!findings.ok()) return findings.status();
  verdict_ = sync::judge_invariants(*findings, config_.options);
  std::vector<std::string> warnings = verdict_.warnings;
  if (const std::uint64_t repeated = config_.store->counters().siblings_repeated(); repeated > 0) {
    warnings.push_back(absl::StrCat("the connector announced ", repeated,
                                    repeated == 1 ? " page token" : " page tokens",
                                    " of lists beside a list more than once; each was read once"));
  }
  for (const std::string& warning : warnings) {
    config_.log->write(LogLevel::kWarn, name, warning, {});
    result.warnings.push_back(warning);
  }
  result.violated = !verdict_.violation.ok();
  return verdict_.violation;
}

absl::Status ExporterState::seal(baton::store::v1::RunHeader& header) {
  if (header.state() == baton::store::v1::RUN_STATE_SEALED) return absl::OkStatus();
  header.set_state(baton::store::v1::RUN_STATE_SEALED);
  *header.mutable_ended_at() = sync::to_timestamp(config_.clock->now());
  return config_.store->put_header(header);
}

absl::StatusOr<c1z::WriteSummary> ExporterState::write_artifact(const c1z::SyncRunInfo& run,
                                                                std::uint64_t& conflicts) {
  c1z::WriteOptions options;
  options.path = config_.path;
  options.method = config_.write_method;
  options.retention = config_.retention;
  options.progress = [this](const c1z::WriteProgress&) {
    at("progress");
    return config_.stop->go_on();
  };
  absl::StatusOr<c1z::WriteSummary> written;
  if (config_.version == c1z::FileVersion::kV3) {
    const auto records = config_.store->records();
    if (!records.ok()) return records.status();
    written = c1z::write_v3(options, run, **records);
    conflicts = (*records)->conflicts();
  } else {
    const auto rows = config_.store->rows();
    if (!rows.ok()) return rows.status();
    written = c1z::write_v1(options, run, **rows);
    conflicts = (*rows)->conflicts();
  }
  return written;
}

absl::Status ExporterState::write(const baton::store::v1::RunHeader& header, ExportResult& result) {
  const auto warnings = config_.store->warnings();
  if (!warnings.ok()) return warnings.status();
  c1z::SyncRunInfo run;
  run.sync_id = header.sync_id();
  run.type = header.sync_type();
  run.started_at = sync::nanoseconds_of(header.started_at());
  run.ended_at = sync::nanoseconds_of(header.ended_at());
  run.token = sync::sealed_token(config_.store->counters(), *warnings, config_.options);
  run.parent_sync_id = header.parent_sync_id();
  run.supports_diff = config_.options.is_full();
  run.invariant_generation = std::string(sync::kInvariantGeneration);
  run.invariant_coverage = verdict_.coverage;
  run.invariant_mode = verdict_.mode;
  std::uint64_t conflicts = 0;
  const absl::StatusOr<c1z::WriteSummary> written = write_artifact(run, conflicts);
  if (!written.ok()) return written.status();
  result.bytes = written->file_bytes;
  config_.log->write(LogLevel::kDebug, name, "the artifact is in place",
                     {{"path", config_.path},
                      {"rows", absl::FormatDuration(written->rows_time)},
                      {"indexes", absl::FormatDuration(written->indexes_time)},
                      {"compression", absl::FormatDuration(written->compression_time)}});
  result.counts.resource_types[""] = written->resource_types;
  result.counts.resources[""] = written->resources;
  result.counts.entitlements[""] = written->entitlements;
  result.counts.grants[""] = written->grants;
  result.counts.conflicts = conflicts;
  for (const auto& warning : *warnings) {
    if (result.warnings.size() == kListedWarnings) {
      result.warnings.push_back(
          absl::StrCat(warnings->size() - kListedWarnings, " more lists were given up"));
      break;
    }
    result.warnings.push_back(warning.message());
  }
  if (written->renamed_grants > 0) {
    result.warnings.push_back(
        absl::StrCat(written->renamed_grants,
                     " grants share their public id with another one and were given composed ids, such as ",
                     written->renamed_examples.empty() ? "" : written->renamed_examples.front()));
  }
  if (written->replaced_file) {
    result.warnings.push_back(
        absl::StrCat("replaced the earlier file ", config_.path,
                     "; a file of version 3 holds one sync, and the one it held is gone"));
  }
  if (!written->kept_syncs.empty() || !written->removed_syncs.empty()) {
    config_.log->write(LogLevel::kInfo, name, "earlier syncs of the file",
                       {{"kept", absl::StrJoin(written->kept_syncs, " ")},
                        {"removed", absl::StrJoin(written->removed_syncs, " ")}});
  }
  return absl::OkStatus();
}

absl::Status ExporterState::clean_up(baton::store::v1::RunHeader header) {
  at("mark exported");
  header.set_state(baton::store::v1::RUN_STATE_EXPORTED);
  absl::Status status = config_.store->put_header(header);
  at("close");
  if (status.ok()) status = config_.store->close();
  at("remove");
  if (status.ok()) status = storage::remove_store(config_.directory);
  at("end");
  return status;
}

ExporterActor::behavior_type ExporterState::make_behavior(ExporterConfig config) {
  config_ = std::move(config);
  return {
      [this](export_atom, const SharedHeader& shared) {
        ExportResult result;
        result.path = config_.path;
        const auto started = config_.clock->steady_now();
        baton::store::v1::RunHeader header = *shared;
        return_freed_memory();
        at("check");
        result.status = check(result);
        at("seal");
        if (result.status.ok()) result.status = seal(header);
        at("write");
        if (result.status.ok()) result.status = write(header, result);
        result.duration = config_.clock->steady_now() - started;
        if (result.status.ok()) {
          // The artifact is in place: a run directory that stays behind is untidy, not a failure.
          if (absl::Status cleaned = clean_up(header); !cleaned.ok()) {
            result.warnings.push_back(absl::StrCat("the run directory ", config_.directory,
                                                   " could not be removed: ", cleaned.message()));
          }
        }
        return SharedExport(std::move(result));
      },
  };
}

ExporterActor::behavior_type exporter(ExporterActor::stateful_pointer<ExporterState> self,
                                      ExporterConfig config) {
  return self->state.make_behavior(std::move(config));
}

}  // namespace baton::actors
