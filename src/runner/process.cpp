#include <cstdio>
#include <exception>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>
#include <boost/asio/post.hpp>

#include "actors/engine.hpp"
#include "base/exit_code.hpp"
#include "base/hash.hpp"
#include "base/redact.hpp"
#include "runner/command_line.hpp"
#include "runner/console.hpp"
#include "runner/line_progress.hpp"
#include "runner/log_spdlog.hpp"
#include "runner/permit_adapter.hpp"
#include "runner/process.hpp"
#include "runner/request_lines.hpp"
#include "runner/run_connector.hpp"
#include "runner/signals.hpp"
#include "runner/status.hpp"
#include "runner/summary.hpp"
#include "runner/summary_json.hpp"
#include "runner/terminal_progress.hpp"
#include "sdk/bid.hpp"

namespace baton::runner {
namespace {

namespace fs = std::filesystem;

class EngineRuntime final : public ConnectorRuntime {
 public:
  EngineRuntime(actors::Engine& engine, std::shared_ptr<const Clock> clock, std::shared_ptr<Entropy> entropy,
                std::shared_ptr<Log> log)
      : engine_(engine),
        clock_(std::move(clock)),
        entropy_(std::move(entropy)),
        log_(std::move(log)),
        permits_(engine_, *clock_),
        requests_(log_) {}

  boost::asio::any_io_executor executor() override { return engine_.executor(); }
  http::PermitSource& permits() override { return permits_; }
  http::RequestLog* request_log() override { return log_->enabled(LogLevel::kDebug) ? &requests_ : nullptr; }
  const Clock& clock() const override { return *clock_; }
  Entropy& entropy() override { return *entropy_; }
  Log& log() override { return *log_; }
  void count(const http::ClientCounters& counters) override { counters_.push_back(&counters); }

  PermitAdapter& permit_adapter() { return permits_; }
  /// While the connector lives.
  RequestTotals totals() const {
    RequestTotals totals;
    for (const http::ClientCounters* counters : counters_) totals.add(*counters);
    return totals;
  }

 private:
  actors::Engine& engine_;
  std::shared_ptr<const Clock> clock_;
  std::shared_ptr<Entropy> entropy_;
  std::shared_ptr<Log> log_;
  PermitAdapter permits_;
  RequestLines requests_;
  std::vector<const http::ClientCounters*> counters_;
};

/// What a signal stops: nothing yet, or a running sync.
class StopSwitch {
 public:
  explicit StopSwitch(Console& console) : console_(console) {}

  /// From the thread of the signals.
  void pull() {
    console_.write("stopping: what is in flight may end; a second signal ends at once");
    const std::lock_guard lock(mutex_);
    pulled_ = true;
    stop();
  }
  /// From here on, and at once if the signal came already.
  void connect(actors::Engine& engine, PermitAdapter& permits) {
    const std::lock_guard lock(mutex_);
    engine_ = &engine;
    permits_ = &permits;
    if (pulled_) stop();
  }
  void disconnect() {
    const std::lock_guard lock(mutex_);
    engine_ = nullptr;
    permits_ = nullptr;
  }

 private:
  void stop() {
    // In this order: cursors whose permits are refused must find a sync that is stopping.
    if (engine_ != nullptr) engine_->stop();
    if (permits_ != nullptr) permits_->refuse();
  }

