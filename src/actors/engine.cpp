#include "actors/engine.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include "actors/exporter.hpp"
#include "actors/external_importer.hpp"
#include "actors/fetcher.hpp"
#include "actors/grant_expander.hpp"
#include "actors/progress.hpp"
#include "actors/rate_limiter.hpp"
#include "actors/run_directory.hpp"
#include "actors/sync_coordinator.hpp"
#include "actors/writer.hpp"
#include "base/ksuid.hpp"

namespace baton::actors {
namespace {

namespace asio = boost::asio;

/// Cursors walked at a time when the operator leaves the choice to us.
constexpr std::size_t kAutomaticWorkers = 64;

class ActorConfig : public caf::actor_system_config {
 public:
  ActorConfig() {
    // One actor may not keep a worker for itself. A single worker suffices, as blocking work has threads of
    // its own: a second one only adds a tenth of CPU in wake-ups to messages of a few microseconds.
    set("scheduler.max-threads", std::size_t{1});
    set("scheduler.max-throughput", std::size_t{100});
    set("scheduler.policy", caf::atom("sharing"));
  }
};

/// The gate of a limit key, and the actor where those wait who find it closed.
class GatedLimiter final : public Limiter {
 public:
  GatedLimiter(std::shared_ptr<PermitGate> gate, RateLimiterActor actor)
      : gate_(std::move(gate)), actor_(std::move(actor)) {}

  bool take(bool goes_on) override { return gate_->take(goes_on); }
  void give_up(bool goes_on) override { gate_->leave(goes_on); }
  std::uint64_t wait(bool goes_on, std::function<void(absl::Status)> granted) override {
    const std::uint64_t id = next_id_.fetch_add(1, std::memory_order_relaxed);
    caf::anon_send(actor_, acquire_atom_v,
                   Parcel<PermitWaiter>(PermitWaiter(id, goes_on, std::move(granted))));
    return id;
  }
  void cancel(std::uint64_t id) override { caf::anon_send(actor_, cancel_atom_v, id); }
  void release() override {
    if (gate_->give_back()) caf::anon_send(actor_, tick_atom_v);
  }
  void report(const RateReport& report) override { gate_->report(report); }

  sync::RateUse use() const { return gate_->use(); }
  void stop() { caf::anon_send(actor_, stop_atom_v); }

 private:
  std::shared_ptr<PermitGate> gate_;
  RateLimiterActor actor_;
  std::atomic<std::uint64_t> next_id_{1};
};

class EngineImpl final : public Engine {
 public:
  explicit EngineImpl(Options options) : options_(std::move(options)) {
    io_thread_ = std::thread([this] { io_.run(); });
  }

  ~EngineImpl() override {
    {
      const std::lock_guard lock(limiters_mutex_);
      for (auto& [key, limiter] : limiters_) limiter->stop();
    }
    work_.reset();
    io_.stop();
    io_thread_.join();
    // Every actor of a sync has ended by now; timers that still point at dead ones need no waiting for.
    system_.await_actors_before_shutdown(false);
  }

  asio::any_io_executor executor() override { return io_.get_executor(); }

  Limiter& limiter(std::string_view key) override {
    const std::lock_guard lock(limiters_mutex_);
    const auto found = limiters_.find(key);
    if (found != limiters_.end()) return *found->second;
    auto gate = std::make_shared<PermitGate>(options_.limit, options_.clock);
    RateLimiterConfig config;
    config.key = key;
    config.gate = gate;
    config.clock = options_.clock;
    config.log = options_.log;
    config.on_hold = [this](std::chrono::milliseconds duration) { hold(duration); };
    auto limiter =
        std::make_unique<GatedLimiter>(std::move(gate), system_.spawn(rate_limiter, std::move(config)));
    return *limiters_.emplace(std::string(key), std::move(limiter)).first->second;
  }

  std::vector<LimitUse> limit_use() const override {
    std::vector<LimitUse> result;
    const std::lock_guard lock(limiters_mutex_);
    for (const auto& [key, limiter] : limiters_) result.emplace_back(key, limiter->use());
    return result;
  }

