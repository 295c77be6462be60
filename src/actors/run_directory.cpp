#include "actors/run_directory.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_facts.hpp"
#include "base/human.hpp"
#include "base/ksuid.hpp"
#include "storage/c1z/reader.hpp"
#include "storage/c1z/writer.hpp"
#include "sync/resume.hpp"
#include "sync/timestamp.hpp"

namespace baton::actors {
namespace {

constexpr const char* kSubject = "sync.run";

/// The latest finished full sync of the artifact: what a partial one builds on. Empty when there is none.
std::string latest_full_sync(const std::string& path) {
  const auto reader = c1z::open_reader(path);
  if (!reader.ok()) return {};
  std::string id;
  absl::Time latest = absl::InfinitePast();
  for (const c1z::SyncInfo& sync : (*reader)->syncs()) {
    if (sync.type != "full" || !sync.ended_at || *sync.ended_at < latest) continue;
    latest = *sync.ended_at;
    id = sync.id;
  }
  return id;
}

baton::store::v1::RunHeader fresh_header(const SyncJob& job, const Clock& clock, Entropy& entropy) {
  baton::store::v1::RunHeader header;
  header.set_sync_id(Ksuid::mint(clock, entropy).str());
  header.set_connector(job.connector_name);
  header.set_connector_version(job.connector_version);
  header.set_sync_type(job.options.sync_type());
  *header.mutable_started_at() = sync::to_timestamp(clock.now());
  *header.mutable_last_commit_at() = header.started_at();
  header.set_state(baton::store::v1::RUN_STATE_COLLECTING);
  header.mutable_configuration()->insert(job.configuration.begin(), job.configuration.end());
  header.set_skip_entitlements_and_grants(job.options.skip_entitlements_and_grants);
  header.set_skip_grants(job.options.skip_grants);
  header.set_skip_full_sync(job.options.skip_full_sync);
  for (const std::string& type : job.options.resource_types) header.add_sync_resource_types(type);
  header.set_expansion_mode(sync::to_string(job.options.expansion));
  header.set_target_path(job.path);
  if (job.options.targeted) header.set_parent_sync_id(latest_full_sync(job.path));
  header.set_attempts(1);
  return header;
}

absl::StatusOr<std::shared_ptr<storage::SyncStore>> open_store(const SyncJob& job, const Clock& clock) {
  storage::StoreOptions options;
  options.directory = job.directory;
  options.file_system = job.file_system;
  options.clock = &clock;
  auto store = storage::SyncStore::open(options);
  if (!store.ok()) return store.status();
  return std::shared_ptr<storage::SyncStore>(std::move(*store));
}

absl::Status discard(std::shared_ptr<storage::SyncStore>& store, const std::string& directory) {
  if (absl::Status closed = store->close(); !closed.ok()) return closed;
  store.reset();
  return storage::remove_store(directory);
}

/// Whether the artifact is in place and holds this sync.
bool artifact_holds(const std::string& path, const std::string& sync_id) {
  const auto reader = c1z::open_reader(path);
  if (!reader.ok()) return false;
  const auto& syncs = (*reader)->syncs();
  return std::any_of(syncs.begin(), syncs.end(), [&](const c1z::SyncInfo& sync) {
    return sync.id == sync_id && sync.ended_at.has_value();
  });
}

const char* why_discarded(sync::Start start) {
  switch (start) {
    case sync::Start::kRestart:
      return "discarding an unfinished sync, as asked";
    case sync::Start::kTakenAway:
      return "discarding what was left of a sync whose artifact was written and taken away";
    default:
      return "discarding an unfinished sync that is too old to go on with";
  }
}

}  // namespace

absl::StatusOr<OpenedRun> open_run(const SyncJob& job, const Clock& clock, Entropy& entropy, Log& log) {
  if (absl::Status target = c1z::check_target(job.path, job.file_version); !target.ok()) return target;
  auto store = open_store(job, clock);
  if (job.restart && absl::IsDataLoss(store.status())) {
    log.write(LogLevel::kWarn, kSubject, "discarding a damaged run directory, as asked",
              {{"directory", job.directory}, {"error", std::string(store.status().message())}});
    if (absl::Status removed = storage::remove_store(job.directory); !removed.ok()) return removed;
    store = open_store(job, clock);
  }
  if (!store.ok()) return store.status();
  OpenedRun run;
  run.store = std::move(*store);
  const std::optional<baton::store::v1::RunHeader> found = run.store->header();
  // The artifact is renamed into place before the run learns of it: a sealed run may be exported, too.
  const bool exported = found &&
                        (found->state() == baton::store::v1::RUN_STATE_EXPORTED ||
                         found->state() == baton::store::v1::RUN_STATE_SEALED) &&
                        artifact_holds(job.path, found->sync_id());
  const absl::StatusOr<sync::Start> start =
      sync::decide_start(found, job.configuration, job.restart, exported ? found->sync_id() : "", clock.now(),
                         job.resume_max_age);
  if (!start.ok()) return annotate(start.status(), job.directory);
  switch (*start) {
    case sync::Start::kExported:
      run.header = *found;
      run.already_exported = true;
      if (absl::Status removed = discard(run.store, job.directory); !removed.ok()) return removed;
      return run;
    case sync::Start::kResume: {
      run.resumed = true;
      run.header = *found;
      run.header.set_attempts(found->attempts() + 1);
      if (absl::Status put = run.store->put_header(run.header); !put.ok()) return put;
      std::uint64_t open = 0;
      for (const storage::PlannedCount& count : run.store->pending()) open += count.count;
      log.write(LogLevel::kInfo, kSubject, "going on with an unfinished sync",
                {{"sync_id", run.header.sync_id()},
                 {"pages", run.store->counters().pages()},
                 {"cursors_left", open}});
      return run;
    }
    case sync::Start::kExpired:
    case sync::Start::kTakenAway:
    case sync::Start::kRestart: {
      log.write(LogLevel::kWarn, kSubject, why_discarded(*start),
                {{"sync_id", found->sync_id()},
                 {"pages", run.store->counters().pages()},
                 {"directory", job.directory}});
      if (absl::Status removed = discard(run.store, job.directory); !removed.ok()) return removed;
      auto again = open_store(job, clock);
      if (!again.ok()) return again.status();
      run.store = std::move(*again);
      break;
    }
    case sync::Start::kFresh:
      break;
  }
  run.header = fresh_header(job, clock, entropy);
  return run;
}

}  // namespace baton::actors