  Console& console_;
  std::mutex mutex_;
  bool pulled_ = false;
  actors::Engine* engine_ = nullptr;
  PermitAdapter* permits_ = nullptr;
};

/// One line, whatever the message holds.
std::string one_line(const absl::Status& status) {
  const std::string line = scrub(std::string(status.message()), 4096);
  return line.empty() ? std::string(absl::StatusCodeToString(status.code())) : line;
}

int print(const std::string& text) {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? 0 : exit_code(absl::UnknownError(""));
}

/// An author's code may throw.
absl::StatusOr<std::shared_ptr<sdk::Connector>> make_connector(const ConnectorProgram& program,
                                                               const sdk::Config& config,
                                                               ConnectorRuntime& runtime) {
  try {
    auto connector = program.make(config, runtime);
    if (connector.ok() && *connector == nullptr) return absl::InternalError("the connector was not made");
    return connector;
  } catch (const std::exception& error) {
    return absl::InternalError(std::string("making the connector failed: ") + error.what());
  }
}

/// Destroys the connector on its executor, where its HTTP clients want to be when they close. Calls that a
/// stop left behind keep it for longer; they end with the engine.
void destroy_on_executor(actors::Engine& engine, std::shared_ptr<sdk::Connector> connector) {
  std::promise<void> done;
  boost::asio::post(engine.executor(), [&done, connector = std::move(connector)]() mutable {
    connector.reset();
    done.set_value();
  });
  done.get_future().wait();
}

LogOptions log_options(const Settings& settings) {
  LogOptions options;
  options.level = settings.log_level;
  options.paths = settings.log_paths;
  options.json = settings.log_format == LogFormat::kJson ||
                 (settings.log_format == LogFormat::kAutomatic && ::isatty(STDERR_FILENO) != 1);
  return options;
}

/// Of an identifier that was checked when the settings were read.
sync::ResourceTarget target_of(const std::string& bid) {
  const absl::StatusOr<c1::connector::v2::Resource> resource = sdk::parse_resource_bid(bid);
  if (!resource.ok()) return sync::ResourceTarget();
  const auto& id = resource->id();
  const auto& parent = resource->parent_resource_id();
  return sync::ResourceTarget(id.resource_type(), id.resource(), parent.resource_type(), parent.resource());
}

actors::SyncJob make_job(const ConnectorProgram& program, const Invocation& invocation) {
  const Settings& settings = invocation.settings;
  actors::SyncJob job;
  job.connector_name = program.name;
  job.connector_version = program.version;
  job.options.resource_types = settings.resource_types;
  job.options.skip_entitlements_and_grants = settings.skip_entitlements_and_grants;
  job.options.skip_grants = settings.skip_grants;
  job.options.skip_full_sync = settings.skip_full_sync;
  job.options.expansion = sync::expansion_mode(settings.expansion);
  job.max_expanded_grants = settings.max_expanded_grants;
  job.options.targeted = !settings.sync_resources.empty();
  for (const std::string& bid : settings.sync_resources) job.options.targets.push_back(target_of(bid));
  job.options.require_all_types = settings.require_all_types;
  job.options.strict_invariants = settings.strict_invariants;
  job.external.path = settings.external_file;
  job.external.entitlement_id = settings.external_entitlement;
  if (!settings.external_traits.empty()) {
    job.external.traits.clear();
    for (const std::string& name : settings.external_traits) {
      // Checked when the settings were read.
      if (const auto trait = sync::trait_from_name(name); trait.ok()) job.external.traits.insert(*trait);
    }
  }
  job.run_duration = settings.run_duration;
  job.configuration = run_configuration(program, invocation.config, settings);
  job.path = settings.file;
  job.file_version = settings.file_version;
  job.write_method = settings.write_method;
  job.retention = settings.retention;
  job.directory = run_directory(settings);
  job.restart = settings.restart;
  job.resume_max_age = settings.resume_max_age;
  job.workers = settings.workers.value_or(0);
  job.grace = settings.shutdown_grace;
  job.give_up_after = settings.give_up_after;
  return job;
}

std::unique_ptr<actors::Engine> make_engine(const Settings& settings, std::shared_ptr<const Clock> clock,
                                            std::shared_ptr<Entropy> entropy, std::shared_ptr<Log> log) {
  actors::Engine::Options options;
  options.clock = std::move(clock);
  options.entropy = std::move(entropy);
  options.log = std::move(log);
  options.limit.concurrency = settings.max_concurrency;
  options.limit.requests_per_second = settings.requests_per_second;
  return actors::Engine::create(std::move(options));
}

/// Prints how the sync ended; the last line is the one that counts.
void tell(Console& console, const actors::SyncOutcome& outcome, const RequestTotals& totals,
          const std::string& directory) {
  const actors::SyncSummary& summary = outcome.summary;
  // A sync that ended before it began (no such host, another configuration) has nothing to sum up.
  if (outcome.status.ok() || summary.pages > 0 || summary.resumed) {
    console.write(summary_text(outcome, totals));
  }
  if (outcome.status.ok()) return;
  console.write(one_line(outcome.status));
  // The error itself says so where the same command would only come to it again.
  if (outcome.resumable && !outcome.only_restart) {
    console.write("everything collected is kept in " + scrub(directory, 4096) +
                  "; run the same command again to go on");
  }
}

int run_once(const ConnectorProgram& program, const Invocation& invocation, Console& console,
             StopSwitch& stop) {
  const Settings& settings = invocation.settings;
  const auto clock = std::make_shared<SystemClock>();
  const auto entropy = std::make_shared<SystemEntropy>();
  const absl::StatusOr<std::shared_ptr<Log>> log = open_log(log_options(settings), console, *clock);
  if (!log.ok()) {
    console.write(one_line(log.status()));
    return exit_code(log.status());
  }
  std::unique_ptr<actors::Engine> engine = make_engine(settings, clock, entropy, *log);
  EngineRuntime runtime(*engine, clock, entropy, *log);
  absl::StatusOr<std::shared_ptr<sdk::Connector>> connector =
      make_connector(program, invocation.config, runtime);

  actors::SyncOutcome outcome;
  RequestTotals totals;
  actors::SyncJob job = make_job(program, invocation);
  outcome.status = connector.status();
  if (connector.ok()) {
    job.connector = *connector;
    if (console.is_terminal()) {
      job.display = std::make_shared<TerminalProgress>(console);
    } else {
      job.display = std::make_shared<LineProgress>(*log);
    }
    stop.connect(*engine, runtime.permit_adapter());
    outcome = engine->run_sync(job);
    stop.disconnect();
    job.display.reset();
    console.set_bar("");
    totals = runtime.totals();
    totals.limits = engine->limit_use();
    job.connector.reset();
    destroy_on_executor(*engine, *std::move(connector));
  }
  // Suspended coroutines may still own clients and permits: they go with the engine, before the runtime.
  runtime.permit_adapter().close();
  engine.reset();

  if (!settings.summary_json.empty()) {
    absl::Status written = write_summary_json(settings.summary_json, outcome, totals);
    if (!written.ok()) (*log)->write(LogLevel::kWarn, "runner", std::string(written.message()), {});
  }
  tell(console, outcome, totals, job.directory);
  return exit_code(outcome.status);
}

}  // namespace

sync::RunConfiguration run_configuration(const ConnectorProgram& program, const sdk::Config& config,
                                         const Settings& settings) {
  sync::RunConfiguration configuration = config.identity();
  const auto word = [](bool value) { return value ? "true" : "false"; };
  const auto joined = [](const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& one : words) text += (text.empty() ? "" : ",") + one;
    return text;
  };
  // A space keeps this apart from the name of any field.
  configuration["connector name"] = program.name;
  configuration["sync-resource-types"] = joined(settings.resource_types);
  configuration["sync-resources"] = joined(settings.sync_resources);
  // The engine adds which sync the external file holds.
  configuration["external-resource-entitlement-id-filter"] = settings.external_entitlement;
  configuration["external-resource-traits"] = joined(settings.external_traits);
  configuration["require-all-types"] = word(settings.require_all_types);
  configuration["skip-full-sync"] = word(settings.skip_full_sync);
  configuration["skip-entitlements-and-grants"] = word(settings.skip_entitlements_and_grants);
  configuration["skip-grants"] = word(settings.skip_grants);
  configuration["expansion"] = settings.expansion;
  return configuration;
}