  SyncOutcome run_sync(const SyncJob& asked) override {
    SyncOutcome outcome;
    SyncJob job = asked;
    if (!job.external.path.empty()) {
      outcome.status = open_external(job);
      if (!outcome.status.ok()) return outcome;
    }
    absl::StatusOr<OpenedRun> run = open_run(job, *options_.clock, *options_.entropy, *options_.log);
    if (!run.ok()) {
      outcome.status = run.status();
      return outcome;
    }
    if (run->already_exported) {
      outcome.summary.sync_id = run->header.sync_id();
      outcome.summary.path = job.path;
      outcome.summary.warnings.push_back(
          "an earlier process wrote this sync already; only its run directory was left");
      return outcome;
    }
    return drive(job, std::move(*run));
  }

  void stop() override {
    const std::lock_guard lock(stop_mutex_);
    stopped_ = true;
    if (coordinator_) caf::anon_send(*coordinator_, stop_atom_v, interrupted());
  }

 private:
  static SharedStatus interrupted() { return SharedStatus(absl::CancelledError("interrupted")); }

  /// Nothing can be asked of the service for so long, which is no sign that it is gone.
  void hold(std::chrono::milliseconds duration) {
    const std::lock_guard lock(stop_mutex_);
    if (!coordinator_) return;
    caf::anon_send(*coordinator_, hold_atom_v,
                   static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)));
  }

  /// What of the external sync decides the run: its types, and which sync it is.
  absl::Status open_external(SyncJob& job) {
    absl::StatusOr<ExternalSource> source = ExternalSource::open(job.external);
    if (!source.ok()) return source.status();
    job.options.external_types = source->types();
    job.configuration["external-resource-c1z"] = source->sync_id();
    external_ = std::make_shared<ExternalSource>(*std::move(source));
    return absl::OkStatus();
  }

  SyncActors spawn_actors(const SyncJob& job, const OpenedRun& run, const std::shared_ptr<StopFlag>& stop,
                          const std::shared_ptr<CallStatistics>& statistics,
                          const CoordinatorActor& coordinator) {
    SyncActors actors;
    if (external_) {
      ImporterConfig import;
      import.store = run.store;
      import.source = external_;
      import.stop = stop;
      import.clock = options_.clock;
      import.log = options_.log;
      actors.importer = system_.spawn<caf::detached>(external_importer, std::move(import));
    }
    FetcherConfig fetch;
    auto context =
        std::make_shared<FetchContext>(job.connector, options_.clock, options_.log, run.header.sync_id());
    context->statistics = statistics;
    fetch.context = std::move(context);
    fetch.executor = executor();
    fetch.first_rules = std::make_shared<const sync::AdmissionRules>(job.options, nullptr);
    actors.fetcher = system_.spawn(fetcher, std::move(fetch));
    std::uint64_t known = 0;
    for (const auto& count : run.store->pending()) known += count.count;
    ProgressConfig show;
    show.display = job.display;
    show.clock = options_.clock;
    show.known_cursors = known;
    show.limit_use = [this] { return limit_use(); };
    actors.progress = system_.spawn(progress, std::move(show));
    WriterConfig write;
    write.store = run.store;
    write.coordinator = coordinator;
    write.progress = actors.progress;
    write.clock = options_.clock;
    write.log = options_.log;
    actors.writer = system_.spawn<caf::detached>(writer, std::move(write));
    ExpanderConfig expand;
    expand.store = run.store;
    expand.mode = job.options.expansion;
    expand.max_rows = job.max_expanded_grants;
    expand.stop = stop;
    expand.clock = options_.clock;
    expand.log = options_.log;
    actors.expander = system_.spawn<caf::detached>(grant_expander, std::move(expand));
    ExporterConfig exporting;
    exporting.store = run.store;
    exporting.path = job.path;
    exporting.directory = job.directory;
    exporting.version = job.file_version;
    exporting.write_method = job.write_method;
    exporting.retention = job.retention;
    exporting.options = job.options;
    exporting.stop = stop;
    exporting.at_step = job.at_step;
    exporting.clock = options_.clock;
    exporting.log = options_.log;
    actors.exporter = system_.spawn<caf::detached>(exporter, std::move(exporting));
    return actors;
  }

