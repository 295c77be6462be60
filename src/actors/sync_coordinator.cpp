#include "actors/sync_coordinator.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "actors/paginator.hpp"
#include "actors/process_memory.hpp"
#include "base/human.hpp"
#include "sync/admission.hpp"
#include "sync/retry.hpp"
#include "sync/timestamp.hpp"
#include "sync/warnings.hpp"

namespace baton::actors {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kTick{1};
constexpr std::chrono::seconds kCleanupTimeout{10};
/// Retries are told of at most this often.
constexpr std::chrono::seconds kRetryLineInterval{10};
/// After a cancellation, calls that do not end are left behind.
constexpr milliseconds kCancelGrace{2'000};
/// Work read ahead of the free slots, in slots.
constexpr std::size_t kReadAhead = 4;
/// Parked cursors that may give their slots back, in slots; beyond it a parked cursor keeps its own.
constexpr std::size_t kParkedShare = 4;

std::chrono::milliseconds tick_interval(std::chrono::milliseconds run_duration) {
  const auto most = std::chrono::milliseconds(kTick);
  return run_duration.count() > 0 ? std::min(most, run_duration) : most;
}

}  // namespace

// -- beginning
// ---------------------------------------------------------------------------------------------------

void CoordinatorState::run() {
  started_ = step_started_ = last_commit_ = config_.clock->steady_now();
  outcome_.resumable = config_.resumed;
  outcome_.summary.sync_id = config_.header.sync_id();
  for (const auto& entry : config_.counters.entries()) {
    auto& mine = outcome_.summary.entries[{entry.phase(), entry.resource_type_id()}];
    mine.rows += entry.rows();
    mine.pages += entry.pages();
  }
  for (const auto& entry : config_.counters.entries()) {
    tallies_[entry.phase()].done += entry.cursors_done();
    tallies_[entry.phase()].warnings += entry.warnings();
  }
  options_ = std::make_shared<const sync::SyncOptions>(config_.options);
  outcome_.summary.resumed = config_.resumed;
  outcome_.summary.resumed_pages = config_.counters.pages();
  outcome_.summary.pages = config_.counters.pages();
  outcome_.summary.skipped_invalid = config_.counters.rows_skipped_invalid();
  outcome_.summary.dropped_by_filter = config_.counters.rows_dropped_by_filter();
  outcome_.summary.expansions_dropped = config_.counters.expansions_dropped();
  outcome_.summary.asked_again = config_.resumed ? config_.counters.in_flight() : 0;
  actors_ = config_.spawn_actors(CoordinatorActor{self_});
  self_->monitor(actors_.writer);
  self_->monitor(actors_.fetcher);
  self_->delayed_send(self_, tick_interval(config_.run_duration), tick_atom_v);
  for (const storage::PlannedCount& count : config_.pending)
    outcome_.summary.resumed_cursors_left += count.count;
  if (config_.header.state() == baton::store::v1::RUN_STATE_SEALED) {
    // Only the artifact is missing: nothing is asked of the service any more.
    stage_ = Stage::kFinishing;
    self_->request(actors_.writer, caf::infinite, yield_atom_v)
        .then(
            [this](const SharedStatus& status) {
              if (!ended_by(*status)) export_artifact();
            },
            lost<SharedStatus>("writer"));
    return;
  }
  if (config_.header.state() == baton::store::v1::RUN_STATE_COLLECTED ||
      config_.header.state() == baton::store::v1::RUN_STATE_EXPANDED) {
    stage_ = Stage::kCollecting;
    finish_collecting();
    return;
  }
  validate();
}

template <class Reply>
std::function<void(const caf::error&)> CoordinatorState::lost(const char* whom) {
  return [this, whom](const caf::error&) {
    end(absl::InternalError(absl::StrCat("the ", whom, " died; run again to go on with what is committed")));
  };
}

void CoordinatorState::validate() {
  self_->request(actors_.fetcher, caf::infinite, valid_atom_v)
      .then([this](const SharedStatus& status) { validated(*status); }, lost<SharedStatus>("fetcher"));
}

void CoordinatorState::validated(const absl::Status& status) {
  if (stage_ != Stage::kValidating) {
    stop_if_quiet();
    return;
  }
  if (status.ok()) {
    begin_collecting();
    return;
  }
  const bool again = sync::judge(status, Operation::kUnspecified) == sync::Verdict::kRetry &&
                     validate_attempt_ < sync::kValidateRetries;
  if (!again) {
    end(status);
    return;
  }
  const milliseconds wait = sync::validate_wait(++validate_attempt_, *config_.entropy);
  config_.log->write(LogLevel::kWarn, name, "the service does not answer; validating again after a wait",
                     {{"error", std::string(status.message())}, {"wait", human_duration(wait)}});
  self_->delayed_send(self_, wait, valid_atom_v);
}

void CoordinatorState::begin_collecting() {
  stage_ = Stage::kCollecting;
  outcome_.resumable = true;
  self_->send(actors_.progress, phase_atom_v, std::string("collect"));
  if (config_.resumed) {
    add_planned(config_.pending);
    plan_first();
    return;
  }
  config_.header.set_state(baton::store::v1::RUN_STATE_COLLECTING);
  *config_.header.mutable_last_commit_at() = sync::to_timestamp(config_.clock->now());
  put_state(baton::store::v1::RUN_STATE_COLLECTING, [this] { plan_first(); });
}

void CoordinatorState::plan_first() {
  self_
      ->request(actors_.writer, caf::infinite, plan_atom_v, std::string("first"),
                SharedCursors(sync::first_cursors(config_.options)))
      .then(
          [this](const SharedPlanned& planned) {
            if (!planned->ok()) return end(planned->status());
            announce(**planned);
            schedule();
          },
          lost<SharedPlanned>("writer"));
}

void CoordinatorState::put_state(baton::store::v1::RunState state, std::function<void()> then) {
  config_.header.set_state(state);
  self_->request(actors_.writer, caf::infinite, header_atom_v, SharedHeader(config_.header))
      .then([this,
             then = std::move(then)](const SharedStatus& status) { status->ok() ? then() : end(*status); },
            lost<SharedStatus>("writer"));
}

// -- phases
// ------------------------------------------------------------------------------------------------------

bool CoordinatorState::phases_before_are_over(std::uint8_t phase) const {
  return std::all_of(lanes_.begin(), lanes_.end(), [phase](const auto& lane) {
    return lane.first.phase() >= phase || lane.second.open == 0;
  });
}

bool CoordinatorState::phase_open(storage::Lane lane) const {
  const bool needs_catalog = lane.phase() != static_cast<std::uint8_t>(Operation::kListResourceTypes);
  if (needs_catalog && !catalog_open_) return false;
  return lane.independent() || phases_before_are_over(lane.phase());
}

void CoordinatorState::load_catalog() {
  if (catalog_asked_) return;
  catalog_asked_ = true;
  self_->request(actors_.writer, caf::infinite, types_atom_v)
      .then([this](const SharedTypes& types) { types->ok() ? open_catalog(**types) : end(types->status()); },
            lost<SharedTypes>("writer"));
}

void CoordinatorState::open_catalog(const std::vector<c1::connector::v2::ResourceType>& types) {
  if (stage_ != Stage::kCollecting) return;
  auto catalog = std::make_shared<const sync::TypeCatalog>(
      types, [this](std::string_view type) { return config_.connector->hints(type).independent_phases; });
  if (absl::Status filter = sync::check_type_filter(config_.options, *catalog); !filter.ok()) {
    // A mistyped filter can only be corrected, never resumed; a directory that insists on it would be in the
    // way.
    outcome_.resumable = false;
    stop(filter, milliseconds{0});
    return;
  }
  self_->send(actors_.fetcher, rules_atom_v, SharedRules(sync::AdmissionRules(config_.options, catalog)));
  self_
      ->request(actors_.writer, caf::infinite, plan_atom_v, std::string("type-scoped"),
                SharedCursors(sync::plan_type_scoped(config_.options, *catalog)))
      .then(
          [this](const SharedPlanned& planned) {
            if (!planned->ok()) return end(planned->status());
            announce(**planned);
            catalog_open_ = true;
            schedule();
          },
          lost<SharedPlanned>("writer"));
}

void CoordinatorState::announce(const std::vector<storage::PlannedCount>& planned) {
  CommitSummary summary;
  summary.planned = planned;
  self_->send(actors_.progress, commit_atom_v, SharedSummary(std::move(summary)));
  add_planned(planned);
}

void CoordinatorState::add_planned(const std::vector<storage::PlannedCount>& planned) {
  for (const storage::PlannedCount& count : planned) {
    LaneState& lane = lanes_[count.lane];
    lane.open += count.count;
    lane.stored += count.count;
  }
}

// -- admission
// ---------------------------------------------------------------------------------------------------

void CoordinatorState::read_ahead(storage::Lane lane, LaneState& state) {
  if (state.asking || state.stored == 0 || state.ready.size() >= config_.slots) return;
  state.asking = true;
  const auto count = static_cast<std::uint32_t>(kReadAhead * config_.slots);
  self_->request(actors_.writer, caf::infinite, work_atom_v, lane.value(), count)
      .then(
          [this, lane](const SharedWork& work) {
            if (!work->ok()) return end(work->status());
            LaneState& target = lanes_[lane];
            target.asking = false;
            target.stored -= std::min<std::uint64_t>(target.stored, (*work)->size());
            for (const storage::WorkItem& item : **work) target.ready.push_back(item);
            schedule();
          },
          lost<SharedWork>("writer"));
}

bool CoordinatorState::start_next() {
  // A cursor that goes on comes before one that starts.
  while (!wants_slot_.empty()) {
    const CursorKey key = wants_slot_.front();
    wants_slot_.pop_front();
    const auto found = live_.find(key);
    if (found == live_.end()) continue;
    ++active_;
    self_->send(found->second.paginator, start_atom_v);
    return true;
  }
  // Lanes by phase, so that what discovers work runs before what it discovers.
  for (const bool independent : {false, true}) {
    for (auto& [lane, state] : lanes_) {
      if (lane.independent() != independent || state.ready.empty() || !phase_open(lane)) continue;
      storage::WorkItem item = std::move(state.ready.front());
      state.ready.pop_front();
      start_cursor(std::move(item));
      return true;
    }
  }
  return false;
}

void CoordinatorState::start_cursor(storage::WorkItem item) {
  PaginatorConfig config;
  const CursorKey key = item.key;
  config.item = std::move(item);
  config.coordinator = CoordinatorActor{self_};
  config.fetcher = actors_.fetcher;
  config.writer = actors_.writer;
  config.clock = config_.clock;
  config.entropy = config_.entropy;
  config.log = config_.log;
  config.options = options_;
  LiveCursor live;
  live.paginator = self_->spawn<caf::monitored>(paginator, std::move(config));
  self_->send(live.paginator, start_atom_v);
  live_.emplace(key, std::move(live));
  ++active_;
}

void CoordinatorState::schedule() {
  if (stage_ != Stage::kCollecting) return;
  const auto types = storage::Lane(static_cast<std::uint8_t>(Operation::kListResourceTypes), false);
  const bool types_over = lanes_[types].open == 0;
  if (types_over && !catalog_open_) {
    if (config_.options.skip_full_sync) return finish_collecting();
    load_catalog();
    return;
  }
  while (active_ < config_.slots && start_next()) {
  }
  bool open = false;
  for (auto& [lane, state] : lanes_) {
    open = open || state.open > 0;
    if (phase_open(lane)) read_ahead(lane, state);
  }
  if (!open && catalog_open_) finish_collecting();
}

void CoordinatorState::cursor_done(const CursorKey& key) {
  const auto found = live_.find(key);
  if (found != live_.end()) {
    if (!found->second.parked || found->second.keeps_slot) --active_;
    live_.erase(found);
  }
  LaneState& lane = lanes_[key.lane];
  lane.open -= std::min<std::uint64_t>(lane.open, 1);
  ++tallies_[key.lane.phase()].done;
  if (stage_ == Stage::kStopping) return stop_if_quiet();
  if (lane.open == 0 && phases_before_are_over(static_cast<std::uint8_t>(key.lane.phase() + 1)) &&
      judged_phase_ < key.lane.phase()) {
    judged_phase_ = key.lane.phase();
    // What a phase collected outlives the machine before the next one builds on it.
    self_->request(actors_.writer, caf::infinite, sync_atom_v)
        .then(
            [this](const SharedStatus& status) {
              if (!status->ok()) stop(*status, milliseconds{0});
            },
            [](const caf::error&) { /* A dead writer is told of elsewhere. */ });
    if (absl::Status share = judge_warnings(judged_phase_); !share.ok()) return stop_for_good(share);
  }
  schedule();
}

CoordinatorState::Tally CoordinatorState::tally_up_to(std::uint8_t phase) const {
  // Later phases may have begun, where a type promises that it depends on none; they do not count yet, so
  // that the verdict is one of the service and not of timing.
  Tally sum;
  for (const auto& [number, tally] : tallies_) {
    if (number > phase) break;
    sum.done += tally.done;
    sum.warnings += tally.warnings;
  }
  return sum;
}

absl::Status CoordinatorState::judge_warnings(std::uint8_t phase) const {
  const Tally sum = tally_up_to(phase);
  return sync::check_warning_share(sum.warnings, sum.done);
}

absl::Status CoordinatorState::judge_open_phase() const {
  for (const Operation operation : {Operation::kListEntitlements, Operation::kListGrants}) {
    const auto phase = static_cast<std::uint8_t>(operation);
    if (!phases_before_are_over(phase) || growing_.contains(phase)) continue;
    Tally sum = tally_up_to(phase);
    for (const auto& [lane, state] : lanes_) {
      if (lane.phase() == phase) sum.done += state.open;
    }
    if (absl::Status share = sync::check_warning_share(sum.warnings, sum.done); !share.ok()) return share;
  }
  return absl::OkStatus();
}

void CoordinatorState::park(const ParkNotice& notice) {
  const auto found = live_.find(notice.key);
  if (found == live_.end()) return;
  ++outcome_.summary.retries;
  outcome_.summary.retry_wait += notice.wait;
  if (notice.announced) hold(notice.wait);
  tell_of(notice);
  LiveCursor& live = found->second;
  live.parked = true;
  live.keeps_slot = parked_ >= kParkedShare * config_.slots;
  if (!live.keeps_slot) {
    ++parked_;
    --active_;
  }
  schedule();
}

void CoordinatorState::hold(milliseconds duration) {
  hold_until_ = std::max(hold_until_, config_.clock->steady_now() + duration);
}

void CoordinatorState::tell_of(const ParkNotice& notice) {
  // When a service is down every cursor retries: one line in a while says as much as all of them.
  const auto now = config_.clock->steady_now();
  const bool told_lately = last_retry_line_ && now - *last_retry_line_ < kRetryLineInterval;
  if (!told_lately) last_retry_line_ = now;
  config_.log->write(told_lately ? LogLevel::kDebug : LogLevel::kWarn, name,
                     "a page is asked for again after a wait",
                     {{"page", notice.page},
                      {"error", notice.error},
                      {"attempt", std::uint64_t{notice.attempt}},
                      {"wait", human_duration(notice.wait)},
                      {"retries_so_far", outcome_.summary.retries}});
}

void CoordinatorState::unpark(const CursorKey& key) {
  const auto found = live_.find(key);
  if (found == live_.end()) return;
  LiveCursor& live = found->second;
  live.parked = false;
  if (live.keeps_slot) {
    live.keeps_slot = false;
    self_->send(live.paginator, start_atom_v);
    return;
  }
  --parked_;
  wants_slot_.push_back(key);
  schedule();
}

void CoordinatorState::committed(const CommitSummary& summary) {
  last_commit_ = config_.clock->steady_now();
  outcome_.summary.pages += summary.pages;
  outcome_.summary.calls += summary.pages;
  outcome_.summary.skipped_invalid += summary.skipped_invalid;
  outcome_.summary.dropped_by_filter += summary.dropped_by_filter;
  outcome_.summary.expansions_dropped += summary.expansions_dropped;
  for (const auto& entry : summary.entries) {
    auto& mine = outcome_.summary.entries[{entry.phase(), entry.resource_type_id()}];
    mine.rows += entry.rows();
    mine.pages += entry.pages();
    tallies_[entry.phase()].warnings += entry.warnings();
  }
  for (const storage::PlannedCount& count : summary.planned) {
    // Once no earlier phase can add to it, only its own pages do.
    if (phases_before_are_over(count.lane.phase())) growing_.insert(count.lane.phase());
  }
  add_planned(summary.planned);
  if (summary.warnings > 0 && stage_ == Stage::kCollecting && catalog_open_) {
    if (absl::Status share = judge_open_phase(); !share.ok()) return stop_for_good(share);
  }
  if (!summary.planned.empty()) schedule();
}

void CoordinatorState::tick() {
  if (stage_ == Stage::kEnded) return;
  self_->delayed_send(self_, tick_interval(config_.run_duration), tick_atom_v);
  if (stage_ != Stage::kCollecting && stage_ != Stage::kValidating) return;
  const auto now = config_.clock->steady_now();
  if (config_.run_duration.count() > 0 && now - started_ >= config_.run_duration) {
    stop(absl::DeadlineExceededError(
             absl::StrCat("sync not complete: it ran for ", human_duration(config_.run_duration),
                          ", as long as it may; run the same command again to go on")),
         milliseconds{0});
    return;
  }
  if (stage_ != Stage::kCollecting || config_.give_up_after.count() == 0) return;
  const auto since = std::max(last_commit_, hold_until_);
  if (now > since && now - since > config_.give_up_after) {
    stop(absl::UnavailableError(absl::StrCat("nothing could be collected for ", human_duration(now - since),
                                             "; the sync can be resumed by running the same command again")),
         milliseconds{0});
  }
}

// -- finishing
// ---------------------------------------------------------------------------------------------------

void CoordinatorState::finish_collecting() {
  if (stage_ != Stage::kCollecting) return;
  // An earlier process may have died between the last page and its verdict.
  if (absl::Status share = judge_warnings(std::numeric_limits<std::uint8_t>::max()); !share.ok()) {
    return stop_for_good(share);
  }
  stage_ = Stage::kFinishing;
  const auto state = config_.header.state();
  const bool expanded = state == baton::store::v1::RUN_STATE_EXPANDED;
  if (!expanded) config_.header.set_state(baton::store::v1::RUN_STATE_COLLECTED);
  *config_.header.mutable_last_commit_at() = sync::to_timestamp(config_.clock->now());
  put_state(config_.header.state(), [this, expanded] {
    self_->request(actors_.writer, caf::infinite, yield_atom_v)
        .then(
            [this, expanded](const SharedStatus& status) {
              if (!status->ok()) return end(*status);
              outcome_.summary.collect = last_commit_ - step_started_;
              outcome_.summary.peak_after_collect = peak_resident_bytes();
              if (ended_by(absl::OkStatus())) return;
              expanded ? export_artifact() : import_external();
            },
            lost<SharedStatus>("writer"));
  });
}

void CoordinatorState::import_external() {
  if (!actors_.importer) return expand();
  self_->send(actors_.progress, phase_atom_v, std::string("external"));
  self_->request(actors_.importer, caf::infinite, import_atom_v)
      .then(
          [this](const SharedImport& result) {
            if (ended_by(result->status)) return;
            outcome_.summary.external_resources = result->resources;
            outcome_.summary.external_grants = result->grants_made;
            expand();
          },
          lost<SharedImport>("importer"));
}

bool CoordinatorState::ended_by(const absl::Status& step) {
  if (step.ok() && !config_.stop_flag->is_set()) return false;
  // A step that was told to end ends with an error of its own making.
  end(config_.stop_flag->is_set() ? stop_status_ : step);
  return true;
}

void CoordinatorState::expand() {
  self_->send(actors_.progress, phase_atom_v, std::string("expand"));
  self_->request(actors_.expander, caf::infinite, expand_atom_v, SharedHeader(config_.header))
      .then(
          [this](const SharedExpansion& result) {
            if (ended_by(result->status)) return;
            config_.header.set_state(baton::store::v1::RUN_STATE_EXPANDED);
            SyncSummary& summary = outcome_.summary;
            summary.expand = result->duration;
            summary.expansion = result->statistics;
            summary.peak_after_expand = peak_resident_bytes();
            const auto& warnings = result->statistics.warnings;
            summary.warnings.insert(summary.warnings.end(), warnings.begin(), warnings.end());
            export_artifact();
          },
          lost<SharedExpansion>("expander"));
}

void CoordinatorState::export_artifact() {
  self_->send(actors_.progress, phase_atom_v, std::string("export"));
  self_->request(actors_.exporter, caf::infinite, export_atom_v, SharedHeader(config_.header))
      .then(
          [this](const SharedExport& result) {
            SyncSummary& summary = outcome_.summary;
            summary.export_time = result->duration;
            summary.peak_after_export = peak_resident_bytes();
            summary.warnings.insert(summary.warnings.end(), result->warnings.begin(), result->warnings.end());
            // A file that came into its place while it was told to stop is in its place.
            if (!result->status.ok()) {
              outcome_.only_restart = result->violated;
              ended_by(result->status);
              return;
            }
            for (const auto& [type, count] : result->counts.resource_types) summary.resource_types += count;
            for (const auto& [type, count] : result->counts.resources) summary.resources += count;
            for (const auto& [type, count] : result->counts.entitlements) summary.entitlements += count;
            for (const auto& [type, count] : result->counts.grants) summary.grants += count;
            summary.conflicts = result->counts.conflicts;
            summary.path = result->path;
            summary.bytes = result->bytes;
            outcome_.resumable = false;
            clean_up();
          },
          lost<SharedExport>("exporter"));
}

void CoordinatorState::clean_up() {
  // The artifact is in place; whatever the connector makes of this, the sync succeeded.
  const auto done = [this](const std::string& error) {
    if (!error.empty()) {
      config_.log->write(LogLevel::kWarn, name, "the connector's clean-up failed", {{"error", error}});
    }
    deliver(absl::OkStatus());
  };
  self_->request(actors_.fetcher, kCleanupTimeout, release_atom_v)
      .then([done](const SharedStatus& status) { done(std::string(status->message())); },
            [done](const caf::error&) { done("no answer"); });
}

// -- stopping
// ----------------------------------------------------------------------------------------------------

void CoordinatorState::stop(const absl::Status& status, milliseconds grace) {
  if (stage_ == Stage::kStopping || stage_ == Stage::kEnded) return;
  if (stage_ == Stage::kFinishing) {
    // The steps look at the flag between rows; what they did is done again by the next start.
    if (!config_.stop_flag->is_set()) stop_status_ = status;
    config_.stop_flag->set();
    return;
  }
  stop_status_ = status;
  stage_ = Stage::kStopping;
  for (const auto& [key, live] : live_) self_->send(live.paginator, stop_atom_v);
  if (grace.count() == 0) {
    self_->send(actors_.fetcher, cancel_atom_v);
    self_->delayed_send(self_, kCancelGrace, cancel_atom_v, std::uint32_t{2});
  } else {
    self_->delayed_send(self_, grace, cancel_atom_v, std::uint32_t{1});
  }
  stop_if_quiet();
}

void CoordinatorState::stop_for_good(const absl::Status& verdict) {
  outcome_.only_restart = stage_ != Stage::kStopping && stage_ != Stage::kEnded;
  stop(verdict, milliseconds{0});
}

void CoordinatorState::stop_if_quiet() {
  if (stage_ == Stage::kStopping && live_.empty()) end(stop_status_);
}

void CoordinatorState::end(const absl::Status& status) {
  if (stage_ == Stage::kEnded) return;
  stage_ = Stage::kEnded;
  for (const auto& [key, live] : live_) self_->send_exit(live.paginator, caf::exit_reason::kill);
  self_->send(actors_.fetcher, cancel_atom_v);
  // What is fetched already is committed and made durable before anyone hears of the end.
  self_->request(actors_.writer, caf::infinite, yield_atom_v)
      .then([this, status](const SharedStatus& synced) { deliver(status.ok() ? *synced : status); },
            [this, status](const caf::error&) {
              deliver(status.ok() ? absl::InternalError("the writer died") : status);
            });
}

void CoordinatorState::deliver(const absl::Status& status) {
  stage_ = Stage::kEnded;
  outcome_.status = status;
  outcome_.summary.total = config_.clock->steady_now() - started_;
  promise_.deliver(Shared<SyncOutcome>(outcome_));
  for (const auto& actor :
       {caf::actor_cast<caf::actor>(actors_.fetcher), caf::actor_cast<caf::actor>(actors_.writer),
        caf::actor_cast<caf::actor>(actors_.expander), caf::actor_cast<caf::actor>(actors_.exporter),
        caf::actor_cast<caf::actor>(actors_.progress)}) {
    self_->send_exit(actor, caf::exit_reason::user_shutdown);
  }
  if (actors_.importer) self_->send_exit(actors_.importer, caf::exit_reason::user_shutdown);
  self_->quit();
}

void CoordinatorState::child_down(const caf::down_msg& message) {
  if (stage_ == Stage::kEnded) return;
  const auto paginator = std::find_if(live_.begin(), live_.end(), [&message](const auto& entry) {
    return entry.second.paginator.address() == message.source;
  });
  if (paginator != live_.end()) {
    live_.erase(paginator);
    // A paginator ends by itself only after it said so, or when it was told to stop.
    if (stage_ == Stage::kStopping) return stop_if_quiet();
    return stop(
        absl::InternalError(absl::StrCat("a paginator died: ", self_->system().render(message.reason))),
        milliseconds{0});
  }
  if (message.source == actors_.writer.address() || message.source == actors_.fetcher.address()) {
    end(absl::InternalError(
        absl::StrCat("a part of the pipeline died: ", self_->system().render(message.reason),
                     "; run again to go on with what is committed")));
  }
}

CoordinatorActor::behavior_type CoordinatorState::make_behavior(CoordinatorConfig config) {
  config_ = std::move(config);
  self_->set_down_handler([this](const caf::down_msg& message) { child_down(message); });
  return {
      [this](run_atom) {
        promise_ = self_->make_response_promise<Shared<SyncOutcome>>();
        auto promise = promise_;
        run();
        return promise;
      },
      [this](stop_atom, const SharedStatus& status) { stop(*status, config_.grace); },
      [this](commit_atom, const SharedSummary& summary) { committed(*summary); },
      [this](fail_atom, const SharedStatus& status) {
        // A signal may still come to a call that is over; the steps that finish have errors of their own.
        if (stage_ != Stage::kFinishing) stop(*status, milliseconds{0});
      },
      [this](done_atom, const CursorKey& key) { cursor_done(key); },
      [this](park_atom, const SharedPark& notice) { park(*notice); },
      [this](hold_atom, std::uint64_t wait) { hold(milliseconds(static_cast<std::int64_t>(wait))); },
      [this](ready_atom, const CursorKey& key) { unpark(key); },
      [this](tick_atom) { tick(); },
      [this](cancel_atom, std::uint32_t step) {
        if (stage_ != Stage::kStopping) return;
        if (step == 1) {
          self_->send(actors_.fetcher, cancel_atom_v);
          self_->delayed_send(self_, kCancelGrace, cancel_atom_v, std::uint32_t{2});
        } else {
          end(stop_status_);
        }
      },
      [this](valid_atom) {
        if (stage_ == Stage::kValidating) validate();
      },
  };
}

CoordinatorActor::behavior_type coordinator(CoordinatorActor::stateful_pointer<CoordinatorState> self,
                                            CoordinatorConfig config) {
  return self->state.make_behavior(std::move(config));
}

}  // namespace baton::actors