std::string run_directory(const Settings& settings) {
  if (settings.state_dir.empty()) return settings.file + ".sync";
  std::error_code error;
  fs::path file = fs::absolute(settings.file, error).lexically_normal();
  if (error) file = settings.file;
  char tag[17];
  std::snprintf(tag, sizeof tag, "%016llx", static_cast<unsigned long long>(hash64(file.string())));
  const std::string name = file.filename().string() + "-" + std::string(tag, 8) + ".sync";
  return (fs::path(settings.state_dir) / name).string();
}

int run_connector(int argc, char** argv, const ConnectorProgram& program) {
  Console console(STDERR_FILENO);
  StopSwitch stop(console);
  const Signals signals([&stop] { stop.pull(); });
  try {
    const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    const absl::StatusOr<Invocation> invocation =
        read_command_line(program, arguments, process_environment(), ".");
    if (!invocation.ok()) {
      console.write(one_line(invocation.status()));
      return exit_code(invocation.status());
    }
    if (invocation->kind == Invocation::Kind::kStatus) {
      const auto text =
          run_status("baton-" + program.name, invocation->settings, SystemClock(), invocation->json);
      if (text.ok()) return print(*text);
      console.write(one_line(text.status()));
      return exit_code(text.status());
    }
    if (invocation->kind != Invocation::Kind::kSync) return print(invocation->text);
    return run_once(program, *invocation, console, stop);
  } catch (const std::exception& error) {
    const absl::Status status = absl::InternalError(std::string("unexpected: ") + error.what());
    console.write(one_line(status));
    return exit_code(status);
  }
}

}  // namespace baton::runner