  SyncOutcome drive(const SyncJob& job, OpenedRun run) {
    SyncActors actors;
    CoordinatorConfig config;
    config.options = job.options;
    config.header = run.header;
    config.counters = run.store->counters();
    config.pending = run.store->pending();
    config.resumed = run.resumed;
    config.slots = job.workers == 0 ? kAutomaticWorkers : job.workers;
    config.grace = job.grace;
    config.give_up_after = job.give_up_after;
    config.run_duration = job.run_duration;
    config.connector = job.connector;
    config.clock = options_.clock;
    config.entropy = options_.entropy;
    config.log = options_.log;
    const auto statistics = std::make_shared<CallStatistics>();
    config.spawn_actors = [&, stop = config.stop_flag](CoordinatorActor handle) {
      return actors = spawn_actors(job, run, stop, statistics, handle);
    };
    caf::scoped_actor self{system_};
    auto handle = system_.spawn(coordinator, std::move(config));
    {
      const std::lock_guard lock(stop_mutex_);
      coordinator_ = handle;
    }
    SyncOutcome outcome;
    auto answer = self->request(handle, caf::infinite, run_atom_v);
    if (stopped_) caf::anon_send(handle, stop_atom_v, interrupted());
    answer.receive([&](const Shared<SyncOutcome>& result) { outcome = *result; },
                   [&](const caf::error& error) {
                     outcome.status = absl::InternalError("the coordinator died: " + system_.render(error));
                     outcome.resumable = true;
                     end(actors);
                   });
    {
      const std::lock_guard lock(stop_mutex_);
      coordinator_.reset();
    }
    // Detached actors own threads and the store: they must be gone before the store closes.
    self->wait_for(handle);
    if (actors.writer) {
      self->wait_for(actors.writer, actors.expander, actors.exporter, actors.fetcher, actors.progress);
    }
    if (actors.importer) self->wait_for(actors.importer);
    statistics->copy_to(outcome.summary);
    if (!outcome.status.ok() && !outcome.resumable) forget(run, job.directory);
    return outcome;
  }

  /// For a coordinator that could not do it itself.
  static void end(const SyncActors& actors) {
    if (!actors.writer) return;
    for (const caf::actor& actor :
         {caf::actor_cast<caf::actor>(actors.fetcher), caf::actor_cast<caf::actor>(actors.writer),
          caf::actor_cast<caf::actor>(actors.expander), caf::actor_cast<caf::actor>(actors.exporter),
          caf::actor_cast<caf::actor>(actors.progress)}) {
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    }
    if (actors.importer) caf::anon_send_exit(actors.importer, caf::exit_reason::kill);
  }

  /// Nothing was collected: no directory stays behind to be wondered about.
  void forget(OpenedRun& run, const std::string& directory) {
    absl::Status gone = run.store->close();
    if (gone.ok()) gone = storage::remove_store(directory);
    if (!gone.ok()) {
      options_.log->write(LogLevel::kWarn, "sync.run", "an empty run directory could not be removed",
                          {{"directory", directory}, {"error", std::string(gone.message())}});
    }
  }

  Options options_;
  std::shared_ptr<ExternalSource> external_;
  ActorConfig config_;
  caf::actor_system system_{config_};
  mutable std::mutex limiters_mutex_;
  std::map<std::string, std::unique_ptr<GatedLimiter>, std::less<>> limiters_;
  std::mutex stop_mutex_;
  std::optional<CoordinatorActor> coordinator_;
  std::atomic<bool> stopped_{false};
  // After the actor system: handles in its queues go first.
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::thread io_thread_;
};

}  // namespace

std::unique_ptr<Engine> Engine::create(Options options) {
  return std::make_unique<EngineImpl>(std::move(options));
}

}  // namespace baton::actors
